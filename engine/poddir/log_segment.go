package poddir

import (
	"bytes"
	"os"
	"strconv"
)

// segment walks through the records of one file of a log, as far as it has been
// written, and can go on later. Records that nobody wants cost no more than their
// headers.
type segment struct {
	file   *os.File
	number int64 // how many there were before it

	limit  int64 // what is believed: the size that the file had, or what the walk is bounded to
	frozen bool  // limit stays

	buf  []byte
	data []byte // the part of buf that was read and not taken
	off  int64  // of data in the file
	step int    // how much is read at once

	head header // the record that is being taken
	from int64  // where it begins
	left int64  // what was not taken of it
	open bool   // it was not there wholly when its header was read, which may change

	junk int64 // bytes passed over that are no records
}

// Reading begins small, for those who jump from header to header.
const (
	minStep = 4 << 10
	maxStep = 256 << 10
)

func newSegment(file *os.File) *segment {
	s := &segment{file: file, step: minStep}
	s.number = s.readNumber()
	return s
}

// readNumber reads what the segment says of those before it.
func (s *segment) readNumber() int64 {
	p := make([]byte, headerSize+maxNote)
	n, _ := s.file.ReadAt(p, 0)
	if n < headerSize {
		return 0
	}
	h, ok := parseHeader(p)
	if !ok || h.stream != rotate || int64(headerSize)+h.size > int64(n) {
		return 0
	}
	return parseNumber(p[headerSize : int64(headerSize)+h.size])
}

func parseNumber(p []byte) int64 {
	n, err := strconv.ParseInt(string(p), 10, 64)
	if err != nil {
		return 0
	}
	return max(n, 0)
}

// to is a walk through the same file from a place on, to a bound.
func (s *segment) to(off, limit int64) *segment {
	return &segment{file: s.file, number: s.number, off: off, limit: limit, frozen: true, step: minStep}
}

// next goes to the next record. The one before must have been taken. It reports
// whether there is one.
func (s *segment) next() bool {
	for s.want(headerSize) {
		h, ok := parseHeader(s.data)
		if !ok {
			s.resume()
			continue
		}
		s.head, s.from, s.left = h, s.off, h.size
		s.take(headerSize)
		s.open = s.off+s.left > s.limit
		return true
	}
	return false
}

// resume passes over what is no record, to where one may begin.
func (s *segment) resume() {
	n := len(s.data)
	if i := bytes.IndexByte(s.data[1:], '@'); i >= 0 {
		n = 1 + i
	}
	s.take(n)
	s.junk += int64(n)
}

// piece takes some more of the record, and returns nil where there is no more for
// now. It is valid until the next call.
func (s *segment) piece() []byte {
	if s.left == 0 || !s.want(1) || s.left == 0 {
		return nil
	}
	p := s.data[:min(s.left, int64(len(s.data)))]
	s.take(len(p))
	s.left -= int64(len(p))
	return p
}

// whole takes the record if it is there to its end. It is a note.
func (s *segment) whole() ([]byte, bool) {
	if s.open {
		s.refresh()
	}
	n := int(s.left)
	if s.off+s.left > s.limit || !s.want(n) {
		return nil, false
	}
	p := s.data[:n]
	s.take(n)
	s.left = 0
	return p, true
}

// skip passes over the rest of the record if it is there to its end.
func (s *segment) skip() bool {
	if s.open {
		s.refresh()
	}
	if s.off+s.left > s.limit {
		return false
	}
	if n := int64(len(s.data)); s.left > n {
		s.data = nil
		s.off += s.left
		s.step = minStep
	} else {
		s.take(int(s.left))
	}
	s.left = 0
	return true
}

func (s *segment) take(n int) {
	s.data = s.data[n:]
	s.off += int64(n)
}

// want sees to it that data has n bytes, if the file has.
func (s *segment) want(n int) bool {
	for len(s.data) < n {
		if s.off+int64(n) > s.limit && (!s.refresh() || s.off+int64(n) > s.limit) {
			return false
		}
		if len(s.data) < n && !s.read() {
			return false
		}
	}
	return true
}

func (s *segment) read() bool {
	if len(s.buf) < s.step {
		s.buf = make([]byte, s.step)
	}
	kept := copy(s.buf, s.data)
	ahead := s.off + int64(kept)
	room := min(int64(s.step-kept), s.limit-ahead)
	n, _ := s.file.ReadAt(s.buf[kept:int64(kept)+room], ahead)
	s.data = s.buf[:kept+n]
	s.step = min(s.step*4, maxStep)
	return n > 0
}

// refresh asks how long the file is by now, and reports whether it has grown. Of a
// record that was not there wholly the header is read again after that: the writer
// shortens it, if it must, before it writes anything behind.
func (s *segment) refresh() (grown bool) {
	if s.frozen {
		return false
	}
	info, err := s.file.Stat()
	if err != nil {
		return false
	}
	size := min(info.Size(), maxSegment)
	grown = size > s.limit
	s.limit = max(size, s.limit)
	s.data = nil // what was not taken may be written anew
	if s.left > 0 && s.open {
		s.again()
	}
	return grown
}

// again reads the record's header once more.
func (s *segment) again() {
	var p [headerSize]byte
	if _, err := s.file.ReadAt(p[:], s.from); err != nil {
		return
	}
	h, ok := parseHeader(p[:])
	if !ok || h.stream != s.head.stream {
		h = header{stream: s.head.stream}
	}
	taken := s.off - s.from - int64(headerSize)
	s.head = h
	s.left = max(h.size-taken, 0)
	s.open = s.off+s.left > s.limit
}
