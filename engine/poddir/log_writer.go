package poddir

import (
	"bytes"
	"os"
	"sync"
	"time"
)

// LogWriter appends an app's output to its log. Its two streams may write at
// the same time.
type LogWriter struct {
	mu      sync.Mutex
	path    string
	segment int64 // bytes that a segment may have
	size    int64 // of the segment that is written
	file    *os.File
	buf     []byte
}

// CreateLog begins an app's log.
func (d *Dir) CreateLog(app string) (*LogWriter, error) {
	w := &LogWriter{path: d.file(logsDir, app), segment: segmentSize}
	return w, w.begin()
}

func (w *LogWriter) begin() error {
	file, err := os.OpenFile(w.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	w.file, w.size = file, 0
	return nil
}

// rotate makes the segment the older one, and begins another. Where that fails,
// on a full disk say, the segment goes on.
func (w *LogWriter) rotate(at time.Time) error {
	if err := os.Rename(w.path, w.path+olderSuffix); err != nil {
		return err
	}
	full := w.file
	if err := w.begin(); err != nil {
		return err
	}
	full.Close()
	return w.append(appendRecord(w.buf[:0], at, lost, whole, []byte(lostText)))
}

// Write appends a piece of a stream's output, as it came out of the pipe, with
// one write to the file.
func (w *LogWriter) Write(at time.Time, stream string, p []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.size >= w.segment {
		if err := w.rotate(at); err != nil {
			return err
		}
	}
	w.buf = w.buf[:0]
	for len(p) > 0 {
		line, rest, ended := bytes.Cut(p, newline)
		tag := byte(whole)
		if !ended {
			tag = partial
		}
		w.buf = appendRecord(w.buf, at, stream, tag, line)
		p = rest
	}
	return w.append(w.buf)
}

func appendRecord(to []byte, at time.Time, stream string, tag byte, text []byte) []byte {
	to = append(at.UTC().AppendFormat(to, timeLayout), ' ')
	to = append(append(to, stream...), ' ', tag, ' ')
	return append(append(to, text...), '\n')
}

func (w *LogWriter) append(records []byte) error {
	n, err := w.file.Write(records)
	w.size += int64(n)
	return err
}

// Close closes the log.
func (w *LogWriter) Close() error { return w.file.Close() }
