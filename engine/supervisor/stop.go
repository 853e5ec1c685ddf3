package supervisor

import (
	"syscall"
	"time"
)

// stopSequence is each app's own stop signal, and SIGKILL for what is left of it
// when its own time is over; or SIGKILL for all at once, when that is ordered.
type stopSequence struct {
	begun   bool // no app is started again
	ordered bool // by somebody, not by the failure of an app

	timeout *time.Duration // what was ordered in place of each app's own
}

// take does what is ordered. A second order joins the first: its timeout, if it
// names one, replaces what was left.
func (s *supervisor) take(o order) {
	if o.kill {
		s.kill()
		return
	}
	s.stop.ordered = true
	s.stopAll(o.timeout)
	for _, app := range s.apps {
		if app.phase == leaving {
			s.stopHandler(app, s.stop.timeout)
		}
	}
}

// stopAll begins the sequence, with a timeout for all or with each app's own. One
// that runs already gets the timeout.
func (s *supervisor) stopAll(timeout *time.Duration) {
	begun := s.stop.begun
	s.stop.begun = true
	if timeout != nil {
		s.stop.timeout = timeout
	}
	now := time.Now()
	for _, app := range s.apps {
		switch app.phase {
		case waiting:
			s.retire(app, now)
		case running, making:
			if begun && timeout == nil {
				continue
			}
			app.due = now.Add(app.Life.StopTimeout)
			if timeout != nil {
				app.due = now.Add(*timeout)
			}
			if !begun {
				s.ask(app)
			}
		case leaving:
			if !begun {
				s.limitHandler(app, timeout)
			}
		}
	}
}

// ask sends an app its stop signal, or what runs before it.
func (s *supervisor) ask(app *app) {
	if app.phase == making {
		s.stopHandler(app, s.stop.timeout)
		return
	}
	_ = app.run.process.Signal(syscall.Signal(app.Life.StopSignal)) // it may have ended already
}

// outOfTime kills what is left of one app. It may be its output alone, which waits
// for a front end.
func (s *supervisor) outOfTime(app *app) {
	if app.phase == making {
		app.doomed = true // there is no process yet that could be killed
		s.killIfDoomed()
		return
	}
	app.run.process.Kill()
	if !app.hurried {
		app.hurried = true
		s.front.hurry() // until it has ended
	}
}

// killIfDoomed ends a pod in which nothing is left but apps whose time was over
// before they were made. A start may never end: an app that ran beside it can have
// stopped it.
func (s *supervisor) killIfDoomed() {
	doomed := false
	for _, app := range s.apps {
		if app.phase != gone && !app.doomed {
			return
		}
		doomed = doomed || app.phase != gone
	}
	if doomed {
		s.killPod()
	}
}

// killPod ends the pod's init. The kernel ends the rest, and nothing that comes
// after it waits for a front end that doesn't read.
func (s *supervisor) killPod() {
	s.pod.Kill()
	s.network.cancel() // it may wait for a plugin
	s.front.hurry()
}

func (s *supervisor) kill() {
	s.stop.begun, s.stop.ordered = true, true
	s.killPod()
	now := time.Now()
	for _, app := range s.apps {
		if app.phase == waiting {
			s.retire(app, now)
		}
	}
}
