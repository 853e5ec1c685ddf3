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
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

// Engine is what batch needs of *engine.Engine.
type Engine interface {
	Run(ctx context.Context, pod spec.Pod, o engine.RunOptions, sink event.Sink) (*engine.Running, error)
}

// Run runs a pod to its end and returns the exit status of podtui: the pod's
// own, or what an error means.
//
// The first SIGINT, SIGTERM or SIGHUP stops the pod, the second kills it; a pod
// that has not started yet is given up, and the error is an *InterruptError.
// When nobody reads the pod's output any more, it is stopped as well, and the
// error is a *ClosedError.
func Run(ctx context.Context, e Engine, pod spec.Pod, skipVerify bool, out *Output) (int, error) {
	signals := listen()
	defer signals.close()
	out.begin(len(pod.Apps))

	starting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	release := signals.cancelOnFirst(cancel)
	options := engine.RunOptions{SkipVerify: skipVerify, Output: out.write}
	running, err := e.Run(starting, pod, options, func(e event.Event) {
		if e.Type != event.Error || starting.Err() == nil { // else the signal is the reason
			out.Event(e)
		}
	})
	release()
	if err != nil {
		err = interruptOr(starting, err)
		return engine.ExitStatus(err), err
	}
	if starting.Err() != nil { // a signal that came too late to be an error
		signals.catch()
		out.stopping()
		running.Stop(false)
	}
	status, err := wait(running, signals, out)
	if closed := out.finish(); closed != nil {
		return closed.status(), closed
	}
	return status, err
}

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
		err = interruptOr(ctx, err)
	}
	return err
}

// interruptOr tells what was given up from what failed.
func interruptOr(ctx context.Context, err error) error {
	var interrupt *InterruptError
	if errors.As(context.Cause(ctx), &interrupt) {
		return interrupt
	}
	return err
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
