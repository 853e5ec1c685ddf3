package supervisor

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/cyphar/filepath-securejoin/pathrs-lite"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// owner is whom an app runs as.
type owner struct{ uid, gid int }

// maxUserFile and maxUserLine bound /etc/passwd and /etc/group of an image.
const (
	maxUserFile = 4 << 20
	maxUserLine = 256 << 10
)

// table is a file of the image that gives names to numbers.
type table struct {
	kind   string // as messages call what is in it
	path   string
	ofFile func(*syscall.Stat_t) uint32
}

// lookUpOwner finds the app's user and group in its own root (aci.md, "user"
// and "group": a name, which may be all digits, else a number; or a path whose
// owner it is).
func lookUpOwner(root string, e spec.Effective) (owner, error) {
	users := table{"user", "/etc/passwd", func(s *syscall.Stat_t) uint32 { return s.Uid }}
	groups := table{"group", "/etc/group", func(s *syscall.Stat_t) uint32 { return s.Gid }}
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
	if err == nil {
		return id, nil
	}
	number, notOne := parseID(value)
	switch {
	case notOne == nil:
		return number, nil // whatever the image's file is like
	case errors.Is(notOne, strconv.ErrRange):
		return 0, fmt.Errorf("numbers of %ss go up to %d", t.kind, math.MaxInt32)
	}
	return 0, err
}

func parseID(s string) (int, error) {
	number, err := strconv.ParseUint(s, 10, 31)
	return int(number), err
}

func (t table) ofPath(root, path string) (int, error) {
	handle, err := pathrs.OpenInRoot(root, path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("there is no such file in the image; write a name of its %s, a number, or a path whose %s it is to be", t.path, t.kind)
	}
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
	file, err := openIn(root, t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("the image has no %s; write a number", t.path)
	}
	if err != nil {
		return 0, t.unreadable(err)
	}
	defer file.Close()
	id, others, err := findID(file, name)
	switch {
	case errors.Is(err, errNoNumber):
		return 0, fmt.Errorf("the image's %s has no number for it from 0 to %d", t.path, math.MaxInt32)
	case errors.Is(err, errUnknown) && len(others) > 0:
		return 0, fmt.Errorf("%w in the image's %s, which has %s; write one of them, or a number", errUnknown, t.path, strings.Join(others, ", "))
	case errors.Is(err, errUnknown):
		return 0, fmt.Errorf("%w in the image's %s; write a number", errUnknown, t.path)
	case err != nil:
		return 0, t.unreadable(err)
	}
	return id, nil
}

func (t table) unreadable(err error) error {
	return fmt.Errorf("%s of the image can't be read: %w; write a number", t.path, plain(err))
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

// errUnknown says that a table has no such name, errNoNumber that it has no number
// for it: one that a library would take for 0, which is root.
var (
	errUnknown  = errors.New("there is none of that name")
	errNoNumber = errors.New("no number")
)

// namedOthers is how many names of a table are told to who has asked for another.
const namedOthers = 8

// findID finds a name's number in a passwd or group file, NAME:PASSWORD:NUMBER:…,
// and the first of the other names.
func findID(r io.Reader, name string) (id int, others []string, err error) {
	file := &io.LimitedReader{R: r, N: maxUserFile + 1}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxUserLine)
	for lines.Scan() {
		fields := bytes.SplitN(bytes.TrimSpace(lines.Bytes()), []byte{':'}, 4)
		if len(fields) < 3 {
			continue
		}
		if string(fields[0]) != name {
			if len(others) < namedOthers && isOrdinary(fields[0]) {
				others = append(others, string(fields[0]))
			}
			continue
		}
		if id, err = parseID(string(fields[2])); err != nil {
			err = errNoNumber
		}
		return id, nil, err
	}
	switch {
	case lines.Err() != nil:
		return 0, nil, lines.Err()
	case file.N <= 0:
		return 0, nil, fmt.Errorf("it is larger than %d MiB", maxUserFile>>20)
	}
	return 0, others, errUnknown
}

// isOrdinary tells a name that can stand in a message.
func isOrdinary(name []byte) bool {
	odd := func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("_-.", c)
	}
	return len(name) > 0 && len(name) <= 32 && !bytes.ContainsFunc(name, odd)
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
