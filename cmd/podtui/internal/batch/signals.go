package batch

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// signals are those that end a pod.
type signals struct {
	ends  chan os.Signal
	pipes chan os.Signal
}

func listen() *signals {
	s := &signals{ends: make(chan os.Signal, 2), pipes: make(chan os.Signal, 1)}
	s.catch()
	// Caught, so that a write to a closed pipe fails instead of killing us and
	// leaving the pod behind. Ignored, it would be ignored in every app as well.
	signal.Notify(s.pipes, syscall.SIGPIPE)
	return s
}

func (s *signals) catch() { signal.Notify(s.ends, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP) }

func (s *signals) close() {
	signal.Stop(s.ends)
	signal.Stop(s.pipes)
}

// cancelOnFirst cancels with an *InterruptError when a signal comes, until
// release, which returns when nobody takes signals any more. The second signal
// ends podtui, as if it had never caught one: whatever hangs, people get away.
func (s *signals) cancelOnFirst(cancel context.CancelCauseFunc) (release func()) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		select {
		case caught := <-s.ends:
			signal.Stop(s.ends)
			cancel(&InterruptError{caught.(syscall.Signal)})
		case <-stop:
		}
	}()
	return func() {
		close(stop)
		<-stopped
	}
}
