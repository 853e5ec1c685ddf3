// Package batch is podtui without a screen: it runs a pod, prints what the
// engine and the pod say, as text for people or as JSON for programs, and ends
// with the pod's exit status.
//
// It decides nothing about a pod and knows no flags; cmd/podtui/internal/cli
// fills the pod and words the advice that belongs to an error.
package batch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
)

// Start takes a pod to running apps, as Engine.Run does.
type Start = func(ctx context.Context, o engine.RunOptions, sink event.Sink) (*engine.Running, error)

// Pod is what batch has to know of a pod.
type Pod struct {
	Apps   int
	GoesOn bool // the failure of one app leaves the others running

	// Interactive gives the app podtui's input.
	Interactive bool

	// Detach leaves the pod running once every app has been executed.
	Detach bool

	// Saved is told the pod's UUID before any app is executed. If it can't be, the
	// pod is not run.
	Saved func(uuid string) error
}

// Run runs a pod to its end and returns the exit status of podtui: the pod's
// own, or what an error means.
//
// The first SIGINT, SIGTERM or SIGHUP stops the pod, the second kills it; a pod
// that has not started yet is given up, and the error is an *InterruptError.
// When nobody reads the pod's output any more, it is stopped as well, and the
// error is a *ClosedError.
func Run(ctx context.Context, start Start, pod Pod, o engine.RunOptions, out *Output) (int, error) {
	signals := listen()
	defer signals.close()
	out.begin(pod)
	if !pod.Detach {
		o.Output = out.write
	}
	out.input(pod, &o)
	running, late, err := begin(ctx, start, pod, o, out, signals)
	if err != nil {
		return engine.ExitStatus(err), err
	}
	if pod.Detach && late == nil && out.detached(running.UUID) {
		return 0, running.Close()
	}
	signalled := isInterrupt(late)
	if late != nil {
		signals.catch()
		out.stopping()
		running.Stop(!signalled)
	}
	end, err := out.interact(running, o.Input)
	if err != nil {
		running.Stop(true)
		end = func() {}
	}
	defer end() // also in a panic
	status, waitErr := wait(running, signals, out)
	end()
	if err = errors.Join(err, waitErr); err != nil && status == 0 {
		status = engine.ExitStatus(err)
	}
	if closed := out.finish(); closed != nil {
		return closed.status(), closed
	}
	if late != nil && (pod.Detach || !signalled) {
		return engine.ExitStatus(late), late
	}
	return status, err
}

// Prepare makes a pod that is not run yet, and prints its UUID. On an error with
// a UUID there is a pod, and nobody knows.
func Prepare(ctx context.Context, prepare func(context.Context, engine.RunOptions, event.Sink) (string, error),
	pod Pod, o engine.RunOptions, out *Output,
) (string, error) {
	signals := listen()
	defer signals.close()
	out.begin(pod)
	uuid, late, err := begin(ctx, prepare, pod, o, out, signals)
	switch {
	case err != nil:
		return "", err
	case late != nil:
		return uuid, late
	case !out.detached(uuid):
		return uuid, fmt.Errorf("%s: %w", out.broken.File.Name(), errors.Unwrap(out.broken.Err))
	}
	return uuid, nil
}

// begin starts the pod, unless a signal comes, or its UUID can't be saved: late is
// that, if it came too late to be an error.
func begin[T any](ctx context.Context, start func(context.Context, engine.RunOptions, event.Sink) (T, error),
	pod Pod, o engine.RunOptions, out *Output, signals *signals,
) (begun T, late, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	release := signals.cancelOnFirst(cancel)
	begun, err = start(ctx, o, pod.sink(ctx, cancel, out))
	release()
	if err != nil {
		return begun, nil, causeOr(ctx, err)
	}
	return begun, context.Cause(ctx), nil
}

// sink has the pod's UUID saved once there is one, and prints the events: of a
// pod that is left running, those up to there.
func (p Pod) sink(ctx context.Context, cancel context.CancelCauseFunc, out *Output) event.Sink {
	var save sync.Once
	var started atomic.Int32
	return func(e event.Event) {
		if p.Saved != nil && (e.Type == event.PodPrepare || e.Type == event.AppStart) {
			save.Do(func() {
				if err := p.Saved(e.Pod); err != nil {
					cancel(&unsavedError{err})
				}
			})
		}
		gone := p.Detach && int(started.Load()) == p.Apps
		if e.Type == event.AppStart && e.State == event.Done {
			started.Add(1)
		}
		if !gone && (e.Type != event.Error || ctx.Err() == nil) { // else the reason is another
			out.Event(e)
		}
	}
}

// unsavedError says that a pod's UUID could not be saved.
type unsavedError struct{ err error }

func (e *unsavedError) Error() string { return e.err.Error() }
func (e *unsavedError) Unwrap() error { return e.err }

// Interruptible does something that a signal ends by cancelling its context.
// The error is an *InterruptError then.
func Interruptible(ctx context.Context, do func(context.Context) error) error {
	signals := listen()
	defer signals.close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer signals.cancelOnFirst(cancel)()
	err := do(ctx)
	if err != nil {
		err = causeOr(ctx, err)
	}
	return err
}

// causeOr tells what was given up, and why, from what failed.
func causeOr(ctx context.Context, err error) error {
	var unsaved *unsavedError
	if cause := context.Cause(ctx); isInterrupt(cause) || errors.As(cause, &unsaved) {
		return cause
	}
	return err
}

func isInterrupt(err error) bool {
	var interrupt *InterruptError
	return errors.As(err, &interrupt)
}

// wait waits for the pod's end and passes on whatever asks for an earlier one.
// The supervisor takes a second order for impatience.
func wait(running *engine.Running, signals *signals, out *Output) (status int, err error) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		status, err = running.Wait()
	}()
	closed := out.closed
	for {
		select {
		case <-ended:
			return status, err
		case <-signals.ends:
			out.stopping()
			running.Stop(false)
		case <-closed:
			closed = nil
			running.Stop(false)
		}
	}
}

// InterruptError says that a signal came before anything had started.
type InterruptError struct{ Signal syscall.Signal }

func (e *InterruptError) Error() string {
	return "interrupted by " + unix.SignalName(e.Signal)
}

// Status is what a shell says of a process that died by the signal.
func (e *InterruptError) Status() int { return 128 + int(e.Signal) }

// ClosedError says that the pod's output could not be passed on, and that the
// pod was stopped for it.
type ClosedError struct {
	File *os.File
	Err  error
}

func (e *ClosedError) Error() string {
	return fmt.Sprintf("%s: %v; the pod was stopped", e.File.Name(), errors.Unwrap(e.Err))
}

// Silent reports whether the reader has just gone, as "head" does: nobody
// wants to hear of it.
func (e *ClosedError) Silent() bool { return errors.Is(e.Err, syscall.EPIPE) }

// status is that of a process that SIGPIPE killed, where it would have.
func (e *ClosedError) status() int {
	if e.Silent() {
		return 128 + int(syscall.SIGPIPE)
	}
	return engine.StatusCannotRun
}
