package supervisor

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/cyphar/filepath-securejoin/pathrs-lite"
	"github.com/moby/sys/user"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// owner is whom an app runs as.
type owner struct{ uid, gid int }

// maxUserFile bounds /etc/passwd and /etc/group of an image.
const maxUserFile = 4 << 20

// lookUpOwner finds the app's user and group in its own root (types.md, "User"
// and "Group" of the app: a number, a name, or a path whose owner it is).
func lookUpOwner(root string, e spec.Effective) (owner, error) {
	uid, err := lookUp(root, "user", e.User.Value, func(s *syscall.Stat_t) uint32 { return s.Uid }, userByName)
	if err != nil {
		return owner{}, err
	}
	gid, err := lookUp(root, "group", e.Group.Value, func(s *syscall.Stat_t) uint32 { return s.Gid }, groupByName)
	return owner{uid, gid}, err
}

func lookUp(root, what, value string, ofFile func(*syscall.Stat_t) uint32, byName func(root, name string) (int, bool, error)) (int, error) {
	if strings.HasPrefix(value, "/") {
		info, err := statIn(root, value)
		if err != nil {
			return 0, fmt.Errorf("%s %q: %w", what, value, errors.Unwrap(err))
		}
		return int(ofFile(info)), nil
	}
	if id, err := strconv.ParseUint(value, 10, 31); err == nil {
		return int(id), nil
	}
	id, found, err := byName(root, value)
	if err != nil {
		return 0, fmt.Errorf("%s %q: %w", what, value, err)
	}
	if !found {
		return 0, fmt.Errorf("%s %q: no such %s in the image's /etc", what, value, what)
	}
	return id, nil
}

func userByName(root, name string) (int, bool, error) {
	file, err := openIn(root, "/etc/passwd")
	if err != nil {
		return 0, false, ignoreMissing(err)
	}
	defer file.Close()
	users, err := user.ParsePasswdFilter(io.LimitReader(file, maxUserFile), func(u user.User) bool { return u.Name == name })
	if err != nil || len(users) == 0 {
		return 0, false, err
	}
	return users[0].Uid, true, nil
}

func groupByName(root, name string) (int, bool, error) {
	file, err := openIn(root, "/etc/group")
	if err != nil {
		return 0, false, ignoreMissing(err)
	}
	defer file.Close()
	groups, err := user.ParseGroupFilter(io.LimitReader(file, maxUserFile), func(g user.Group) bool { return g.Name == name })
	if err != nil || len(groups) == 0 {
		return 0, false, err
	}
	return groups[0].Gid, true, nil
}

// openIn opens a regular file below root for reading. Links are followed as the
// app would see them, and never out of root.
func openIn(root, path string) (*os.File, error) {
	handle, err := pathrs.OpenInRoot(root, path)
	if err != nil {
		return nil, err
	}
	defer handle.Close()
	info, err := handle.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	return pathrs.Reopen(handle, unix.O_RDONLY)
}

func statIn(root, path string) (*syscall.Stat_t, error) {
	handle, err := pathrs.OpenInRoot(root, path)
	if err != nil {
		return nil, err
	}
	defer handle.Close()
	info, err := handle.Stat()
	if err != nil {
		return nil, err
	}
	return info.Sys().(*syscall.Stat_t), nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
