package supervisor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/podtui/podtui/engine/poddir"
)

// ErrNotRunning says that nobody takes orders for the pod.
var ErrNotRunning = errors.New("the pod is not running")

// ask connects to a pod's supervisor and asks it for something. The connection
// is closed if the context ends before the answer.
func ask(ctx context.Context, dir *poddir.Dir, r request) (*net.UnixConn, answer, error) {
	conn, err := dial(dir)
	if err != nil {
		return nil, answer{}, err
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	r.Version = requestVersion
	var said answer
	err = sendJSON(conn, frameRequest, r)
	if err == nil {
		said, err = readAnswer(conn)
	}
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case err != nil: // it has just ended
		err = ErrNotRunning
	case said.NoInput:
		err = &NoInputError{App: said.App}
	case said.Error != "":
		err = errors.New(said.Error)
	}
	if err != nil {
		conn.Close()
		return nil, answer{}, err
	}
	return conn, said, nil
}

func readAnswer(conn *net.UnixConn) (answer, error) {
	var said answer
	f, _, err := receive(conn, nil, maxAsked)
	if err != nil {
		return said, err
	}
	if f.kind != frameAnswer {
		return said, fmt.Errorf("supervisor: a frame of kind %q", f.kind)
	}
	return said, json.Unmarshal(f.payload, &said)
}

// Stop asks a pod's supervisor for its end, and returns when nothing of the pod
// is left but its folder, or the context has ended. With force all is killed at
// once; timeout replaces what each app has between its stop signal and SIGKILL.
func Stop(ctx context.Context, dir *poddir.Dir, force bool, timeout *time.Duration) error {
	conn, _, err := ask(ctx, dir, request{What: whatStop, Force: force, Timeout: timeout})
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	_, _ = io.Copy(io.Discard, conn) // until the supervisor's end closes it
	return ctx.Err()
}

// NoInputError says that an app was started without an input.
type NoInputError struct{ App string }

func (e *NoInputError) Error() string {
	return fmt.Sprintf("app %q was started without an input", e.App)
}

// ErrDetached says that the attachment was closed and the app goes on.
var ErrDetached = errors.New("detached")

// AttachRequest says what to attach to.
type AttachRequest struct {
	App        string // "": the pod's only one
	Input      bool   // the app must have one
	Rows, Cols int    // 0: the app's terminal keeps its size

	// Output takes what the app writes from now on, on a goroutine of its own; nil:
	// nothing. Lost is told, there as well, how much was left out where Output was
	// too slow. p is valid during the call.
	Output func(stream string, p []byte)
	Lost   func(bytes int64)
}

// Attached is a hold on an app's input and output.
type Attached struct {
	App      string
	Terminal bool

	conn *net.UnixConn
	want AttachRequest

	writing sync.Mutex // of frames

	mu     sync.Mutex
	room   int // bytes of input that the supervisor lets come
	freed  *sync.Cond
	closed bool // by us

	over   chan struct{} // closed when nothing more comes
	exited bool          // and the app has ended, with
	status int
}

// Attach attaches to an app of a running pod.
func Attach(ctx context.Context, dir *poddir.Dir, want AttachRequest) (*Attached, error) {
	conn, said, err := ask(ctx, dir, request{
		What: whatAttach, App: want.App, Input: want.Input, Silent: want.Output == nil, Rows: want.Rows, Cols: want.Cols,
	})
	if err != nil {
		return nil, err
	}
	a := &Attached{
		App: said.App, Terminal: said.Terminal, conn: conn, want: want,
		room: inputWindow, over: make(chan struct{}),
	}
	a.freed = sync.NewCond(&a.mu)
	go a.hear() // ends with the connection
	return a, nil
}

func (a *Attached) hear() {
	defer a.end()
	r := newFrameReader(a.conn)
	for {
		f, err := r.next()
		if err != nil || int(f.stream) >= len(streamNames) {
			return
		}
		switch f.kind {
		case frameOutput:
			if a.want.Output != nil && !a.isClosed() {
				a.want.Output(streamNames[f.stream], f.payload)
			}
		case frameLost:
			if a.want.Lost != nil && !a.isClosed() {
				a.want.Lost(f.number(0))
			}
		case frameTaken:
			a.mu.Lock()
			a.room += int(f.number(0))
			a.freed.Broadcast()
			a.mu.Unlock()
		case frameExit:
			a.exited, a.status = true, int(f.number(0))
			return
		}
	}
}

func (a *Attached) end() {
	a.conn.Close()
	close(a.over)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.freed.Broadcast()
}

func (a *Attached) isClosed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.closed
}

func (a *Attached) gone() bool {
	select {
	case <-a.over:
		return true
	default:
		return false
	}
}

// Write gives the app input, and waits until all of it was taken. It returns
// ErrDetached or io.ErrClosedPipe when there is nobody to take it any more.
func (a *Attached) Write(p []byte) (int, error) {
	sent := 0
	for sent < len(p) {
		n, err := a.reserve(len(p) - sent)
		if err != nil {
			return sent, err
		}
		if err := a.frame(frame{kind: frameInput, payload: p[sent : sent+n]}); err != nil {
			return sent, a.why()
		}
		sent += n
	}
	return sent, a.settled()
}

// largestInput is that of one frame: the app begins to read before all has come.
const largestInput = inputWindow / 4

// reserve waits for room for at most n bytes.
func (a *Attached) reserve(n int) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.room == 0 && !a.gone() {
		a.freed.Wait()
	}
	if a.gone() {
		return 0, a.reason()
	}
	n = min(n, a.room, largestInput)
	a.room -= n
	return n, nil
}

// settled waits until everything was taken.
func (a *Attached) settled() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.room < inputWindow && !a.gone() {
		a.freed.Wait()
	}
	if a.room < inputWindow {
		return a.reason()
	}
	return nil
}

func (a *Attached) why() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.reason()
}

// reason is for who holds mu.
func (a *Attached) reason() error {
	if a.closed {
		return ErrDetached
	}
	return io.ErrClosedPipe
}

func (a *Attached) frame(f frame) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	return send(a.conn, f)
}

// CloseInput ends the app's input for good, unless it has a terminal.
func (a *Attached) CloseInput() error {
	if err := a.frame(frame{kind: frameClose}); err != nil {
		return a.why()
	}
	return nil
}

// Resize tells the app's terminal its size.
func (a *Attached) Resize(rows, cols int) {
	_ = a.frame(frame{kind: frameResize, payload: numbers(int64(rows), int64(cols))})
}

// Wait waits until the app has ended for good, and returns its exit status; or
// until Close, with ErrDetached.
func (a *Attached) Wait() (int, error) {
	<-a.over
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.exited:
		return a.status, nil
	case a.closed:
		return 0, ErrDetached
	}
	return 0, errLost
}

var errLost = errors.New("the pod's supervisor was killed")

// stalled is how long a call of Output may take once nobody wants it any more.
const stalled = 300 * time.Millisecond

// Close lets go of the app. No call of Output begins after it. One that goes on is
// waited for, but not for ever: it may be writing to somebody who doesn't read.
func (a *Attached) Close() error {
	a.mu.Lock()
	a.closed = true
	a.mu.Unlock()
	err := a.conn.Close()
	patience := time.NewTimer(stalled)
	defer patience.Stop()
	select {
	case <-a.over:
	case <-patience.C:
	}
	if errors.Is(err, net.ErrClosed) {
		return nil // it had ended
	}
	return err
}
