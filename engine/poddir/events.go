package poddir

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"sync"

	"github.com/podtui/podtui/engine/event"
)

// EventWriter appends to the pod's own story. Progress is left out: it is for
// those who watch, and differs from run to run.
type EventWriter struct {
	mu   sync.Mutex
	file *os.File
}

// AppendEvents opens the pod's events for appending.
func (d *Dir) AppendEvents() (*EventWriter, error) {
	file, err := os.OpenFile(d.file(eventsFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &EventWriter{file: file}, nil
}

// Write appends one event, with one write.
func (w *EventWriter) Write(events ...event.Event) error {
	var buf []byte
	for _, e := range events {
		if e.Progress() {
			continue
		}
		line, err := json.Marshal(e)
		if err != nil {
			return err
		}
		buf = append(append(buf, line...), '\n')
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := w.file.Write(buf)
	return err
}

// Close closes the file.
func (w *EventWriter) Close() error { return w.file.Close() }

// EventReader reads the pod's events from the first, and can go on later.
type EventReader struct {
	file    *os.File
	reader  *bufio.Reader
	pending []byte
}

// OpenEvents opens the pod's events for reading.
func (d *Dir) OpenEvents() (*EventReader, error) {
	file, err := os.Open(d.file(eventsFile))
	if err != nil {
		return nil, err
	}
	return &EventReader{file: file, reader: bufio.NewReader(file)}, nil
}

// Next returns the next event, or io.EOF at the end of what has been written so
// far. A line that is no event is passed over.
func (r *EventReader) Next() (event.Event, error) {
	for {
		piece, err := r.reader.ReadBytes('\n')
		r.pending = append(r.pending, piece...)
		if err != nil {
			return event.Event{}, io.EOF
		}
		var e event.Event
		line := r.pending
		r.pending = nil
		if json.Unmarshal(line, &e) == nil {
			return e, nil
		}
	}
}

// Close closes the file.
func (r *EventReader) Close() error { return r.file.Close() }
