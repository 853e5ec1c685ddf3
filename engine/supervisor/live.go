package supervisor

import (
	"time"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

// end says that an app has ended, or could not be made again, and that all its
// output has been kept.
type end struct {
	app         int
	status      int
	signaled    bool
	outOfMemory bool
	err         error
}

// live runs until the last app has ended for good.
func (s *supervisor) live() {
	for s.alive() {
		due := s.nextDue()
		select {
		case e := <-s.ends:
			s.ended(e)
		case h := <-s.handled:
			s.left(h)
		case m := <-s.made:
			s.remade(m)
		case order := <-s.orders:
			s.take(order)
		case <-s.hosts.changed:
			s.renewHosts()
			s.restLater()
		case <-after(due):
			s.tick(time.Now())
		}
	}
}

func (s *supervisor) alive() bool {
	for _, app := range s.apps {
		if app.phase != gone {
			return true
		}
	}
	return false
}

// nextDue is when something has to be done without anybody asking; zero: never.
func (s *supervisor) nextDue() time.Time {
	due := s.quiet.due
	for _, app := range s.apps {
		if t := app.due; !t.IsZero() && (due.IsZero() || t.Before(due)) {
			due = t
		}
	}
	return due
}

// after is never ready if there is no such time.
func after(due time.Time) <-chan time.Time {
	if due.IsZero() {
		return nil
	}
	return time.After(time.Until(due))
}

// tick does what is due.
func (s *supervisor) tick(now time.Time) {
	for _, app := range s.apps {
		if app.due.IsZero() || app.due.After(now) {
			continue
		}
		app.due = time.Time{}
		if app.phase == waiting {
			s.remake(app)
		} else {
			s.outOfTime(app)
		}
	}
	if due := s.quiet.due; !due.IsZero() && !due.After(now) {
		s.rest(now)
	}
}

// ended is for an app that has ended. One whose failure is for good ends the others
// before its post-stop handler has.
func (s *supervisor) ended(e end) {
	crash.Here("app ended") // the folder says that it runs: so it does until the lock is free
	now, app := time.Now(), s.apps[e.app]
	app.last = e
	if app.hurried {
		app.hurried = false
		s.front.calm()
	}
	app.pause, app.again = app.policy.next(e.status, app.ran(now))
	if !s.leave(app, now) {
		s.settle(app, now)
		return
	}
	if !app.again {
		s.stopOthers(app)
	}
}

// settle decides what comes next of an app that has ended: another start, or nothing.
func (s *supervisor) settle(app *app, now time.Time) {
	if app.again && !s.stop.begun {
		s.await(app, now)
		return
	}
	s.retire(app, now)
}

// stopOthers ends the pod if an app has failed for good.
func (s *supervisor) stopOthers(app *app) {
	if app.last.status != 0 && s.record.Resolved.OnFailure != spec.ContinueOthers {
		s.stopAll(nil)
	}
}

// retire writes down that an app has ended for good, and what that means for the
// others.
func (s *supervisor) retire(app *app, now time.Time) {
	app.phase, app.due = gone, time.Time{}
	lives := s.alive()
	if !lives {
		s.pod.Kill()             // its init goes while the rest is written down
		crash.Here("pod killed") // its cgroups are left, for whoever collects the pod
	}
	s.noteEnd(app, now)
	s.stopOthers(app)
	if lives {
		s.killIfDoomed()
		s.save() // else finish does
	}
}

// noteEnd writes down that an app has ended for good. The first failure is the
// pod's.
func (s *supervisor) noteEnd(app *app, now time.Time) {
	e, status := app.last, &s.status.Apps[app.index]
	app.io.close(e.status)
	if status.Ended.IsZero() { // else it had ended before
		status.Ended = now
	}
	status.Next = time.Time{}
	status.PID, status.Exit, status.Cause = 0, &e.status, s.cause(e)
	if e.status != 0 && s.status.Exit == nil {
		s.status.Exit, s.status.Cause = &e.status, appCause(status.Name, status.Cause)
	}
	s.emit(event.Event{Time: now, Type: event.AppExit, State: event.Done, App: status.Name, Status: &e.status, Message: status.Cause})
}
