package supervisor

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/podtui/podtui/engine/event"
)

// Between a supervisor and the front end that started it runs a socket pair.
// The supervisor sends frames; the front end sends orders of one byte. Whoever
// is left when the other goes sees the end of the stream, and goes on.
const (
	frameEvent  = 'e' // payload: one event as JSON
	frameOutput = 'o' // payload: output as it came out of the pipe
	frameOver   = '.' // nothing more comes, and nothing of the pod is left

	headerSize = 8
	maxPayload = 1 << 20
)

// Order is what a front end can ask for.
type Order byte

// The orders. A supervisor takes the same ones on the socket in its folder.
const (
	OrderStop Order = 's' // SIGTERM to every app, SIGKILL after StopTimeout
	OrderKill Order = 'k' // SIGKILL now

	// orderGo says that the pod's record is written. A front end that goes
	// without a word takes an unstarted pod with it.
	orderGo Order = 'g'
)

// streams numbers the streams of an app on the wire.
var streams = [...]string{"stdout", "stderr"}

// frame is one message of the supervisor.
type frame struct {
	kind    byte
	app     byte
	stream  byte
	payload []byte
}

// sender writes frames. Its writes may block: that is how an app waits for a
// front end that is slower. Once one has failed, there is no front end.
type sender struct {
	mu   sync.Mutex
	conn *net.UnixConn
	gone bool
}

func (s *sender) event(e event.Event) {
	payload, err := json.Marshal(e)
	if err != nil {
		return
	}
	s.send(frame{kind: frameEvent, payload: payload})
}

func (s *sender) output(app, stream int, p []byte) {
	s.send(frame{kind: frameOutput, app: byte(app), stream: byte(stream), payload: p})
}

func (s *sender) over() { s.send(frame{kind: frameOver}) }

func (s *sender) send(f frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return
	}
	header := [headerSize]byte{f.kind, f.app, f.stream}
	binary.LittleEndian.PutUint32(header[4:], uint32(len(f.payload)))
	buffers := net.Buffers{header[:], f.payload}
	if _, err := buffers.WriteTo(s.conn); err != nil {
		s.gone = true
		s.conn.Close()
	}
}

// hurry gives a front end that has stopped reading a last while: somebody has
// killed the pod, and it must not live on for output that nobody takes.
func (s *sender) hurry() { _ = s.conn.SetWriteDeadline(time.Now().Add(StopTimeout)) }

// receive reads one frame. The payload is valid until the next call.
func receive(r io.Reader, buffer []byte) (frame, []byte, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return frame{}, buffer, err
	}
	size := int(binary.LittleEndian.Uint32(header[4:]))
	if size > maxPayload {
		return frame{}, buffer, fmt.Errorf("a frame of %d bytes", size)
	}
	if size > cap(buffer) {
		buffer = make([]byte, size)
	}
	payload := buffer[:size]
	_, err := io.ReadFull(r, payload)
	return frame{kind: header[0], app: header[1], stream: header[2], payload: payload}, buffer, err
}
