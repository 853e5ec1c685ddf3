package supervisor

import (
	"encoding/json"
	"net"
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

	mu     sync.Mutex
	queue  []frame
	filled chan struct{} // has one if there may be something in queue
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
	buffers := net.Buffers(s.buffers[:])
	_, err := buffers.WriteTo(s.conn)
	s.gone = err != nil
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

// patience is how long a front end still has to take what is left, once
// somebody has killed the pod: it must not live on for output that nobody reads.
const patience = time.Second

func (s *sender) hurry() { _ = s.conn.SetWriteDeadline(time.Now().Add(patience)) }
