package transfer

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strings"
)

// hasher hashes what is downloaded, with the algorithm of the digest that is
// wanted; with none it does nothing.
type hasher struct {
	name string
	hash hash.Hash
}

func newHasher(digest string) (*hasher, error) {
	name, value, _ := strings.Cut(digest, ":")
	h := &hasher{name: name}
	switch name {
	case "":
		return h, nil
	case "sha256":
		h.hash = sha256.New()
	case "sha512":
		h.hash = sha512.New()
	default:
		return nil, fmt.Errorf("digest %q: is neither sha256:… nor sha512:…", brief(digest))
	}
	if b, err := hex.DecodeString(value); err != nil || len(b) != h.hash.Size() || strings.ToLower(value) != value {
		return nil, fmt.Errorf("digest %q: has not %d lower-case hex digits", brief(digest), 2*h.hash.Size())
	}
	return h, nil
}

func (h *hasher) Write(b []byte) {
	if h.hash != nil {
		h.hash.Write(b)
	}
}

func (h *hasher) reset() {
	if h.hash != nil {
		h.hash.Reset()
	}
}

// again hashes what is there from an earlier time.
func (h *hasher) again(p io.ReaderAt, size int64) error {
	if h.hash == nil {
		return nil
	}
	buffer := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buffer)
	n, err := io.CopyBuffer(struct{ io.Writer }{h.hash}, struct{ io.Reader }{io.NewSectionReader(p, 0, size)}, buffer[:])
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func (h *hasher) sum() string { return h.name + ":" + hex.EncodeToString(h.hash.Sum(nil)) }
