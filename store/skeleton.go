package store

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// A skeleton is an archive without what the layer's files hold anyway: headers,
// padding, the manifest, whatever follows the end. With the tree beside it, it
// gives the identical archive back. It is a zstd stream of parts:
//
//	literal  uvarint length<<1,   then so many bytes
//	file     uvarint length<<1|1, uvarint length of path, path from rootfs
//
// Nothing in it is trusted when it is read: paths are resolved inside the tree,
// and what comes out must have the image's hash.
type skeletonWriter struct {
	out     *bufio.Writer
	z       *zstd.Encoder
	pending []byte // literal bytes that wait for more of their kind
	err     error
}

func newSkeletonWriter(w io.Writer) (*skeletonWriter, error) {
	z, err := zstd.NewWriter(w,
		zstd.WithEncoderLevel(zstd.SpeedFastest), // headers are alike: even so they shrink to a tenth
		zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(256<<10))
	if err != nil {
		return nil, err
	}
	return &skeletonWriter{out: bufio.NewWriterSize(z, 64<<10), z: z}, nil
}

// literal adds bytes as they are.
func (s *skeletonWriter) literal(p []byte) error {
	s.pending = append(s.pending, p...)
	if len(s.pending) >= 32<<10 {
		s.flush()
	}
	return s.err
}

// file adds the content of a file of the tree.
func (s *skeletonWriter) file(path string, size int64) error {
	s.flush()
	s.uvarint(uint64(size)<<1 | 1)
	s.uvarint(uint64(len(path)))
	s.write([]byte(path))
	return s.err
}

func (s *skeletonWriter) flush() {
	if len(s.pending) == 0 {
		return
	}
	s.uvarint(uint64(len(s.pending)) << 1)
	s.write(s.pending)
	s.pending = s.pending[:0]
}

func (s *skeletonWriter) uvarint(n uint64) { s.write(binary.AppendUvarint(nil, n)) }

func (s *skeletonWriter) write(p []byte) {
	if s.err == nil {
		_, s.err = s.out.Write(p)
	}
}

// close writes what is left. The writer below stays open.
func (s *skeletonWriter) close() error {
	s.flush()
	if s.err == nil {
		s.err = s.out.Flush()
	}
	return also(s.err, s.z.Close())
}

// part is one part of a skeleton: literal bytes, or a file.
type part struct {
	length  int64
	path    string    // of a file
	literal io.Reader // nil for a file; to be read before the next part
}

const maxPartPath = 4096

type skeletonReader struct {
	z  *zstd.Decoder
	in *bufio.Reader
}

func newSkeletonReader(r io.Reader) (*skeletonReader, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(1<<20))
	if err != nil {
		return nil, err
	}
	return &skeletonReader{z: z, in: bufio.NewReader(z)}, nil
}

func (s *skeletonReader) close() { s.z.Close() }

// next returns the next part, or io.EOF after the last.
func (s *skeletonReader) next() (part, error) {
	head, err := binary.ReadUvarint(s.in)
	if err != nil {
		return part{}, err
	}
	length := int64(head >> 1)
	if head&1 == 0 {
		return part{length: length, literal: io.LimitReader(s.in, length)}, nil
	}
	n, err := binary.ReadUvarint(s.in)
	if err != nil || n > maxPartPath {
		return part{}, fmt.Errorf("a path can't be read: %w", also(err, io.ErrUnexpectedEOF))
	}
	path := make([]byte, n)
	_, err = io.ReadFull(s.in, path)
	return part{length: length, path: string(path)}, err
}
