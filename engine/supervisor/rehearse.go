package supervisor

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/engine/spec"
)

// CheckError says what a start would find wrong, and with which status it would end.
type CheckError struct {
	Err    error
	Status int
}

func (e *CheckError) Error() string { return e.Err.Error() }
func (e *CheckError) Unwrap() error { return e.Err }

// Rehearse does what a start does until an app would be made, by the same means: roots
// and volumes are mounted, users looked up, executables found. All of it is on a
// thread with mounts of its own and in memory, and gone when this returns. Data is the
// data folder; told gets the warnings.
//
// On a host without overlays, where a start copies images, the rest is left to that.
func Rehearse(data string, record poddir.Record, told func(event.Event)) error {
	err := sandbox.OnThread(func() error { return rehearse(data, record, told) })
	if err == nil || sandbox.CannotStack(err) {
		return nil
	}
	return &CheckError{err, exitStatus(err)}
}

func rehearse(data string, record poddir.Record, told func(event.Event)) error {
	s := &supervisor{record: lightened(record), rehearsal: told, pod: new(sandbox.Pod)}
	s.options.Hostname = record.Resolved.Hostname
	if record.Resolved.PrivateUsers {
		s.users = sandbox.Users{Count: spec.PrivateIDs} // as the pod itself numbers them
	}
	held, err := s.heldVolumes() // before something lies over one
	defer held.close()
	if err != nil {
		return err
	}
	scratch, err := sandbox.Scratch(data)
	if err != nil {
		return err
	}
	if s.dir, err = poddir.Create(scratch, poddir.NewUUID()); err != nil {
		return err
	}
	defer s.dir.Unlock()
	for i, e := range s.record.Resolved.Apps {
		s.apps = append(s.apps, &app{Effective: e, index: i, layers: s.record.Images[i].Layers})
	}
	if err := s.placeVolumes(held); err != nil {
		return err
	}
	return s.rehearseApps()
}

// lightened leaves out what would be copied: a volume that starts with what the image
// has there shows the same as the image.
func lightened(record poddir.Record) poddir.Record {
	record.Resolved.Apps = slices.Clone(record.Resolved.Apps)
	for i := range record.Resolved.Apps {
		e := &record.Resolved.Apps[i]
		e.Bindings = slices.DeleteFunc(slices.Clone(e.Bindings), func(b spec.Binding) bool { return b.Fill })
	}
	return record
}

func (s *supervisor) rehearseApps() error {
	for _, a := range s.apps {
		if err := s.stackRoot(a); err != nil {
			return fmt.Errorf("app %q: %w", a.name(), err)
		}
	}
	if err := s.makeVolumes(); err != nil {
		return err
	}
	var all []*sandbox.Found
	for _, a := range s.apps {
		made, err := s.furnish(a)
		if err == nil {
			err = s.users.Check(append([]int{made.UID, made.GID}, made.Groups...)...)
		}
		if err != nil {
			return fmt.Errorf("app %q: %w", a.name(), err)
		}
		found, err := sandbox.LookFor(made)
		if err != nil {
			return err
		}
		defer found.Close()
		all = append(all, found)
	}
	for _, found := range all { // all apps are made before any is executed
		if err := found.Check(); err != nil {
			return err
		}
	}
	return nil
}

// stackRoot is makeRoot where nothing was before, and nothing is to be copied.
func (s *supervisor) stackRoot(a *app) error {
	root := s.rootOf(a)
	for _, path := range []string{s.dir.App(a.name()), root.Target} {
		if err := os.Mkdir(path, 0o700); err != nil {
			return err
		}
	}
	err := errors.Join(s.dir.RenewApp(a.name()), s.likeImageRoot(root.Upper, a.layers[0]))
	if err != nil {
		return err
	}
	return root.Mount()
}
