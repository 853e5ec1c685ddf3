package supervisor

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"github.com/podtui/podtui/engine/event"
)

// sender sends frames to the front end, one after the other. Output waits until
// it was taken, which is how an app waits for a front end that is slower. Events
// wait for nobody: the pod's life goes on when the front end has stopped reading.
// Once a write has failed there is no front end, and everything is sent to
// nowhere.
type sender struct {
	conn *net.UnixConn

	// writing is held by who writes. Output is written by who has it: to hand it to
	// another goroutine costs two changes of threads for each piece.
	writing sync.Mutex
	gone    bool
	header  [headerSize]byte
	buffers [2][]byte

	mu      sync.Mutex
	queue   []frame
	filled  chan struct{} // has one if there may be something in queue
	hurries int           // kills that wait for the front end
}

func newSender(conn *net.UnixConn) *sender {
	s := &sender{conn: conn, filled: make(chan struct{}, 1)}
	go s.run() // ends with the process
	return s
}

func (s *sender) run() {
	for range s.filled {
		s.writing.Lock()
		s.flush()
		s.writing.Unlock()
	}
}

// flush writes what is queued. The caller holds writing.
func (s *sender) flush() {
	s.mu.Lock()
	queue := s.queue
	s.queue = nil
	s.mu.Unlock()
	for _, f := range queue {
		s.write(f)
	}
}

func (s *sender) write(f frame) {
	if s.gone {
		return
	}
	s.buffers = [2][]byte{f.appendHeader(s.header[:0]), f.payload}
	buffers := net.Buffers(s.buffers[:]) // of which a write takes off what it has written
	for {
		s.mu.Lock()
		s.setDeadline()
		s.mu.Unlock()
		n, err := buffers.WriteTo(s.conn)
		if errors.Is(err, os.ErrDeadlineExceeded) && (n > 0 || !s.hurried()) {
			continue // it progresses, or need not any more
		}
		s.gone = err != nil
		return
	}
}

// event sends an event, after what was sent before it.
func (s *sender) event(e event.Event) {
	payload, err := json.Marshal(e)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.queue = append(s.queue, frame{kind: frameEvent, payload: payload})
	s.mu.Unlock()
	select {
	case s.filled <- struct{}{}:
	default:
	}
}

// output sends a piece of output and waits until it was taken.
func (s *sender) output(app, stream int, p []byte) {
	s.now(frame{kind: frameOutput, app: uint16(app), stream: uint8(stream), payload: p})
}

// over says that nothing more comes, and waits until all was taken.
func (s *sender) over() { s.now(frame{kind: frameOver}) }

// now sends a frame after what is queued, and waits until it was taken.
func (s *sender) now(f frame) {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.flush()
	s.write(f)
}

// patience is how long a front end may take nothing while something was killed
// that waits for it: it must not live on for output that nobody reads.
const patience = time.Second

// hurry has writes end that don't progress, until as many calls of calm.
func (s *sender) hurry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hurries++
	s.setDeadline()
}

// calm says that what was killed is gone, and waits for the front end no more.
func (s *sender) calm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hurries--; s.hurries == 0 {
		_ = s.conn.SetWriteDeadline(time.Time{})
	}
}

func (s *sender) hurried() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hurries > 0
}

// setDeadline begins the patience anew, while there is a hurry. The caller holds
// mu.
func (s *sender) setDeadline() {
	if s.hurries > 0 {
		_ = s.conn.SetWriteDeadline(time.Now().Add(patience))
	}
}
