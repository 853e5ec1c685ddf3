package supervisor

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/sandbox"
)

// stopSequence is SIGTERM to every app, SIGKILL after StopTimeout, or at once
// when it is asked for again.
type stopSequence struct {
	apps  []*app
	pod   *sandbox.Pod
	front *sender
	timer *time.Timer
}

// take does what is ordered; a second order of any kind is impatience.
func (s *stopSequence) take(o order) {
	if o.kill || s.timer != nil {
		s.kill()
		return
	}
	s.begin()
}

func (s *stopSequence) begin() {
	if s.timer != nil {
		return
	}
	s.timer = time.NewTimer(StopTimeout)
	for _, app := range s.apps {
		_ = app.process.Signal(unix.SIGTERM) // it may have ended already
	}
}

// kill ends the pod's init. The kernel ends the rest.
func (s *stopSequence) kill() {
	s.pod.Kill()
	s.front.hurry()
}

// timeout is nil, and so never ready, before the sequence has begun.
func (s *stopSequence) timeout() <-chan time.Time {
	if s.timer == nil {
		return nil
	}
	return s.timer.C
}

func (s *stopSequence) close() {
	if s.timer != nil {
		s.timer.Stop()
	}
}
