package supervisor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/sandbox"
)

// errKilled is why a pod was not started that was killed while it was.
var errKilled = errors.New("it was killed before its apps ran")

// starting starts the pod, and takes orders meanwhile: to kill it is done at once,
// to stop it when it can be.
func (s *supervisor) starting() error {
	started := make(chan error, 1)
	go func() { started <- s.start() }()
	var orders []order
	var due time.Time // an app that is made could be held up for ever by one that runs
	killed := false
	for {
		select {
		case o := <-s.orders:
			orders = append(orders, o)
			due = time.Now().Add(s.patienceOf(o))
			s.network.cancel() // it may wait for a plugin
			if o.kill {
				killed = true
				s.killPod()
				continue
			}
			for _, app := range s.apps {
				s.stopHandler(app, o.timeout)
			}
		case <-after(due):
			due, killed = time.Time{}, true
			s.killPod()
		case err := <-started:
			if err != nil {
				s.stop.ordered = len(orders) > 0
				if killed || s.stop.ordered && errors.Is(err, context.Canceled) {
					return errKilled
				}
				return err
			}
			for _, o := range orders {
				s.take(o)
			}
			return nil
		}
	}
}

// patienceOf is how long the last of the apps has to end by an order. What runs
// before an app is killed first.
func (s *supervisor) patienceOf(o order) time.Duration {
	var longest, handling time.Duration
	for _, app := range s.record.Resolved.Apps {
		longest = max(longest, app.Life.StopTimeout)
		if len(app.Handlers.PreStart) > 0 {
			handling = time.Second
		}
	}
	if o.timeout != nil {
		longest = *o.timeout
	}
	return longest + handling
}

// start makes everything, and only then lets the apps go, one after the other: of
// a pod in which one app can't be made, none runs. Of one in which one can't be
// executed, those before it have run for a moment.
func (s *supervisor) start() error {
	crash.Here("init started") // or about to: namespaces, and nothing of them in the folder: the kernel takes them
	err := s.prepare()
	if refused := s.pod.Await(); refused != nil {
		return refused // and what was made of the pod has failed for it
	}
	if err != nil {
		return err
	}
	crash.Here("roots mounted") // in the folder: roots and volumes. The next start has the volumes, and makes the roots anew
	written := s.running()
	err = s.createAll()
	<-written
	s.awaitPods()
	if err != nil {
		return err
	}
	s.warn()
	crash.Here("apps created") // cgroups and records of processes that are no apps yet, for whoever collects or starts the pod
	if err := s.preStartAll(); err != nil {
		return err
	}
	for i, app := range s.apps {
		if err := app.run.process.Exec(); err != nil {
			s.cutShort(s.apps[:i])
			return err
		}
		app.run.started = time.Now()
	}
	s.warn()                    // some limits are set in the last moment
	crash.Here("apps executed") // and the folder does not know when
	for _, app := range s.apps {
		s.began(app)
	}
	s.save()
	for _, app := range s.apps {
		s.tellStart(app)
		app.io.begin(app.run.process.Console()) // nobody hears an app that he has not been told of
		go app.follow(app.run.process, s.ends)
	}
	s.tellOfFirewall()
	s.restLater()
	return nil
}

// cutShort ends apps that run, where a later one could not be executed. What they
// have said, and how they ended, is kept.
func (s *supervisor) cutShort(apps []*app) {
	for _, app := range apps {
		s.began(app)
		s.tellStart(app)
		app.io.begin(app.run.process.Console())
	}
	s.pod.Kill()
	ends := make(chan end, len(apps))
	for _, app := range apps {
		app.follow(app.run.process, ends)
		app.last = <-ends
		s.noteEnd(app, time.Now())
	}
}

// prepare makes the apps' roots and the pod's volumes, and meanwhile its networks.
func (s *supervisor) prepare() error {
	names := make([]string, len(s.record.Resolved.Apps))
	for i, app := range s.record.Resolved.Apps {
		names[i] = app.Name.Value
	}
	s.pod.Expect(names...)
	if err := s.makeApps(); err != nil {
		return err
	}
	if err := s.bound(); err != nil {
		return err
	}
	s.beginNetwork()
	if err := s.holdVolumes(); err != nil {
		return err
	}
	for _, app := range s.apps {
		if err := s.makeRoot(app); err != nil {
			return fmt.Errorf("app %q: %w", app.name(), err)
		}
	}
	if err := s.makeVolumes(); err != nil {
		return err
	}
	if err := s.awaitNetwork(); err != nil {
		return err
	}
	s.meetPods()
	s.serveMetadata()
	return nil
}

// running writes down that the pod runs, while its apps are being made; the
// channel is closed when it is written, which must be before any app runs. What
// the folder says may be too much for a moment after a crash, never too little.
// Who reads it may send an order at once.
func (s *supervisor) running() <-chan struct{} {
	now := s.status
	now.Apps = slices.Clone(now.Apps)
	written := make(chan struct{})
	go func() {
		defer close(written)
		s.listen()
		s.write(now)
		s.reserve()
		crash.Here("running written") // and no app runs yet: what the folder says may be too much after a crash, never too little
	}()
	return written
}

func (s *supervisor) createAll() error {
	for _, app := range s.apps {
		made, err := s.create(app)
		if err != nil {
			return err
		}
		app.run = made
	}
	return nil
}

// create makes one app up to the point where it waits to be executed. Its root is
// mounted.
func (s *supervisor) create(a *app) (appRun, error) {
	made, err := s.furnish(a)
	if err != nil {
		return appRun{}, fmt.Errorf("app %q: %w", a.name(), err)
	}
	owner := owner{made.UID, made.GID}
	given, err := a.io.open()
	if err != nil {
		return appRun{}, err
	}
	made.Stdin, made.Stdout, made.Stderr = given.stdin, given.stdout, given.stderr
	made.Terminal, made.Rows, made.Cols = given.terminal, given.rows, given.cols
	process, err := s.pod.Create(made)
	if err != nil {
		a.io.begin(nil)
		a.io.drain()
		return appRun{}, err
	}
	return appRun{process: process, made: made, owner: owner, given: given}, nil
}

// furnish puts what an app will see into its root, and finds out whom it runs as.
func (s *supervisor) furnish(a *app) (sandbox.App, error) {
	root := s.dir.AppRoot(a.name())
	owner, err := lookUpOwner(root, a.Effective)
	if err != nil {
		return sandbox.App{}, err
	}
	owner = s.inside(owner, a.Effective)
	if err := makeWorkingDir(root, a.Effective); err != nil {
		return sandbox.App{}, err
	}
	if err := s.adoptDir(root, a.Effective); err != nil {
		return sandbox.App{}, err
	}
	mounts, err := s.mounts(a)
	return sandbox.App{
		Name: a.name(), Root: root,
		Argv: a.Exec, Env: s.environ(a), Dir: a.WorkingDir.Value,
		UID: owner.uid, GID: owner.gid, Groups: a.Groups,
		Mounts: mounts, Limits: a.Limits, Isolation: a.Isolation,
	}, err
}

// began puts a run that has just begun into the status.
func (s *supervisor) began(a *app) {
	a.phase = running
	status := &s.status.Apps[a.index]
	status.PID, status.Started, status.Ended, status.Next, status.Cause = a.run.process.PID(), a.run.started, time.Time{}, time.Time{}, ""
	status.UID, status.GID, status.Groups = a.run.owner.uid, a.run.owner.gid, a.Groups
	status.Terminal = a.run.given.terminal
	status.Input = status.Terminal || a.run.given.stdin != nil
}

func (s *supervisor) tellStart(a *app) {
	s.emit(event.Event{Time: a.run.started, Type: event.AppStart, State: event.Done, App: a.name()})
}
