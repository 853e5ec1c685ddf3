package supervisor

import (
	"cmp"
	"fmt"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

// An app that ends again and again is started less and less often.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = time.Minute
	longRun      = 10 * time.Second // after which the pauses begin anew
)

// policy is an app's restart policy, and how far it has come.
type policy struct {
	spec.Restart
	restarts int
	pause    time.Duration // before the last one
}

// next decides whether an app is started again that has ended after so long.
func (p *policy) next(status int, ran time.Duration) (pause time.Duration, again bool) {
	switch p.When {
	case spec.RestartAlways:
	case spec.RestartOnFailure:
		if status == 0 || p.Most > 0 && p.restarts >= p.Most {
			return 0, false
		}
	default:
		return 0, false
	}
	if ran >= longRun {
		p.pause = 0
	}
	p.restarts++
	p.pause = min(cmp.Or(2*p.pause, firstPause), longestPause)
	return p.pause, true
}

// await has an app that has ended wait for its next start.
func (s *supervisor) await(app *app, now time.Time) {
	app.phase, app.due = waiting, now.Add(app.pause)
	status := &s.status.Apps[app.index]
	if status.Ended.IsZero() { // else its post-stop handler came in between
		status.Ended = now
	}
	status.PID, status.Next, status.Cause = 0, app.due, s.cause(app.last)
	s.emit(event.Event{
		Time: now, Type: event.AppExit, State: event.Started, App: status.Name, Status: &app.last.status,
		Message: fmt.Sprintf("%s; started again in %v", cmp.Or(status.Cause, "status 0"), app.pause),
	})
	s.save()
}

// made says what became of an app that was to be made again.
type made struct {
	app *app
	run appRun
	err error
}

// remake makes an app anew, beside everything else: that takes as long as a start.
// Of a pod whose init was killed there is nothing to make it in.
func (s *supervisor) remake(app *app) {
	if !s.pod.Alive() {
		s.retire(app, time.Now())
		return
	}
	app.phase = making
	go func() {
		again, err := s.again(app)
		s.made <- made{app, again, err}
	}()
}

// again gives an app a clean root and starts it.
func (s *supervisor) again(app *app) (appRun, error) {
	if err := s.clean(app); err != nil {
		return appRun{}, fmt.Errorf("app %q: %w", app.name(), err)
	}
	made, err := s.create(app)
	if err != nil {
		return appRun{}, err
	}
	if err = s.preStart(app, made.made); err == nil {
		err = made.process.Exec()
	}
	app.io.begin(made.process.Console())
	if err != nil {
		made.discard(app.io)
		return appRun{}, err
	}
	made.started = time.Now()
	return made, nil
}

// clean takes away what an app has left of its last run.
func (s *supervisor) clean(app *app) error {
	if last := app.run.process; last != nil {
		if err := last.Remove(); err != nil {
			return err
		}
		app.run = appRun{}
	}
	return s.remountRoot(app)
}

// ran is how long the last run was that has just ended.
func (a *app) ran(now time.Time) time.Duration {
	if a.run.started.IsZero() {
		return 0
	}
	return now.Sub(a.run.started)
}

// remade goes on with an app that was made again, or with its failure, which is a
// run like others that failed.
func (s *supervisor) remade(m made) {
	s.warn()
	if m.err != nil {
		m.app.run.started = time.Time{} // what could not be taken away of the last run is not this one
		s.ended(end{app: m.app.index, status: exitStatus(m.err), err: m.err})
		return
	}
	m.app.run = m.run
	s.began(m.app)
	s.status.Apps[m.app.index].Restarts++
	s.save()
	s.tellStart(m.app)
	go m.app.follow(m.run.process, s.ends)
	s.restLater()
	switch { // what was ordered meanwhile
	case m.app.doomed:
		m.run.process.Kill()
	case s.stop.begun:
		s.ask(m.app)
	}
}

// discard takes away a process that could not be executed.
func (r appRun) discard(io *stdio) {
	r.process.Kill()
	_, _ = r.process.Wait()
	_ = r.process.Remove()
	io.drain()
}
