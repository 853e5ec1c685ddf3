package store

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"context"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/mikelolasagasti/xz"

	"github.com/podtui/podtui/store/gunzip"
)

// formats are the compressions that are told by how they begin.
var formats = []struct {
	name  string
	magic string
	open  func(r io.Reader, window int64) (io.ReadCloser, error)
}{
	{"gzip", "\x1f\x8b", openGzip},
	{"bzip2", "BZh", openBzip2},
	{"xz", "\xfd7zXZ\x00", openXZ},
	{"zstd", "\x28\xb5\x2f\xfd", openZstd},
	{"zstd", "\x50\x2a\x4d\x18", openZstd}, // a frame to be skipped first
}

// decompressor reads the uncompressed archive, whatever its compression. Its
// errors say whose fault they are: *ArchiveError if it is the archive's, the
// source's own error otherwise.
type decompressor struct {
	source *source
	format string // "" if it is not compressed
	window int64  // of the windows' memory, what it has
	in     io.ReadCloser
}

// decompress tells the compression of r by its first bytes. It may have to wait
// for memory.
func decompress(ctx context.Context, r io.Reader) (*decompressor, error) {
	d := &decompressor{source: &source{r: r}}
	buffered := bufio.NewReaderSize(d.source, 128<<10)
	begin, err := buffered.Peek(zstd.HeaderMaxSize)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if len(begin) == 0 {
		return nil, &ArchiveError{Reason: "is empty"}
	}
	d.in = io.NopCloser(buffered)
	for _, f := range formats {
		if !bytes.HasPrefix(begin, []byte(f.magic)) {
			continue
		}
		d.format = f.name
		if d.window, err = takeWindow(ctx, f.name, begin); err != nil {
			return nil, err
		}
		if d.in, err = f.open(buffered, d.window); err != nil {
			giveWindow(d.window)
			return nil, d.blame(err)
		}
		break
	}
	return d, nil
}

func (d *decompressor) Read(p []byte) (int, error) {
	n, err := d.in.Read(p)
	if err != nil && err != io.EOF {
		err = d.blame(err)
	}
	return n, err
}

func (d *decompressor) Close() error {
	err := d.in.Close()
	d.in = nil // with its window
	giveWindow(d.window)
	return err
}

// blame tells a source that failed from an archive that is damaged.
func (d *decompressor) blame(err error) error {
	switch {
	case d.source.err != nil:
		return d.source.err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &ArchiveError{Reason: "is truncated"}
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, xz.ErrMemlimit):
		return tooWide(d.format, d.window)
	}
	return &ArchiveError{Reason: "is not sound " + d.format + ": " + err.Error()}
}

// source remembers its own error.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

func openGzip(r io.Reader, _ int64) (io.ReadCloser, error) {
	z, err := gunzip.NewReader(r)
	return io.NopCloser(z), err
}

func openBzip2(r io.Reader, _ int64) (io.ReadCloser, error) {
	return io.NopCloser(bzip2.NewReader(r)), nil
}

func openXZ(r io.Reader, window int64) (io.ReadCloser, error) {
	x, err := xz.NewReader(r, uint32(window))
	return io.NopCloser(x), err
}

func openZstd(r io.Reader, window int64) (io.ReadCloser, error) {
	// One at a time: what is decompressed goes through one pipeline anyway.
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(uint64(window)))
	if err != nil {
		return nil, err
	}
	return z.IOReadCloser(), nil
}
