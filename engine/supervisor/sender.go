package supervisor

import (
	"encoding/json"
	"net"
	"sync"
	"time"

	"github.com/podtui/podtui/engine/event"
)

// sender sends frames to the front end, one after the other, on a goroutine of
// its own. Output waits until it was taken, which is how an app waits for a
// front end that is slower. Events wait for nobody: the pod's life goes on when
// the front end has stopped reading. Once a write has failed there is no front
// end, and everything is sent to nowhere.
type sender struct {
	conn *net.UnixConn

	mu     sync.Mutex
	queue  []queued
	filled *sync.Cond // there is something in queue
}

type queued struct {
	frame frame
	sent  chan struct{} // closed when the frame was written, or never will be; may be nil
}

func newSender(conn *net.UnixConn) *sender {
	s := &sender{conn: conn}
	s.filled = sync.NewCond(&s.mu)
	go s.run() // ends with the process
	return s
}

func (s *sender) run() {
	gone := false
	for {
		next := s.next()
		if !gone {
			buffers := net.Buffers{next.frame.header(), next.frame.payload}
			_, err := buffers.WriteTo(s.conn)
			gone = err != nil
		}
		if next.sent != nil {
			close(next.sent)
		}
	}
}

func (s *sender) next() queued {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue) == 0 {
		s.filled.Wait()
	}
	next := s.queue[0]
	s.queue = s.queue[1:]
	return next
}

func (s *sender) enqueue(q queued) {
	s.mu.Lock()
	s.queue = append(s.queue, q)
	s.mu.Unlock()
	s.filled.Signal()
}

// event sends an event, after what was sent before it.
func (s *sender) event(e event.Event) {
	if payload, err := json.Marshal(e); err == nil {
		s.enqueue(queued{frame: frame{kind: frameEvent, payload: payload}})
	}
}

// output sends a piece of output and waits until it was taken.
func (s *sender) output(app, stream int, p []byte) {
	s.wait(frame{kind: frameOutput, app: uint16(app), stream: uint8(stream), payload: p})
}

// over says that nothing more comes, and waits until all was taken.
func (s *sender) over() { s.wait(frame{kind: frameOver}) }

func (s *sender) wait(f frame) {
	sent := make(chan struct{})
	s.enqueue(queued{f, sent})
	<-sent
}

// patience is how long a front end still has to take what is left, once
// somebody has killed the pod: it must not live on for output that nobody reads.
const patience = time.Second

func (s *sender) hurry() { _ = s.conn.SetWriteDeadline(time.Now().Add(patience)) }
