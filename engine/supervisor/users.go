package supervisor

import (
	"os"
	"path"
	"strings"

	"github.com/cyphar/filepath-securejoin/pathrs-lite"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/engine/spec"
)

// leaseUsers gives the pod users of its own, if it is to have some. They are the
// pod's for as long as its folder is there, since files on its volumes are theirs.
func (s *supervisor) leaseUsers() error {
	if !s.options.PrivateUsers {
		return nil
	}
	ids, err := s.dir.LeaseIDs()
	s.users = sandbox.Users(ids)
	return err
}

// itsUsers are the pod's users as its folder tells of them; nil: the host's.
func (s *supervisor) itsUsers() *poddir.IDRange {
	if !s.users.Private() {
		return nil
	}
	ids := poddir.IDRange(s.users)
	return &ids
}

// adopt gives the pod's root a folder that this process has made for the pod. What
// comes from an image is not root's here.
func (s *supervisor) adopt(folder string) error {
	var st unix.Stat_t
	if err := unix.Lstat(folder, &st); err != nil || st.Uid != 0 || !s.users.Private() {
		return err
	}
	return os.Lchown(folder, s.users.Host(0), s.users.Host(0))
}

// inside is an app's user and group with the pod's own numbers: those of a file's are
// the host's.
func (s *supervisor) inside(o owner, e spec.Effective) owner {
	if strings.HasPrefix(e.User.Value, "/") {
		o.uid, _ = s.users.Inside(o.uid)
	}
	if strings.HasPrefix(e.Group.Value, "/") {
		o.gid, _ = s.users.Inside(o.gid)
	}
	return o
}

// adoptDir is adopt of an app's working folder, if that was made, and of those above.
func (s *supervisor) adoptDir(root string, e spec.Effective) error {
	for at := e.WorkingDir.Value; e.MakesDir && s.users.Private() && at != "/" && at != "."; at = path.Dir(at) {
		handle, err := pathrs.OpenInRoot(root, at)
		if err != nil {
			return nil //nolint:nilerr // it is not there: becoming the app says so
		}
		var st unix.Stat_t
		err = unix.Fstat(int(handle.Fd()), &st)
		if err == nil && st.Uid == 0 {
			err = unix.Fchownat(int(handle.Fd()), "", s.users.Host(0), s.users.Host(0), unix.AT_EMPTY_PATH)
		}
		handle.Close()
		if err != nil {
			return err
		}
	}
	return nil
}
