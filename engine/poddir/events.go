package poddir

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/event"
)

// EventWriter appends to the pod's own story. Progress is left out: it is for
// those who watch, and differs from run to run.
type EventWriter struct {
	mu   sync.Mutex
	file *os.File
	torn bool // the file ends in the middle of a line, which must not take the next with it
}

// AppendEvents opens the pod's events for appending.
func (d *Dir) AppendEvents() (*EventWriter, error) {
	file, err := os.OpenFile(d.file(eventsFile), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &EventWriter{file: file, torn: endsTorn(file)}, nil
}

// endsTorn reports whether whoever wrote before was cut off in a line.
func endsTorn(file *os.File) bool {
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return false
	}
	var last [1]byte
	_, err = file.ReadAt(last[:], info.Size()-1)
	return err == nil && last[0] != '\n'
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
	if w.torn {
		buf = append([]byte{'\n'}, buf...)
	}
	n, err := w.file.Write(buf)
	if n > 0 {
		w.torn = buf[n-1] != '\n'
	}
	return err
}

// Close closes the file.
func (w *EventWriter) Close() error { return w.file.Close() }

// maxEvent bounds what a reader takes for an event: a folder may come from a
// stranger.
const maxEvent = 4 << 20

// EventReader reads the pod's events from the first, and can go on later.
type EventReader struct {
	file    *os.File
	reader  *bufio.Reader
	pending []byte
	endless bool // the line that is being read is longer than any event
}

// OpenEvents opens the pod's events for reading.
func (d *Dir) OpenEvents() (*EventReader, error) {
	file, err := os.OpenFile(d.file(eventsFile), os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	return &EventReader{file: file, reader: bufio.NewReader(file)}, nil
}

// Next returns the next event, or io.EOF at the end of what has been written so
// far. A line that is no event is passed over.
func (r *EventReader) Next() (event.Event, error) {
	for {
		piece, err := r.reader.ReadSlice('\n')
		if r.endless = r.endless || len(r.pending)+len(piece) > maxEvent; r.endless {
			r.pending = nil
		} else {
			r.pending = append(r.pending, piece...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return event.Event{}, io.EOF
		}
		var e event.Event
		line := r.pending
		r.pending, r.endless = nil, false
		if json.Unmarshal(line, &e) == nil {
			return e, nil
		}
	}
}

// Close closes the file.
func (r *EventReader) Close() error { return r.file.Close() }
