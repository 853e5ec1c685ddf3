package store

import (
	"archive/tar"
	"context"
	"io"
)

// position is how far somebody has read a stream.
type position struct {
	read int64 // bytes
	err  error // the stream's own, since archive/tar wraps or replaces it
}

// blame tells a stream that failed from an archive that is damaged.
func (p *position) blame(err error) error {
	switch {
	case p.err != nil && p.err != io.EOF:
		return p.err
	case err == io.EOF:
		return err
	case err == io.ErrUnexpectedEOF:
		return &ArchiveError{Reason: "is truncated"}
	}
	return err
}

// tap lies between the stream and archive/tar, which reads no byte ahead. What
// passes is written into the skeleton literally, but for the content of
// regular files, which is in the tree.
type tap struct {
	position
	chunks   *chunks
	skeleton *skeletonWriter

	// While lending, Read copies nothing: it leaves the bytes here, and tells
	// archive/tar that it has read them. That only counts content bytes, and
	// never looks at them. It saves copying the whole image once.
	lending bool
	lent    []byte
}

func (t *tap) Read(p []byte) (int, error) {
	b, err := t.chunks.next(len(p))
	if err != nil {
		t.err = err
		return 0, err
	}
	t.read += int64(len(b))
	if t.lending {
		t.skeleton.content(b)
		t.lent = b
		return len(b), nil
	}
	copy(p, b)
	return len(b), t.skeleton.literal(b)
}

// drain lets pass what follows the archive's end, to the end of the stream.
func (t *tap) drain() error {
	for {
		b, err := t.chunks.next(chunkSize)
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = t.skeleton.literal(b)
		}
		if err != nil {
			return err
		}
	}
}

// content is the content of the entry that the tar reader is at.
type content struct {
	tap *tap
	tar *tar.Reader
	buf []byte
	// lend is for regular files, whose bytes are passed on as they are.
	// Those of sparse files are expanded by archive/tar, and stay literal in
	// the skeleton.
	lend bool
}

// Next implements unpack.Content.
func (c *content) Next() ([]byte, error) {
	// Holes come out of nothing: no stream looks at the context meanwhile.
	if ctx := c.tap.chunks.ctx; ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	c.tap.lending = c.lend
	n, err := c.tar.Read(c.buf)
	c.tap.lending = false
	if n == 0 && err != nil {
		return nil, c.tap.blame(err)
	}
	if c.lend {
		return c.tap.lent, nil
	}
	return c.buf[:n], nil
}
