package archive

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/mikelolasagasti/xz"
)

// maxWindow bounds the memory that an archive can make a decompressor take.
const maxWindow = 128 << 20

// format is a compression, told by how it begins.
type format struct {
	name, magic string
	open        func(io.Reader) (io.ReadCloser, error)
}

func formats() []format {
	return []format{
		{"gzip", "\x1f\x8b", func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }},
		{"bzip2", "BZh", func(r io.Reader) (io.ReadCloser, error) { return io.NopCloser(bzip2.NewReader(r)), nil }},
		{"xz", "\xfd7zXZ\x00", openXZ},
		{"zstd", "\x28\xb5\x2f\xfd", openZstd},
	}
}

func openXZ(r io.Reader) (io.ReadCloser, error) {
	x, err := xz.NewReader(r, maxWindow)
	return io.NopCloser(x), err
}

func openZstd(r io.Reader) (io.ReadCloser, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, err
	}
	return z.IOReadCloser(), nil
}

// formatOf tells how r is compressed; nil: not.
func formatOf(r io.ReaderAt) *format {
	begin := make([]byte, 6)
	n, _ := r.ReadAt(begin, 0)
	for _, f := range formats() {
		if bytes.HasPrefix(begin[:n], []byte(f.magic)) {
			return &f
		}
	}
	return nil
}

// decompress makes an uncompressed tar of r, in a file that goes with its last
// descriptor, and indexes it on the way: if it turns out to be no image archive,
// most often at its first entry, no more of it is decompressed.
func decompress(ctx context.Context, r io.Reader, f format, o Options) (t tree, err error) {
	in, err := f.open(bufio.NewReaderSize(r, 128<<10))
	if err != nil {
		return nil, &NotAnArchiveError{Reason: "is not sound " + f.name}
	}
	defer in.Close()
	temp, err := unnamed(o.Temp)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			temp.Close()
		}
	}()
	k := &keeper{ctx: ctx, in: in, format: f.name, out: bufio.NewWriterSize(temp, 1<<20), most: o.MaxSize}
	entries, err := index(k)
	if err == nil {
		// To the end, where the checksum is.
		_, err = io.Copy(io.Discard, k)
	}
	if err == nil {
		err = k.out.Flush()
	}
	if err != nil {
		return nil, err
	}
	return &tarTree{content: temp, entries: entries, Closer: temp}, nil
}

// unnamed is a file that no crash leaves behind.
func unnamed(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "image-archive-")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// keeper reads what is decompressed, and keeps all that it has read.
type keeper struct {
	ctx    context.Context
	in     io.Reader
	format string
	out    *bufio.Writer
	read   int64
	most   int64
}

func (k *keeper) position() int64 { return k.read }

func (k *keeper) Read(p []byte) (int, error) {
	if err := k.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := k.in.Read(p)
	if k.read += int64(n); k.read > k.most {
		return 0, refuse("more than %d bytes when it is decompressed", k.most)
	}
	if _, err := k.out.Write(p[:n]); err != nil {
		return 0, fmt.Errorf("decompressing the image archive: %w", err)
	}
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return n, err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return n, refuse("truncated %s", k.format)
	}
	return n, refuse("not sound %s: %v", k.format, err)
}
