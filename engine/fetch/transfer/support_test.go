package transfer

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/origin"
)

// stall is for tests of a stall. In all others the machine may be as slow as it
// likes.
const stall = 300 * time.Millisecond

func stalling(o *Options) { o.Stall = stall }

// testClient trusts the origin.
func testClient(t testing.TB, o *origin.Origin, change ...func(*Options)) *Client {
	t.Helper()
	options := Options{
		RootCAs: o.CAs(),
		Stall:   time.Minute,
		Backoff: func(int) time.Duration { return time.Millisecond },
	}
	for _, f := range change {
		f(&options)
	}
	c := New(options)
	t.Cleanup(c.Close)
	return c
}

// filePartial keeps a download in a file, as the store does.
type filePartial struct {
	t         testing.TB
	file      *os.File
	size      int64
	validator Validator
	restarts  int
}

func newPartial(t testing.TB) *filePartial {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "data"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return &filePartial{t: t, file: f}
}

// with puts what an earlier download has left.
func (p *filePartial) with(data []byte, v Validator) *filePartial {
	p.t.Helper()
	if err := p.SetValidator(v); err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.Write(data); err != nil {
		p.t.Fatal(err)
	}
	return p
}

func (p *filePartial) Write(b []byte) (int, error) {
	n, err := p.file.Write(b)
	p.size += int64(n)
	return n, err
}

func (p *filePartial) ReadAt(b []byte, at int64) (int, error) { return p.file.ReadAt(b, at) }
func (p *filePartial) Size() int64                            { return p.size }
func (p *filePartial) Validator() Validator                   { return p.validator }

func (p *filePartial) SetValidator(v Validator) error {
	if p.size != 0 {
		p.t.Errorf("validator %v set after %d bytes", v, p.size)
	}
	p.validator = v
	return nil
}

func (p *filePartial) Restart() error {
	p.size, p.validator = 0, Validator{}
	p.restarts++
	if _, err := p.file.Seek(0, 0); err != nil {
		return err
	}
	return p.file.Truncate(0)
}

func (p *filePartial) content() []byte {
	p.t.Helper()
	b, err := os.ReadFile(p.file.Name())
	if err != nil {
		p.t.Fatal(err)
	}
	return b
}

func (p *filePartial) wantContent(want []byte) {
	p.t.Helper()
	if got := p.content(); !bytes.Equal(got, want) {
		p.t.Errorf("%d bytes are there that are not the %d that were served", len(got), len(want))
	}
}

// noise is content that looks like none other of another seed.
func noise(size int, seed byte) []byte {
	b := make([]byte, size)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

func sha256Of(b []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(b)) }
func sha512Of(b []byte) string { return fmt.Sprintf("sha512:%x", sha512.Sum512(b)) }

// wantError looks for an error of one line that says something; "" wants none.
func wantError(t *testing.T, err error, says string) {
	t.Helper()
	switch {
	case says == "" && err != nil:
		t.Errorf("error: %v", err)
	case says != "" && err == nil:
		t.Errorf("no error, should say %q", says)
	case says != "" && (!strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n")):
		t.Errorf("error is\n  %v\nand should be one line that says\n  %s", err, says)
	}
}
