package supervisor

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// copyAttributes gives a copy what the original has beside its content. The
// order matters: a change of owner clears setuid bits and capabilities, and any
// change but the last one sets times.
func copyAttributes(from, to place, st unix.Stat_t) error {
	if err := unix.Fchownat(to.dir, to.name, int(st.Uid), int(st.Gid), unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return fmt.Errorf("owner %d:%d: %w", st.Uid, st.Gid, err)
	}
	// A symlink has no mode; all else is not followed since we have just made it.
	if st.Mode&unix.S_IFMT != unix.S_IFLNK {
		if err := unix.Fchmodat(to.dir, to.name, st.Mode&0o7777, 0); err != nil {
			return err
		}
	}
	if err := copyXattrs(from.path(), to.path()); err != nil {
		return err
	}
	return unix.UtimesNanoAt(to.dir, to.name, []unix.Timespec{st.Atim, st.Mtim}, unix.AT_SYMLINK_NOFOLLOW)
}

// labelOfHost is what SELinux of the host says of a file. It says something else
// of a volume, and by its own rules.
const labelOfHost = "security.selinux"

func copyXattrs(from, to string) error {
	names, err := read(func(p []byte) (int, error) { return unix.Llistxattr(from, p) })
	if err == unix.ENOTSUP {
		return nil
	}
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
		if name == "" || name == labelOfHost {
			continue
		}
		value, err := read(func(p []byte) (int, error) { return unix.Lgetxattr(from, name, p) })
		if err == nil {
			err = unix.Lsetxattr(to, name, value, 0)
		}
		if err != nil {
			return fmt.Errorf("attribute %q: %w", name, err)
		}
	}
	return nil
}

// read reads what tells its size if it is asked with no room. Nobody changes it
// in between.
func read(call func([]byte) (int, error)) ([]byte, error) {
	size, err := call(nil)
	if err != nil || size == 0 {
		return nil, err
	}
	p := make([]byte, size)
	n, err := call(p)
	if err != nil {
		return nil, err
	}
	return p[:n], nil
}
