package supervisor

import (
	"bufio"
	"fmt"
	"net"
	"sync"
	"time"
)

// attached is somebody at the socket who sees what an app writes, and may type.
// The app does not wait for them: what comes faster than they take it is left
// out, and counted.
type attached struct {
	io     *stdio
	silent bool
	writes bool

	mu      sync.Mutex
	filled  *sync.Cond
	queue   []byte // frames
	lost    int64  // bytes of output that found no room since the last that did
	unread  int    // bytes of input that the app has not taken yet
	closing bool   // the app's input has been closed from here
	over    bool   // nothing more comes
}

// attachedQueue bounds what waits for one that is attached. As much may be on its
// way.
const attachedQueue = 512 << 10

// serveAttach attaches a connection to an app until either ends.
func (s *supervisor) serveAttach(conn *net.UnixConn, asked request) {
	io, err := s.stdio.find(asked.App)
	if err != nil {
		_ = sendJSON(conn, frameAnswer, answer{Error: err.Error()})
		return
	}
	if err := io.alive(); err != nil {
		_ = sendJSON(conn, frameAnswer, answer{Error: err.Error()})
		return
	}
	if asked.Input && io.input == nil {
		_ = sendJSON(conn, frameAnswer, answer{Error: (&NoInputError{io.app}).Error(), NoInput: true, App: io.app})
		return
	}
	a := &attached{io: io, silent: asked.Silent, writes: asked.Input}
	a.filled = sync.NewCond(&a.mu)
	io.attach(a) // before they are told so: they miss nothing that comes after it
	if sendJSON(conn, frameAnswer, answer{App: io.app, Terminal: io.kind == TerminalInput}) != nil {
		io.detach(a)
		return
	}
	_ = conn.SetDeadline(time.Time{})
	if asked.Rows > 0 && asked.Cols > 0 {
		io.resize(asked.Rows, asked.Cols)
	}
	s.socket.attached(1)
	defer s.socket.attached(-1)
	var sending sync.WaitGroup
	sending.Go(func() { a.send(conn) })
	a.hear(conn)
	io.detach(a)
	sending.Wait()
}

func (io *stdio) alive() error {
	io.mu.Lock()
	defer io.mu.Unlock()
	if io.ended {
		return fmt.Errorf("app %q has ended", io.app)
	}
	return nil
}

// attach lets somebody see what comes from now on.
func (io *stdio) attach(a *attached) {
	io.mu.Lock()
	defer io.mu.Unlock()
	if io.ended {
		a.exit(io.status)
		return
	}
	io.attached[a] = struct{}{}
}

func (io *stdio) detach(a *attached) {
	io.mu.Lock()
	delete(io.attached, a)
	io.mu.Unlock()
	if io.input != nil {
		io.input.forget(a)
	}
	a.end()
}

// output queues a piece of output, or leaves it out.
func (a *attached) output(stream int, p []byte) {
	if a.silent {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.queue)+len(p) > attachedQueue {
		a.lost += int64(len(p))
		return
	}
	a.tellLost()
	a.put(frame{kind: frameOutput, app: uint16(a.io.index), stream: uint8(stream), payload: p})
}

func (a *attached) tellLost() {
	if a.lost > 0 {
		a.put(frame{kind: frameLost, payload: numbers(a.lost)})
		a.lost = 0
	}
}

func (a *attached) put(f frame) {
	a.queue = append(f.appendHeader(a.queue), f.payload...)
	a.filled.Signal()
}

// taken says that the app has taken so much input.
func (a *attached) taken(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.unread -= n
	a.put(frame{kind: frameTaken, payload: numbers(int64(n))})
}

// exit says that the app has ended.
func (a *attached) exit(status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tellLost()
	a.put(frame{kind: frameExit, payload: numbers(int64(status))})
	a.over = true
}

func (a *attached) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	a.filled.Signal()
}

// send sends what is queued, until there is no more and never will be.
func (a *attached) send(conn *net.UnixConn) {
	defer conn.Close() // and hear returns
	var buffer []byte
	for {
		if cap(buffer) > 64<<10 {
			buffer = nil // it may wait for long now
		}
		if buffer = a.next(buffer); buffer == nil {
			return
		}
		if _, err := conn.Write(buffer); err != nil {
			return
		}
	}
}

// next waits for something to send. It takes the buffer that was sent before for
// what comes next.
func (a *attached) next(sent []byte) []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.queue) == 0 && !a.over {
		a.filled.Wait()
	}
	if len(a.queue) == 0 {
		return nil
	}
	next := a.queue
	a.queue = sent[:0]
	return next
}

// hear takes what somebody types, until they go. Who sends more than the window
// that they know of, or what is no frame of theirs, goes.
func (a *attached) hear(conn *net.UnixConn) {
	r := bufio.NewReaderSize(conn, 512)
	for {
		f, _, err := receive(r, nil, inputWindow)
		if err != nil || a.take(f) != nil {
			return
		}
	}
}

func (a *attached) take(f frame) error {
	switch {
	case f.kind == frameResize:
		a.io.resize(int(f.number(0)), int(f.number(1)))
	case f.kind == frameClose && a.writes && a.io.kind == PipeInput && !a.closing:
		a.closing = true
		a.io.input.add(piece{from: a, end: true})
	case f.kind == frameInput && a.writes && len(f.payload) > 0:
		if !a.admit(len(f.payload)) {
			return fmt.Errorf("more input than may wait")
		}
		a.io.input.add(piece{from: a, data: f.payload})
	}
	return nil
}

func (a *attached) admit(n int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.unread += n
	return a.unread <= inputWindow
}
