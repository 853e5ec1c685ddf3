package archive

import (
	"io"

	"github.com/podtui/podtui/engine/fetch/oci"
)

// tree is the files of an archive by their paths, which are from its root and
// clean. No path leads out of it.
type tree interface {
	io.Closer
	// has tells whether something of that name is there, whatever it is.
	has(name string) bool
	// open opens a regular file.
	open(name string) (*file, error)
}

// file is an open one. Its size is what it was when it was opened; the reader
// ends there at the latest.
type file struct {
	*io.SectionReader
	io.Closer
}

// nothing closes what doesn't need it.
type nothing struct{}

func (nothing) Close() error { return nil }

// readDocument reads a small file whole.
func readDocument(t tree, name string) ([]byte, error) {
	f, err := t.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if f.Size() > oci.MaxDocument {
		return nil, refuse("%s has %d bytes; at most %d are taken", show(name), f.Size(), oci.MaxDocument)
	}
	return f.whole(name)
}

// whole reads a small file to its end.
func (f *file) whole(name string) ([]byte, error) {
	raw := make([]byte, f.Size())
	if _, err := io.ReadFull(f, raw); err != nil {
		return nil, refuse("%s can't be read: %v", show(name), reason(err))
	}
	return raw, nil
}
