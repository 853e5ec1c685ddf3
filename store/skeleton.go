package store

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/zstd"
)

// A skeleton is an archive without what the layer's files hold anyway: headers,
// padding, the manifest, whatever follows the end. With the tree beside it, it
// gives the identical archive back. It is a zstd stream of parts:
//
//	literal  uvarint length<<1,   then so many bytes
//	file     uvarint length<<1|1, uvarint length of path<<1|1, path from rootfs,
//	         4 bytes: the CRC-32C of the content, little endian
//
// The checksum is there to name the file that is wrong where the whole no
// longer has its hash. Without its bit the length of a path has no checksum
// behind it. A skeleton begins with an empty literal; one that does not is of
// format 1, where lengths of paths have no such bit.
//
// Nothing in it is trusted when it is read: paths are resolved inside the tree,
// and what comes out must have the image's hash.
type skeletonWriter struct {
	out     *bufio.Writer
	z       *zstd.Encoder
	pending []byte   // literal bytes that wait for more of their kind
	sum     checksum // of the content that was passed since the last file
	err     error
}

// checksum is that of a file's content; known says that there is one.
type checksum struct {
	crc   uint32
	known bool
}

// castagnoli is what processors compute in hardware, faster than memory is read.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

func (c checksum) add(p []byte) checksum {
	return checksum{crc: crc32.Update(c.crc, castagnoli(), p), known: true}
}

func newSkeletonWriter(w io.Writer) (*skeletonWriter, error) {
	z, err := zstd.NewWriter(w,
		zstd.WithEncoderLevel(zstd.SpeedFastest), // headers are alike: even so they shrink to a tenth
		zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(256<<10))
	if err != nil {
		return nil, err
	}
	s := &skeletonWriter{out: bufio.NewWriterSize(z, 64<<10), z: z}
	s.uvarint(0) // the empty literal
	return s, nil
}

// literal adds bytes as they are.
func (s *skeletonWriter) literal(p []byte) error {
	s.pending = append(s.pending, p...)
	if len(s.pending) >= 32<<10 {
		s.flush()
	}
	return s.err
}

// content is told what the next file's content is, in pieces.
func (s *skeletonWriter) content(p []byte) { s.sum = s.sum.add(p) }

// file adds a file of the tree, with the content that was told before.
func (s *skeletonWriter) file(path string, size int64) error {
	sum := s.sum
	s.sum = checksum{}
	return s.part(part{path: path, length: size, sum: sum})
}

// part adds a file as a reader returned it.
func (s *skeletonWriter) part(p part) error {
	s.flush()
	s.uvarint(uint64(p.length)<<1 | 1)
	if !p.sum.known {
		s.uvarint(uint64(len(p.path)) << 1)
		s.write([]byte(p.path))
		return s.err
	}
	s.uvarint(uint64(len(p.path))<<1 | 1)
	s.write([]byte(p.path))
	s.write(binary.LittleEndian.AppendUint32(nil, p.sum.crc))
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
	sum     checksum  // of a file
	literal io.Reader // nil for a file; to be read before the next part
}

const maxPartPath = 4096

type skeletonReader struct {
	z     *zstd.Decoder
	in    *bufio.Reader
	begun bool
	sums  bool // lengths of paths have the bit
}

func newSkeletonReader(r io.Reader) (*skeletonReader, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(1<<20))
	if err != nil {
		return nil, err
	}
	return &skeletonReader{z: z, in: bufio.NewReaderSize(z, 64<<10)}, nil
}

func (s *skeletonReader) close() { s.z.Close() }

// next returns the next part, or io.EOF after the last.
func (s *skeletonReader) next() (part, error) {
	head, err := binary.ReadUvarint(s.in)
	if err == nil && !s.begun && head == 0 {
		s.sums = true
		head, err = binary.ReadUvarint(s.in)
	}
	s.begun = true
	if err != nil {
		return part{}, err
	}
	length := int64(head >> 1)
	if head&1 == 0 {
		return part{length: length, literal: io.LimitReader(s.in, length)}, nil
	}
	p, err := s.file(length)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return part{}, fmt.Errorf("a path can't be read: %w", err)
	}
	return p, nil
}

func (s *skeletonReader) file(length int64) (part, error) {
	n, err := binary.ReadUvarint(s.in)
	if err != nil {
		return part{}, err
	}
	summed := s.sums && n&1 == 1
	if s.sums {
		n >>= 1
	}
	if n > maxPartPath {
		return part{}, fmt.Errorf("it has %d bytes", n)
	}
	text := make([]byte, n, n+4)
	if summed {
		text = text[:n+4]
	}
	if _, err := io.ReadFull(s.in, text); err != nil {
		return part{}, err
	}
	p := part{length: length, path: string(text[:n])}
	if summed {
		p.sum = checksum{binary.LittleEndian.Uint32(text[n:]), true}
	}
	return p, nil
}
