package supervisor

import (
	"bufio"
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

// errUnknown says that a table has no such name.
var errUnknown = errors.New("there is none of that name")

// table is a file of the image that gives names to numbers.
type table struct {
	kind   string // as messages call what is in it
	path   string
	find   func(r io.Reader, name string) (id int, found bool, err error)
	ofFile func(*syscall.Stat_t) uint32
}

// lookUpOwner finds the app's user and group in its own root (aci.md, "user"
// and "group": a name, which may be all digits, else a number; or a path whose
// owner it is).
func lookUpOwner(root string, e spec.Effective) (owner, error) {
	users := table{"user", "/etc/passwd", findUser, func(s *syscall.Stat_t) uint32 { return s.Uid }}
	groups := table{"group", "/etc/group", findGroup, func(s *syscall.Stat_t) uint32 { return s.Gid }}
	uid, err := users.lookUp(root, e.User.Value)
	if err != nil {
		return owner{}, err
	}
	gid, err := groups.lookUp(root, e.Group.Value)
	return owner{uid, gid}, err
}

func (t table) lookUp(root, value string) (int, error) {
	id, err := t.id(root, value)
	if err != nil {
		return 0, fmt.Errorf("%s %q: %w", t.kind, value, err)
	}
	return id, nil
}

func (t table) id(root, value string) (int, error) {
	if strings.HasPrefix(value, "/") {
		return t.ofPath(root, value)
	}
	id, err := t.ofName(root, value)
	if err != nil {
		if number, notOne := strconv.ParseUint(value, 10, 31); notOne == nil {
			return int(number), nil // whatever the image's file is like
		}
	}
	return id, err
}

func (t table) ofPath(root, path string) (int, error) {
	handle, err := pathrs.OpenInRoot(root, path)
	if err != nil {
		return 0, plain(err)
	}
	defer handle.Close()
	info, err := handle.Stat()
	if err != nil {
		return 0, plain(err)
	}
	return int(t.ofFile(info.Sys().(*syscall.Stat_t))), nil
}

func (t table) ofName(root, name string) (int, error) {
	unknown := fmt.Errorf("%w in the image's %s", errUnknown, t.path)
	file, err := openIn(root, t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, unknown
	}
	if err != nil {
		return 0, t.unreadable(err)
	}
	defer file.Close()
	id, found, err := t.find(io.LimitReader(file, maxUserFile), name)
	if err != nil {
		return 0, t.unreadable(err)
	}
	if !found {
		return 0, unknown
	}
	return id, nil
}

func (t table) unreadable(err error) error {
	return fmt.Errorf("%s of the image can't be read: %w", t.path, plain(err))
}

// plain takes from an error the words of the libraries that it came through:
// which call failed on which folder of ours helps nobody.
func plain(err error) error {
	var errno syscall.Errno
	switch {
	case errors.As(err, &errno):
		return errno
	case errors.Is(err, bufio.ErrTooLong):
		return errors.New("it has a line that is too long")
	}
	return err
}

func findUser(r io.Reader, name string) (int, bool, error) {
	users, err := user.ParsePasswdFilter(r, func(u user.User) bool { return u.Name == name })
	if err != nil || len(users) == 0 {
		return 0, false, err
	}
	return users[0].Uid, true, nil
}

func findGroup(r io.Reader, name string) (int, bool, error) {
	groups, err := user.ParseGroupFilter(r, func(g user.Group) bool { return g.Name == name })
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
		return nil, errors.New("it is not a file")
	}
	return pathrs.Reopen(handle, unix.O_RDONLY)
}
