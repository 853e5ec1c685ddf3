package poddir

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// maxLine bounds what a reader puts together: an app may write a gigabyte
// without a newline.
const maxLine = 64 << 10

// LogReader reads an app's log from the beginning of what is kept, as far as it
// has been written, and can go on later.
type LogReader struct {
	app     string
	path    string
	file    *os.File
	joined  bool              // what was read last is followed by what is read next
	pending []byte            // a record whose end has not been read yet
	parts   map[string][]byte // by stream: a line whose end has not been read yet
	last    time.Time         // of the record that was read last
	chunk   []byte
}

// OpenLog opens an app's log for reading. An app that has written nothing yet
// has none: then the error is fs.ErrNotExist.
func (d *Dir) OpenLog(app string) (*LogReader, error) {
	r := &LogReader{app: app, path: d.file(logsDir, app), parts: make(map[string][]byte), chunk: make([]byte, 64<<10)}
	file, err := os.Open(r.path + olderSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		file, err = os.Open(r.path)
	}
	r.file = file
	return r, err
}

// Close closes the log.
func (r *LogReader) Close() error { return r.file.Close() }

// Read returns the next lines, some at a time, and none at the end of what has
// been written so far.
func (r *LogReader) Read() ([]LogLine, error) {
	for {
		n, err := r.file.Read(r.chunk)
		if lines := r.take(r.chunk[:n]); len(lines) > 0 {
			return lines, nil
		}
		if errors.Is(err, io.EOF) {
			var more bool
			if more, err = r.next(); !more {
				return nil, err
			}
		}
		if err != nil {
			return nil, err
		}
	}
}

// next goes on with the following segment, if ours is not the last any more. A
// segment gets nothing after it was renamed, so what was read up to its end once
// that is known is all of it.
func (r *LogReader) next() (more bool, err error) {
	following, err := os.Open(r.path)
	if err != nil {
		return false, ignoreMissing(err)
	}
	if same(r.file, following) {
		following.Close()
		return false, nil
	}
	if at, err := r.file.Seek(0, io.SeekCurrent); err == nil && at < size(r.file) {
		following.Close()
		return true, nil // it grew before it was renamed
	}
	older, err := os.Open(r.path + olderSuffix)
	r.joined = err == nil && same(r.file, older)
	r.pending = nil
	if err == nil && !r.joined { // two segments have come since
		following.Close()
		following = older
	} else if err == nil {
		older.Close()
	}
	r.file.Close()
	r.file = following
	return true, nil
}

func same(a, b *os.File) bool {
	first, err := a.Stat()
	if err != nil {
		return false
	}
	second, err := b.Stat()
	return err == nil && os.SameFile(first, second)
}

func size(f *os.File) int64 {
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// take cuts what was read into records.
func (r *LogReader) take(p []byte) []LogLine {
	var lines []LogLine
	for {
		record, rest, ended := bytes.Cut(p, newline)
		if !ended {
			r.pending = appendBounded(r.pending, record)
			return lines
		}
		if len(r.pending) > 0 {
			record = append(r.pending, record...)
			r.pending = nil
		}
		if line, ok := r.record(string(record)); ok {
			lines = append(lines, line)
		}
		p = rest
	}
}

// record returns the line that a record ends. A part longer than maxLine is
// given out as a line of its own, marked.
func (r *LogReader) record(s string) (LogLine, bool) {
	at, s, _ := strings.Cut(s, " ")
	stream, s, _ := strings.Cut(s, " ")
	tag, text, ok := strings.Cut(s, " ")
	when, err := time.Parse(time.RFC3339Nano, at)
	if !ok || err != nil || len(tag) != 1 {
		return LogLine{}, false // a line torn by a crash or a full disk
	}
	if stream == lost && r.joined {
		return LogLine{}, false
	}
	r.last = when
	line := LogLine{Time: when, App: r.app, Stream: stream, Text: string(r.parts[stream]) + text}
	if tag[0] == partial && len(line.Text) < maxLine {
		r.parts[stream] = []byte(line.Text)
		return LogLine{}, false
	}
	delete(r.parts, stream)
	line.Partial = tag[0] == partial
	return line, true
}

// Rest returns the lines that have begun and will not end: the app is gone.
func (r *LogReader) Rest() []LogLine {
	var lines []LogLine
	for _, stream := range []string{"stdout", "stderr"} {
		if text, ok := r.parts[stream]; ok {
			lines = append(lines, LogLine{Time: r.last, App: r.app, Stream: stream, Text: string(text), Partial: true})
			delete(r.parts, stream)
		}
	}
	return lines
}

func appendBounded(to, p []byte) []byte {
	if room := maxLine*2 - len(to); len(p) > room {
		p = p[:max(room, 0)]
	}
	return append(to, p...)
}
