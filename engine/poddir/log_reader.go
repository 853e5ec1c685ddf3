package poddir

import (
	"fmt"
	"io/fs"
	"os"
	"time"
)

// LogReader reads an app's log, as far as it has been written, and can go on
// later.
type LogReader struct {
	app   string
	path  string
	seg   *segment
	after int64 // the number of the segment that was read before, wholly; -1: none was

	until string // no line that begins later; "": no bound
	since time.Time
	over  bool // until is reached

	streams [2]lines // of stdout and stderr
	chosen  int
	at      time.Time // of the record that is read
	text    string    // of the record, not cut into lines yet
	out     []LogLine
}

// A reader hands out no more at a time than this.
const (
	maxBatch = 1024
	maxBytes = 1 << 20
)

// OpenLog opens what is chosen of an app's log. An app that has written nothing
// yet has none: then the error is fs.ErrNotExist.
func (d *Dir) OpenLog(app string, choice LogRange) (*LogReader, error) {
	path, err := d.logPath(app)
	if err != nil {
		return nil, err
	}
	kept, err := openKept(path)
	if err != nil {
		return nil, err
	}
	r := &LogReader{app: app, path: path, after: -1, since: choice.Since}
	if !choice.Until.IsZero() {
		r.until = stamp(choice.Until)
	}
	for stream := range r.streams {
		r.streams[stream].done = choice.Stream != "" && choice.Stream != streamNames[stream]
	}
	begin := place{}
	if choice.partial() {
		begin = r.choose(kept, choice)
	}
	for i, s := range kept {
		if i != begin.segment {
			s.file.Close()
		}
	}
	r.seg = kept[begin.segment]
	r.seg.off = begin.off
	if begin.segment > 0 {
		r.after = kept[begin.segment-1].number
	}
	return r, nil
}

// openKept opens the segments that are there, oldest first. A segment may become
// the older one in between; it does not get lost then, and is not there twice.
func openKept(path string) (kept []*segment, err error) {
	current, err := openIfThere(path)
	if err != nil {
		return nil, err
	}
	older, err := openIfThere(path + olderSuffix)
	if err != nil {
		current.Close()
		return nil, err
	}
	if older != nil && current != nil && same(older, current) {
		older.Close()
		older = nil
	}
	for _, file := range []*os.File{older, current} {
		if file != nil {
			kept = append(kept, newSegment(file))
		}
	}
	if kept == nil {
		err = &os.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return kept, err
}

// openIfThere returns nil for a file that is not there.
func openIfThere(path string) (*os.File, error) {
	file, err := openSegment(path, os.O_RDONLY)
	return file, ignoreMissing(err)
}

// Close closes the log.
func (r *LogReader) Close() error { return r.seg.file.Close() }

// Read returns the next lines, some at a time, and none at the end of what has
// been written so far. They are the caller's until the next call.
func (r *LogReader) Read() ([]LogLine, error) {
	r.out = r.out[:0]
	for bytes := 0; len(r.out) < maxBatch && (bytes < maxBytes || len(r.out) == 0); {
		if r.text != "" {
			r.cut()
			continue
		}
		more, err := r.advance()
		if !more && len(r.out) == 0 {
			return nil, err
		}
		if !more {
			break // an error comes again
		}
		bytes += len(r.text)
	}
	return r.out, nil
}

// Over reports whether all of the range was read, whatever is written from now
// on.
func (r *LogReader) Over() bool { return r.over }

// Chosen is how many lines of what was there when the log was opened come, those
// without an end among them, if only the last ones were chosen.
func (r *LogReader) Chosen() int { return r.chosen }

// advance goes on to some more text, or to a note.
func (r *LogReader) advance() (more bool, err error) {
	for !r.over {
		s := r.seg
		if s.left == 0 {
			begun := s.next()
			if r.junk() {
				return true, nil
			}
			if begun {
				r.begin()
				continue
			}
		} else if r.take() {
			return true, nil
		} else if s.left == 0 {
			continue
		}
		if more, err := r.following(); !more {
			return false, err
		}
	}
	return false, nil
}

// junk tells what no podtui has written.
func (r *LogReader) junk() bool {
	n := r.seg.junk
	r.seg.junk = 0
	if n > 0 {
		r.gap(r.at, fmt.Sprintf("%d bytes here are no log, and were passed over", n))
	}
	return n > 0
}

// begin looks at the record that is next, and at what stands in it if it is empty.
func (r *LogReader) begin() {
	h := &r.seg.head
	r.at = h.time()
	if r.until == "" || string(h.at[:]) <= r.until {
		return
	}
	r.over = true
	for i := range r.streams {
		r.over = r.streams[i].finish() && r.over
	}
}

// take takes some of the record that was begun, and reports whether it has.
func (r *LogReader) take() bool {
	s := r.seg
	switch stream := s.head.stream; {
	case stream == rotate:
		p, ok := s.whole()
		if ok && (r.after < 0 || parseNumber(p) != r.after+1) {
			r.gap(r.at, rotatedText)
		}
		return ok
	case stream == lost:
		p, ok := s.whole()
		if ok {
			r.gap(r.at, string(p))
		}
		return ok
	case r.streams[stream].done:
		return s.skip()
	}
	p := s.piece()
	r.text = string(p)
	return p != nil
}

// following goes on with the next segment, if ours is not the last any more.
// Nothing is written to a segment after it was renamed, so what was read up to its
// end once that is known is all of it.
func (r *LogReader) following() (more bool, err error) {
	current, err := openSegment(r.path, os.O_RDONLY)
	if err != nil {
		return false, ignoreMissing(err)
	}
	if same(r.seg.file, current) {
		current.Close()
		return false, nil
	}
	if r.seg.refresh() { // it grew before it was renamed
		current.Close()
		return true, nil
	}
	next := newSegment(current)
	if next.number != r.seg.number+1 {
		next = r.between(next)
	}
	r.after = r.seg.number
	r.seg.file.Close()
	r.seg = next
	return true, nil
}

// between is the segment before the current one, if that is not ours.
func (r *LogReader) between(current *segment) *segment {
	older, err := openSegment(r.path+olderSuffix, os.O_RDONLY)
	if err != nil {
		return current
	}
	if same(older, r.seg.file) || same(older, current.file) {
		older.Close()
		return current
	}
	current.file.Close()
	return newSegment(older)
}

func same(a, b *os.File) bool {
	first, err := a.Stat()
	if err != nil {
		return false
	}
	second, err := b.Stat()
	return err == nil && os.SameFile(first, second)
}
