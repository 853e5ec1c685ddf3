package batch

import (
	"bytes"
	"unicode/utf8"

	"github.com/podtui/podtui/ui/text"
)

// maxLine bounds a line: an app may write a gigabyte without a newline. What is
// longer goes on in a line of its own.
const maxLine = 64 << 10

// cutter cuts a stream into lines as it comes in pieces.
type cutter struct {
	pending []byte // a line whose end has not come yet, shorter than maxLine
}

// cut calls emit for each line that is complete, without its newline, and for
// each piece of one that is too long, with more. The line is valid during the
// call.
func (c *cutter) cut(p []byte, emit func(line []byte, more bool)) {
	for len(p) > 0 {
		line, rest, ended := bytes.Cut(p, newline)
		p = rest
		if len(c.pending) > 0 || !ended {
			c.pending = append(c.pending, line...)
			line = c.pending
		}
		for len(line) > maxLine {
			n := runeBoundary(line[:maxLine])
			emit(line[:n], true)
			line = line[n:]
		}
		if ended {
			emit(line, false)
			line = nil
		}
		c.pending = append(c.pending[:0], line...)
	}
}

// rest calls emit for a line that has begun and will not end.
func (c *cutter) rest(emit func(line []byte, more bool)) {
	if len(c.pending) > 0 {
		emit(c.pending, false)
		c.pending = nil
	}
}

var newline = []byte{'\n'}

// runeBoundary is the length of p without a character that is cut off at its end.
func runeBoundary(p []byte) int {
	for back := 1; back < utf8.UTFMax && back < len(p); back++ {
		if start := len(p) - back; utf8.RuneStart(p[start]) {
			if !utf8.FullRune(p[start:]) {
				return start
			}
			break
		}
	}
	return len(p)
}

// prefixer writes an app's name before each line of one of its streams, and
// nothing that a terminal would obey. Only whole lines leave it, so those of
// different apps never mix.
type prefixer struct {
	prefix []byte
	cutter cutter
}

func newPrefixer(app string) *prefixer { return &prefixer{prefix: []byte(app + ": ")} }

// append appends the lines that p completes to dst.
func (f *prefixer) append(dst, p []byte) []byte {
	f.cutter.cut(p, func(line []byte, _ bool) { dst = f.line(dst, line) })
	return dst
}

// rest appends a line that has begun and will not end.
func (f *prefixer) rest(dst []byte) []byte {
	f.cutter.rest(func(line []byte, _ bool) { dst = f.line(dst, line) })
	return dst
}

func (f *prefixer) line(dst, line []byte) []byte {
	dst = append(dst, f.prefix...)
	return append(text.AppendEscaped(dst, line), '\n')
}
