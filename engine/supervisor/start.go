package supervisor

import (
	"fmt"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/sandbox"
)

// start makes everything, and only then lets the apps go: of a pod in which one
// app can't be made, none runs.
func (s *supervisor) start() error {
	if err := s.prepare(); err != nil {
		return err
	}
	written := s.running()
	for i := range s.record.Resolved.Apps {
		app, err := s.create(i)
		if err != nil {
			<-written
			return err
		}
		s.apps = append(s.apps, app)
	}
	<-written
	for i, app := range s.apps {
		if err := app.process.Exec(); err != nil {
			return err
		}
		s.status.Apps[i].Started = time.Now()
		s.status.Apps[i].PID = app.process.PID()
	}
	s.save()
	s.ends = make(chan end, len(s.apps))
	for i, app := range s.apps {
		s.emit(event.Event{Time: s.status.Apps[i].Started, Type: event.AppStart, State: event.Done, App: s.status.Apps[i].Name})
		go app.follow(i, s.ends)
	}
	return nil
}

// prepare makes the apps' roots and the pod's volumes.
func (s *supervisor) prepare() error {
	names := make([]string, len(s.record.Resolved.Apps))
	for i, app := range s.record.Resolved.Apps {
		names[i] = app.Name.Value
	}
	s.pod.Expect(names...)
	for i, app := range s.record.Resolved.Apps {
		if err := s.makeRoot(app.Name.Value, s.record.Images[i].Layers); err != nil {
			return fmt.Errorf("app %q: %w", app.Name.Value, err)
		}
	}
	return s.makeVolumes()
}

// makeRoot stacks an app's root file system.
func (s *supervisor) makeRoot(app string, layers []string) error {
	root := sandbox.Root{
		Layers: layers,
		Upper:  s.dir.AppUpper(app), Work: s.dir.AppWork(app), Target: s.dir.AppRoot(app),
	}
	for _, path := range []string{s.dir.App(app), root.Upper, root.Work, root.Target} {
		if err := os.Mkdir(path, 0o700); err != nil {
			return err
		}
	}
	if err := likeImageRoot(root.Upper, layers[0]); err != nil {
		return err
	}
	return root.Mount()
}

// likeImageRoot gives the upper folder, which is what the app sees as "/", the
// mode and owner that the image gave its own.
func likeImageRoot(upper, layer string) error {
	var root unix.Stat_t
	if err := unix.Stat(layer, &root); err != nil {
		return &os.PathError{Op: "stat", Path: layer, Err: err}
	}
	if err := os.Chown(upper, int(root.Uid), int(root.Gid)); err != nil {
		return err
	}
	return unix.Chmod(upper, root.Mode&0o7777)
}

// create makes one app up to the point where it waits to be executed.
func (s *supervisor) create(i int) (*app, error) {
	e := s.record.Resolved.Apps[i]
	root := s.dir.AppRoot(e.Name.Value)
	owner, err := lookUpOwner(root, e)
	if err != nil {
		return nil, fmt.Errorf("app %q: %w", e.Name.Value, err)
	}
	mounts, err := s.mounts(root, e)
	if err != nil {
		return nil, fmt.Errorf("app %q: %w", e.Name.Value, err)
	}
	io, err := s.newStdio(i, e.Name.Value)
	if err != nil {
		return nil, err
	}
	given, err := io.open()
	if err != nil {
		return nil, err
	}
	process, err := s.pod.Create(sandbox.App{
		Name: e.Name.Value, Root: root,
		Argv: e.Exec, Env: e.Environ(), Dir: e.WorkingDir.Value,
		UID: owner.uid, GID: owner.gid, Groups: e.Groups,
		Mounts: mounts,
		Stdin:  given.stdin, Stdout: given.stdout, Stderr: given.stderr,
		Terminal: given.terminal, Rows: given.rows, Cols: given.cols,
	})
	if err != nil {
		io.begin(nil)
		return nil, err
	}
	io.begin(process.Console())
	return &app{process: process, io: io}, nil
}

// running writes down that the pod runs, while its apps are being made; the
// channel is closed when it is written, which must be before any app runs. What
// the folder says may be too much for a moment after a crash, never too little.
// Who reads it may send an order at once.
func (s *supervisor) running() <-chan struct{} {
	s.status.State, s.status.Started = poddir.Running, time.Now()
	now := s.status
	now.Apps = slices.Clone(now.Apps)
	written := make(chan struct{})
	go func() {
		defer close(written)
		s.listen()
		s.write(now)
	}()
	return written
}
