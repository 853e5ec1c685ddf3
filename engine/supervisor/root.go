package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/store/rootcopy"
)

// appRoot is what an app's root is made of, and what is mounted in it.
type appRoot struct {
	copied bool // its image was copied; else it is stacked on it

	mounted bool            // with files and volumes, since it was made
	late    []sandbox.Mount // but for these, which can only be mounted as the app is made
	told    bool            // the user was told what the volumes hide
}

// rootOf is an app's root file system.
func (s *supervisor) rootOf(a *app) sandbox.Root {
	return sandbox.Root{
		Layers: a.layers,
		Upper:  s.dir.AppUpper(a.name()), Work: s.dir.AppWork(a.name()), Target: s.dir.AppRoot(a.name()),
		UserNamespace: s.pod.UserNamespace(),
	}
}

// makeRoot makes an app's root file system, clean: what an earlier run, or one
// that was killed, has left in the folder goes.
func (s *supervisor) makeRoot(a *app) error {
	root := s.rootOf(a)
	for _, path := range []string{s.dir.App(a.name()), root.Target} {
		if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	a.root.mounted = false
	if a.root.copied {
		if err := s.dir.DropCopy(a.name()); err != nil {
			return err
		}
	}
	if err := s.dir.RenewApp(a.name()); err != nil {
		return err
	}
	if a.root.copied || s.record.Resolved.NoOverlay {
		return s.copyRoot(a, root)
	}
	if err := s.likeImageRoot(root.Upper, a.layers[0]); err != nil {
		return err
	}
	err := root.Mount()
	if sandbox.CannotStack(err) {
		s.warnOf(a, fmt.Errorf("its image is copied at each start, since it can't be stacked on here: %w", err))
		return s.copyRoot(a, root)
	}
	return err
}

// copyRoot gives an app a copy of its image, for which overlayfs isn't needed. The
// copy gets its name when it is whole. Until it is marked as one the folder is
// taken for what the app has changed, which is the same while it has changed
// nothing.
func (s *supervisor) copyRoot(a *app, root sandbox.Root) error {
	a.root.copied = true // record and overlayfs are not asked again
	begun := filepath.Join(root.Work, "root")
	if err := os.Mkdir(begun, 0o700); err != nil {
		return err
	}
	// Nobody gives up a start half-way: then the whole supervisor is killed.
	if err := rootcopy.Copy(context.Background(), a.layers, begun, s.onHost()); err != nil {
		return err
	}
	crash.Here("root copied")                              // and not in place: whoever starts the pod copies it anew
	if err := unix.Rename(begun, root.Upper); err != nil { // which os.Rename does to no folder
		return &os.LinkError{Op: "rename", Old: begun, New: root.Upper, Err: err}
	}
	if err := s.dir.MarkCopied(a.name()); err != nil {
		return err
	}
	return root.MountCopy()
}

// onHost is what a copy has that is the pod's.
func (s *supervisor) onHost() rootcopy.Changes {
	if !s.users.Private() {
		return rootcopy.Changes{}
	}
	return rootcopy.Changes{
		Owner:     s.ownerOnHost,
		Attribute: func(name string, value []byte) []byte { return sandbox.AttributeFor(name, value, s.ownerOnHost) },
	}
}

// ownerOnHost is whose a file of an image is that is copied for the pod. Whom the
// pod hasn't is nobody there, and not somebody of another pod.
func (s *supervisor) ownerOnHost(id int) int {
	if id >= s.users.Count {
		id = nobody
	}
	return s.users.Host(id)
}

// nobody is who has what belongs to none of a pod's users.
const nobody = 65534

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
func (s *supervisor) likeImageRoot(upper, layer string) error {
	var root unix.Stat_t
	if err := unix.Stat(layer, &root); err != nil {
		return &os.PathError{Op: "stat", Path: layer, Err: err}
	}
	if err := os.Chown(upper, s.users.Host(int(root.Uid)), s.users.Host(int(root.Gid))); err != nil {
		return err
	}
	return unix.Chmod(upper, root.Mode&0o7777)
}
