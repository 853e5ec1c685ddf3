package poddir

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"
)

// An app's log has the form of Kubernetes' container logs, one record a line:
//
//	2026-11-26T02:21:59.123456789Z stdout F text
//
// F ends a line of output; P is a part of one, which the next record of the same
// stream goes on with. So the output can be put together again byte for byte.
const (
	whole   = 'F'
	partial = 'P'

	timeLayout = "2006-01-02T15:04:05.000000000Z"
)

// LogWriter appends an app's output to its log. Its two streams may write at
// the same time.
type LogWriter struct {
	mu   sync.Mutex
	file *os.File
	buf  []byte
}

// CreateLog opens an app's log for appending.
func (d *Dir) CreateLog(app string) (*LogWriter, error) {
	file, err := os.OpenFile(d.file(logsDir, app), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &LogWriter{file: file}, nil
}

// Write appends a piece of a stream's output, as it came out of the pipe, with
// one write to the file.
func (w *LogWriter) Write(at time.Time, stream string, p []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var head [64]byte
	prefix := append(at.UTC().AppendFormat(head[:0], timeLayout), ' ')
	prefix = append(append(prefix, stream...), ' ')
	w.buf = w.buf[:0]
	for len(p) > 0 {
		line, rest, ended := bytes.Cut(p, newline)
		tag := byte(whole)
		if !ended {
			tag = partial
		}
		w.buf = append(append(w.buf, prefix...), tag, ' ')
		w.buf = append(append(w.buf, line...), '\n')
		p = rest
	}
	_, err := w.file.Write(w.buf)
	return err
}

var newline = []byte{'\n'}

// Close closes the log.
func (w *LogWriter) Close() error { return w.file.Close() }

// maxLine bounds what a reader puts together: an app may write a gigabyte
// without a newline.
const maxLine = 64 << 10

// LogReader reads an app's log from its beginning, as far as it has been
// written, and can go on later.
type LogReader struct {
	app     string
	file    *os.File
	pending []byte            // a record whose end has not been read yet
	parts   map[string][]byte // by stream: a line whose end has not been read yet
	chunk   []byte
}

// OpenLog opens an app's log for reading. An app that has written nothing yet
// has none: then the error is fs.ErrNotExist.
func (d *Dir) OpenLog(app string) (*LogReader, error) {
	file, err := os.Open(d.file(logsDir, app))
	if err != nil {
		return nil, err
	}
	return &LogReader{app: app, file: file, parts: make(map[string][]byte), chunk: make([]byte, 64<<10)}, nil
}

// Close closes the log.
func (r *LogReader) Close() error { return r.file.Close() }

// Read returns the next lines, some at a time, and none at the end of what has
// been written so far.
func (r *LogReader) Read() ([]LogLine, error) {
	var lines []LogLine
	for len(lines) == 0 {
		n, err := r.file.Read(r.chunk)
		if n > 0 {
			lines = r.take(r.chunk[:n])
		}
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
	}
	return lines, nil
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
			lines = append(lines, LogLine{App: r.app, Stream: stream, Text: string(text), Partial: true})
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

// Logs returns the names of the apps that have logs.
func (d *Dir) Logs() ([]string, error) {
	entries, err := os.ReadDir(d.file(logsDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, err
}
