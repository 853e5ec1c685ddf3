package supervisor

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/sandbox"
)

// rootOf is an app's root file system.
func (s *supervisor) rootOf(a *app) sandbox.Root {
	return sandbox.Root{
		Layers: a.layers,
		Upper:  s.dir.AppUpper(a.name()), Work: s.dir.AppWork(a.name()), Target: s.dir.AppRoot(a.name()),
	}
}

// makeRoot stacks an app's root file system, clean: what an earlier run, or one
// that was killed, has left in the folder goes.
func (s *supervisor) makeRoot(a *app) error {
	root := s.rootOf(a)
	for _, path := range []string{s.dir.App(a.name()), root.Target} {
		if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if err := s.dir.RenewApp(a.name()); err != nil {
		return err
	}
	if err := likeImageRoot(root.Upper, a.layers[0]); err != nil {
		return err
	}
	return root.Mount()
}

// remountRoot gives an app that has ended a clean root. That none is mounted is no
// error: an earlier try may have come no further.
func (s *supervisor) remountRoot(a *app) error {
	if err := s.rootOf(a).Unmount(); err != nil && !errors.Is(err, unix.EINVAL) {
		return err
	}
	crash.Here("app unmounted") // what it had changed is still there, for whoever starts or removes the pod
	return s.makeRoot(a)
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
