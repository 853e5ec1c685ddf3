package supervisor

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/sandbox"
)

// The event handlers of an image (aci.md, "eventHandlers") run where their app
// does, as it does: in its root, with its volumes, user, environment and limits.
// What they write is its output. They are not the app: nothing restarts them.

// The kinds of handlers.
const (
	preStartHandler = "pre-start"
	postStopHandler = "post-stop"
)

// errStopped is why an app, or a pod, has not started that was to stop before.
var errStopped = errors.New("stopped before it ran")

// preStart runs what an app wants to have run before it. The app is made and waits.
// made is what it was made of.
func (s *supervisor) preStart(a *app, made sandbox.App) error {
	if len(a.Handlers.PreStart) == 0 {
		return nil
	}
	return s.handle(a, made, preStartHandler, a.Handlers.PreStart)
}

// preStartAll runs the handlers of a pod that starts, one after the other: if one
// fails, no app runs.
func (s *supervisor) preStartAll() error {
	told := false
	for _, a := range s.apps {
		if len(a.Handlers.PreStart) == 0 {
			continue
		}
		if !told { // nobody hears an app that he has not been told of
			told = true
			for _, each := range s.apps {
				s.emit(event.Event{Type: event.AppStart, State: event.Started, App: each.name(), Message: "made; not executed yet"})
			}
		}
		err := s.preStart(a, a.run.made)
		s.warn()
		if err != nil {
			return err
		}
	}
	return nil
}

// handled says what became of a post-stop handler.
type handled struct {
	app *app
	err error
}

// leave has an app that has ended run its post-stop handler, if it has one, and
// reports false if there is nothing to wait for. Of a pod that was killed nothing
// is left to run it in.
func (s *supervisor) leave(a *app, now time.Time) bool {
	if len(a.Handlers.PostStop) == 0 || a.run.started.IsZero() || !s.pod.Alive() {
		return false
	}
	a.phase, a.due = leaving, time.Time{}
	a.handler.allow()
	if s.stop.begun {
		s.limitHandler(a, s.stop.timeout)
	}
	status := &s.status.Apps[a.index]
	status.PID, status.Ended = 0, now
	s.save()
	go func() {
		s.handled <- handled{a, s.handle(a, a.run.made, postStopHandler, a.Handlers.PostStop)}
	}()
	return true
}

// left goes on with an app whose post-stop handler has ended. That it failed
// changes nothing but what is said.
func (s *supervisor) left(h handled) {
	s.warn()
	if h.err != nil && s.pod.Alive() {
		s.emit(event.Event{Type: event.Warning, App: h.app.name(), Message: h.err.Error()})
	}
	s.settle(h.app, time.Now())
}

// handle runs one handler to its end.
func (s *supervisor) handle(a *app, made sandbox.App, kind string, argv []string) error {
	failed := func(cause any) error { return fmt.Errorf("app %q: %s handler: %v", a.name(), kind, cause) }
	output, err := a.io.openHandler()
	if err != nil {
		return failed(err)
	}
	made.Name, made.Argv = a.name()+"."+kind, argv // no app is called so
	made.Stdin, made.Stdout, made.Stderr, made.Terminal = nil, output.theirs[0], output.theirs[1], false
	process, err := s.pod.Create(made)
	output.begin()
	defer output.drain()
	if err != nil {
		return failed(handlerCause(err, made.Name))
	}
	crash.Here("handler made") // beside its app: what it has on the host goes the same way
	if !a.handler.begin(process) {
		process.Kill()
	} else if err = process.Exec(); err != nil {
		process.Kill()
	}
	ending, waited := process.Wait()
	output.drain()
	crash.Here("handler ended") // and its app does not run, or any more
	hurried, stopped := a.handler.end()
	if hurried {
		s.front.calm()
	}
	if err := errors.Join(waited, process.Remove()); err != nil {
		return failed(err)
	}
	switch {
	case stopped && kind == preStartHandler:
		return errStopped
	case err != nil:
		return failed(handlerCause(err, made.Name))
	case ending.Status != 0:
		return failed(s.cause(end{app: a.index, status: ending.Status, signaled: ending.Signaled, outOfMemory: ending.OutOfMemory}))
	}
	return nil
}

// handlerCause is an error of the sandbox without the name that a handler has there,
// and without an exit status of its own: the app was not executed.
func handlerCause(err error, name string) string {
	return strings.TrimPrefix(err.Error(), fmt.Sprintf("app %q: ", name))
}

// stopHandler asks a handler that runs to end, and sees to it that it does; one
// that would come before the app does not run any more.
func (s *supervisor) stopHandler(a *app, timeout *time.Duration) {
	a.handler.stop(syscall.Signal(a.Life.StopSignal))
	s.limitHandler(a, timeout)
}

// limitHandler kills a handler that still runs after the app's stop timeout, or
// after another.
func (s *supervisor) limitHandler(a *app, timeout *time.Duration) {
	after := a.Life.StopTimeout
	if timeout != nil {
		after = *timeout
	}
	a.handler.limit(after, s.front.hurry)
}

// handler is the one of an app's handlers that runs, or would. It is stopped from
// other goroutines than the one that runs it.
type handler struct {
	mu      sync.Mutex
	stopped bool
	process *sandbox.Process // nil: none
	limits  int              // how many there have been: only the last counts
	killing sync.WaitGroup   // by the limit; it can take a while
	hurried bool             // the front end is not waited for any more
}

// allow has one run, whatever became of the last.
func (h *handler) allow() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopped = false
	h.limits++
}

// begin reports false if the handler is not to run.
func (h *handler) begin(process *sandbox.Process) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.stopped {
		h.process = process
	}
	return !h.stopped
}

func (h *handler) stop(signal syscall.Signal) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.process != nil && !h.stopped {
		_ = h.process.Signal(signal) // it may have ended already
	}
	h.stopped = true
}

// limit has what runs end after a time. What it has written may wait for the front
// end, which is told so.
func (h *handler) limit(after time.Duration, hurry func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.limits++
	limit := h.limits
	time.AfterFunc(after, func() { h.outOfTime(limit, hurry) })
}

// outOfTime is for a limit whose time is over.
func (h *handler) outOfTime(limit int, hurry func()) {
	if process := h.overdue(limit, hurry); process != nil {
		process.Kill() // nobody waits for that meanwhile, but the handler's own end
		h.killing.Done()
	}
}

// overdue is the process that a limit is to kill, if it still counts and there is one.
func (h *handler) overdue(limit int, hurry func()) *sandbox.Process {
	h.mu.Lock()
	defer h.mu.Unlock()
	if limit != h.limits {
		return nil
	}
	if h.process == nil {
		h.stopped = true
		return nil
	}
	h.killing.Add(1)
	if !h.hurried {
		h.hurried = true
		hurry()
	}
	return h.process
}

// end is for when the process has ended: nobody asks it any more.
func (h *handler) end() (hurried, stopped bool) {
	h.mu.Lock()
	h.limits++
	hurried, stopped = h.hurried, h.stopped
	h.process, h.hurried = nil, false
	h.mu.Unlock()
	h.killing.Wait() // whoever comes next has the same cgroup
	return hurried, stopped
}
