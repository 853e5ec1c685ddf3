package treecopy

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// attributes gives an open copy what the original has beside its content. The
// order matters: a change of owner clears setuid bits and capabilities, and any
// change but the last one sets times.
func (c *Copier) attributes(from node, to int) error {
	uid, gid, mode := int(from.st.Uid), int(from.st.Gid), from.st.Mode&0o7777
	switch {
	case c.o.Owner != nil:
		uid, gid = c.o.Owner.UID, c.o.Owner.GID
		mode &^= unix.S_ISUID | unix.S_ISGID
	case c.o.As != nil:
		uid, gid = c.o.As(uid), c.o.As(gid)
	}
	if err := unix.Fchownat(to, "", uid, gid, unix.AT_EMPTY_PATH); err != nil {
		return fmt.Errorf("owner %d:%d: %w", uid, gid, err)
	}
	if from.kind() != unix.S_IFLNK { // a symlink has no mode
		if err := chmod(to, mode); err != nil {
			return err
		}
	}
	if err := c.xattrs(from.fd, to); err != nil {
		return err
	}
	return unix.UtimesNanoAt(to, "", []unix.Timespec{from.st.Atim, from.st.Mtim}, unix.AT_EMPTY_PATH)
}

func chmod(fd int, mode uint32) error {
	err := unix.Fchmod(fd, mode)
	if err == unix.EBADF { // it is open by O_PATH
		err = unix.Chmod(procPath(fd), mode)
	}
	return err
}

func (c *Copier) xattrs(from, to int) error {
	path := procPath(from)
	names, err := sized(func(p []byte) (int, error) { return unix.Listxattr(path, p) })
	if err == unix.ENOTSUP || err == nil && len(names) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
		if !c.takes(name) {
			continue
		}
		value, err := sized(func(p []byte) (int, error) { return unix.Getxattr(path, name, p) })
		if err == nil && c.o.Attribute != nil {
			value = c.o.Attribute(name, value)
		}
		if err == nil {
			err = unix.Setxattr(procPath(to), name, value, 0)
		}
		if err != nil && (c.o.Exact || err != unix.ENOTSUP && err != unix.ENODATA) {
			return fmt.Errorf("attribute %q: %w", name, err)
		}
	}
	return nil
}

// takes leaves out what a security module of the host says of a file: it says
// something else of the copy, and by its own rules. What overlayfs wrote for
// itself is of no use elsewhere, and does harm.
func (c *Copier) takes(name string) bool {
	if c.o.Owner != nil {
		return strings.HasPrefix(name, "user.")
	}
	switch name {
	case "", "security.selinux", "security.ima", "security.evm":
		return false
	}
	return !strings.HasPrefix(name, "security.SMACK64") && !strings.HasPrefix(name, "trusted.overlay.")
}

// sized reads what tells its size if it is asked with no room.
func sized(call func([]byte) (int, error)) ([]byte, error) {
	size, err := call(nil)
	if err != nil || size == 0 {
		return nil, err
	}
	p := make([]byte, size)
	n, err := call(p)
	if err == unix.ERANGE { // it has grown since; there is a largest size
		p = make([]byte, 64<<10)
		n, err = call(p)
	}
	if err != nil {
		return nil, err
	}
	return p[:n], nil
}
