package archive

import (
	"context"
	"io"
	"os"
)

// section is a file that is read from its start, and knows how far.
type section struct{ *io.SectionReader }

func (s section) position() int64 {
	at, _ := s.Seek(0, io.SeekCurrent)
	return at
}

// openFile opens a tar, compressed or not.
func openFile(ctx context.Context, path string, o Options) (tree, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	whole := io.NewSectionReader(f, 0, info.Size())
	if format := formatOf(whole); format != nil {
		defer f.Close()
		return decompress(ctx, whole, *format, o)
	}
	t, err := openTar(f, whole)
	if err != nil {
		f.Close()
		return nil, err
	}
	return t, nil
}

// openTar indexes a tar that is not compressed, seeking from header to header.
func openTar(f io.Closer, whole *io.SectionReader) (*tarTree, error) {
	entries, err := index(section{whole})
	if err != nil {
		return nil, err
	}
	return &tarTree{content: whole, entries: entries, Closer: f}, nil
}
