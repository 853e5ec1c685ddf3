package openpgp

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/sha512"
	"encoding"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash"
	"strings"
	"sync"
)

// digests are those that are kept, in the order of a State.
func digests() [3]hash.Hash { return [3]hash.Hash{sha256.New(), sha512.New384(), sha512.New()} }

// place is where a State has a digest, or -1.
func place(h crypto.Hash) int {
	switch h {
	case crypto.SHA256:
		return 0
	case crypto.SHA384:
		return 1
	case crypto.SHA512:
		return 2
	}
	return -1
}

// Hashes are the digests of what is written to them. The zero value is not usable.
type Hashes struct {
	digests [3]hash.Hash // nil: not kept
}

// NewHashes has all digests, for bytes of which it isn't known who will sign them.
// The three together cost several times what SHA-256 does.
func NewHashes() *Hashes { return &Hashes{digests()} }

// NewHashes has SHA-256, by which bytes are known again, and the digests that these
// signatures are made with, and no others.
func (s *Signatures) NewHashes() *Hashes {
	all := NewHashes()
	wanted := [len(all.digests)]bool{true}
	for _, sig := range s.list {
		if sig.refused == nil {
			wanted[place(sig.packet.Hash)] = true
		}
	}
	for i := range all.digests {
		if !wanted[i] {
			all.digests[i] = nil
		}
	}
	return all
}

// parallelFrom is from how many bytes on a goroutine for each digest pays. Who
// wants it to should write 64 KiB or more at once.
const parallelFrom = 16 << 10

// Write hashes p. It doesn't fail, and nothing of it goes on after it returns.
func (h *Hashes) Write(p []byte) (int, error) {
	if len(p) < parallelFrom {
		for _, digest := range h.digests {
			if digest != nil {
				digest.Write(p)
			}
		}
		return len(p), nil
	}
	var others sync.WaitGroup
	for _, digest := range h.digests[1:] {
		if digest != nil {
			others.Go(func() { digest.Write(p) })
		}
	}
	h.digests[0].Write(p)
	others.Wait()
	return len(p), nil
}

// State is what was written so far. More may be written afterwards.
func (h *Hashes) State() State {
	var s State
	for i, digest := range h.digests {
		if digest != nil {
			s.states[i] = stateOf(digest)
		}
	}
	return s
}

func stateOf(digest hash.Hash) string {
	state, err := digest.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		panic(err) // those of the standard library never fail
	}
	return string(state)
}

// State is what the digests had become after some bytes: enough to check any
// signature of these bytes, and much less than them. Two states are equal (==) if
// they are of the same bytes and have the same digests. It is written as text, and
// the zero value, of nothing, can't be.
type State struct {
	states [3]string // as the standard library writes them; "": not kept
}

// SHA256 is the digest of the bytes, by which to know them again.
func (s State) SHA256() (sum [32]byte) {
	if h := s.resume(crypto.SHA256); h != nil {
		h.Sum(sum[:0])
	}
	return sum
}

// resume is a digest as it was after the bytes, or nil if that was not kept.
func (s State) resume(which crypto.Hash) hash.Hash {
	i := place(which)
	if i < 0 || s.states[i] == "" {
		return nil
	}
	digest := digests()[i]
	if digest.(encoding.BinaryUnmarshaler).UnmarshalBinary([]byte(s.states[i])) != nil {
		return nil
	}
	return digest
}

// version starts the text of a State.
const version = "1"

// MarshalText writes the version and the states, apart by dots.
func (s State) MarshalText() ([]byte, error) {
	if s.states[0] == "" {
		return nil, errors.New("hash states of nothing")
	}
	parts := []string{version}
	for _, state := range s.states {
		parts = append(parts, base64.RawStdEncoding.EncodeToString([]byte(state)))
	}
	return []byte(strings.Join(parts, ".")), nil
}

// errState is a text that MarshalText hasn't written.
var errState = errors.New("not the hash states of an image")

// UnmarshalText reads what MarshalText has written, and nothing else.
func (s *State) UnmarshalText(text []byte) error {
	parts := strings.Split(string(text[:min(len(text), maxState)]), ".")
	// The decoder would pass over ends of lines.
	if len(text) > maxState || len(parts) != 1+len(s.states) || bytes.ContainsAny(text, "\r\n") {
		return errState
	}
	if parts[0] != version {
		return errors.New("hash states of an unknown version")
	}
	var read State
	for i, digest := range digests() {
		state, err := base64.RawStdEncoding.Strict().DecodeString(parts[1+i])
		if err != nil || !whole(digest, state) {
			return errState
		}
		read.states[i] = string(state)
	}
	if !read.agree() {
		return errState
	}
	*s = read
	return nil
}

// maxState is longer than any state is.
const maxState = 1 << 10

// whole reports whether a state is exactly as this digest writes it. That leaves
// out one that has something behind the bytes that wait for their block.
func whole(digest hash.Hash, state []byte) bool {
	return len(state) == 0 ||
		digest.(encoding.BinaryUnmarshaler).UnmarshalBinary(state) == nil && stateOf(digest) == string(state)
}

// agree reports whether the states can be of the same bytes: SHA-256 is there, and
// all have seen as many bytes, which is what each ends with.
func (s State) agree() bool {
	if s.states[0] == "" {
		return false
	}
	length := func(state string) uint64 { return binary.BigEndian.Uint64([]byte(state[len(state)-8:])) }
	for _, state := range s.states[1:] {
		if state != "" && length(state) != length(s.states[0]) {
			return false
		}
	}
	return true
}
