package store

import (
	"archive/tar"
	"fmt"
	"io"
	"os"
	"path"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/store/union"
)

// finish tells what the entries have found, after one walk through the tree for
// what none of them is about.
func (u *audit) finish() error {
	more := 0
	for _, f := range u.wrong {
		if f == nil {
			more++
		} else {
			u.tell(f.path, f.what)
		}
	}
	if more > 0 {
		u.tell("", fmt.Sprintf("has %d more entries that are not what they were", more))
	}
	if _, seen := u.seen[u.placeOf(0, "")]; !seen && u.implied[""] {
		if err := u.impliedFolder("", u.root); err != nil {
			return err
		}
	}
	return u.walk(u.root, "")
}

// walk looks for what is too much in a folder.
func (u *audit) walk(dir *os.File, in string) error {
	var st unix.Stat_t
	if err := unix.Fstat(int(dir.Fd()), &st); err != nil {
		return err
	}
	if is := isOpaque(dir); is != u.opaque[st.Ino] {
		u.tell(in, map[bool]string{true: "hides what is below it, which it did not", false: "does not hide what is below it any more"}[is])
	}
	for {
		names, err := dir.Readdirnames(1024)
		for _, name := range names {
			if err := u.walkName(dir, st.Ino, path.Join(in, name), name); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			u.tell(in, "can't be listed: "+err.Error())
			return nil //nolint:nilerr // it is told
		}
	}
}

func (u *audit) walkName(dir *os.File, inode uint64, path, name string) error {
	var st unix.Stat_t
	if err := unix.Fstatat(int(dir.Fd()), name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		u.tell(path, err.Error())
		return nil
	}
	folder := st.Mode&unix.S_IFMT == unix.S_IFDIR
	_, seen := u.seen[u.placeOf(inode, name)]
	if !seen && !(folder && (u.implied[path] || u.guess)) {
		u.tell(path, "is "+kindOf(st.Mode)+" that was not there")
		return nil
	}
	if !folder {
		return nil
	}
	fd, err := unix.Openat(int(dir.Fd()), name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		u.tell(path, "can't be opened: "+err.Error())
		return nil
	}
	inner := os.NewFile(uintptr(fd), name)
	defer inner.Close()
	if !seen && u.implied[path] {
		if err := u.impliedFolder(path, inner); err != nil {
			return err
		}
	}
	return u.walk(inner, path)
}

// impliedFolder compares a folder that no entry tells of with what unpacking
// gives it. Whose it is depends on who unpacked.
func (u *audit) impliedFolder(path string, dir *os.File) error {
	var st unix.Stat_t
	if err := unix.Fstat(int(dir.Fd()), &st); err != nil {
		return err
	}
	if st.Mode&0o7777 != 0o755 {
		u.tell(path, fmt.Sprintf("has the mode %04o, not 0755", st.Mode&0o7777))
	} else if st.Mtim != (unix.Timespec{}) {
		u.tell(path, "was changed since it was unpacked, its time says")
	}
	attributes, err := union.Attributes(dir)
	if err != nil {
		u.tell(path, err.Error())
		return nil
	}
	if what := attributesDiffer(&tar.Header{Typeflag: tar.TypeDir}, attributes); what != "" {
		u.tell(path, what)
	}
	return nil
}

const opaqueAttribute = "trusted.overlay.opaque"

func isOpaque(dir *os.File) bool {
	var value [2]byte
	n, err := unix.Fgetxattr(int(dir.Fd()), opaqueAttribute, value[:])
	return err == nil && n == 1 && value[0] == 'y'
}
