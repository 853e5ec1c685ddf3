package unpack

import (
	"archive/tar"
	"bytes"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const xattrPrefix = "SCHILY.xattr."

// check refuses attributes that an archive must not set or the kernel can't.
func check(h *tar.Header) error {
	if bad(h.Uid) || bad(h.Gid) {
		return refuse(h.Name, "has the impossible owner %d:%d", h.Uid, h.Gid)
	}
	for key := range h.PAXRecords {
		name, ok := strings.CutPrefix(key, xattrPrefix)
		// With these an image could make overlayfs show files of other
		// folders, or hide what lies below.
		if ok && (strings.HasPrefix(name, "trusted.overlay.") || strings.HasPrefix(name, "user.overlay.")) {
			return refuse(h.Name, "has the attribute %q, which belongs to overlayfs", name)
		}
	}
	return nil
}

// bad reports whether the kernel would refuse an owner, or take it for "leave
// as it is".
func bad(id int) bool { return id < 0 || id >= math.MaxUint32 }

// attributes are what an entry says of its file beside the content.
type attributes struct {
	entry    string // what the archive calls it, for errors
	mode     uint32 // all twelve bits: the archive's numbers are the kernel's
	uid, gid int
	times    [2]unix.Timespec
	xattrs   []xattr
}

type xattr struct{ name, value string }

func attributesOf(h *tar.Header) attributes {
	return attributes{
		entry: h.Name, mode: uint32(h.Mode & 0o7777), uid: h.Uid, gid: h.Gid, times: times(h), xattrs: xattrs(h),
	}
}

func xattrs(h *tar.Header) (list []xattr) {
	if len(h.PAXRecords) == 0 {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(h.PAXRecords)) {
		if name, ok := strings.CutPrefix(key, xattrPrefix); ok {
			list = append(list, xattr{name, h.PAXRecords[key]})
		}
	}
	return list
}

// set sets them on an open file or folder that we have created with the given
// mode. The order matters: a change of owner clears setuid bits and capabilities.
func (t *Tree) set(fd int, mode uint32, a attributes) error {
	if a.uid != t.uid || a.gid != t.gid {
		if err := unix.Fchown(fd, a.uid, a.gid); err != nil {
			return entryError(a.entry, fmt.Errorf("owner %d:%d: %w", a.uid, a.gid, err))
		}
	}
	if a.mode != mode {
		if err := unix.Fchmod(fd, a.mode); err != nil {
			return entryError(a.entry, err)
		}
	}
	for _, x := range a.xattrs {
		if err := unix.Fsetxattr(fd, x.name, []byte(x.value), 0); err != nil {
			return entryError(a.entry, fmt.Errorf("attribute %q: %w", x.name, err))
		}
	}
	if err := futimens(fd, a.times); err != nil {
		return entryError(a.entry, err)
	}
	return nil
}

// setAt does the same for what must not be opened: symlinks, devices and fifos.
// The name was created by us a moment ago, exclusively.
func (t *Tree) setAt(parent int, name string, h *tar.Header) error {
	a := attributesOf(h)
	if a.uid != t.uid || a.gid != t.gid {
		if err := unix.Fchownat(parent, name, a.uid, a.gid, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return entryError(a.entry, fmt.Errorf("owner %d:%d: %w", a.uid, a.gid, err))
		}
	}
	if h.Typeflag != tar.TypeSymlink {
		if err := unix.Fchmodat(parent, name, a.mode, 0); err != nil {
			return entryError(a.entry, err)
		}
	}
	for _, x := range a.xattrs {
		// There is no lsetxattrat: the parent's descriptor stands for its path.
		path := procPath(parent) + "/" + name
		if err := unix.Lsetxattr(path, x.name, []byte(x.value), 0); err != nil {
			return entryError(a.entry, fmt.Errorf("attribute %q: %w", x.name, err))
		}
	}
	if err := unix.UtimesNanoAt(parent, name, a.times[:], unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return entryError(a.entry, err)
	}
	return nil
}

// procPath is a path that leads to what is open, whatever its name is by now.
func procPath(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// times are when it was read and written last. An archive that does not know
// the former gets the latter, so that the same bytes make the same tree.
func times(h *tar.Header) [2]unix.Timespec {
	modified := timespec(h.ModTime)
	if h.AccessTime.IsZero() {
		return [2]unix.Timespec{modified, modified}
	}
	return [2]unix.Timespec{timespec(h.AccessTime), modified}
}

func timespec(t time.Time) unix.Timespec {
	if t.IsZero() {
		return unix.Timespec{}
	}
	// Not UnixNano, which wraps around in 2262: headers may hold any year.
	return unix.Timespec{Sec: t.Unix(), Nsec: int64(t.Nanosecond())}
}

// futimens sets the times of an open file. The kernel takes no path for that,
// which x/sys can't say.
func futimens(fd int, ts [2]unix.Timespec) error {
	_, _, errno := unix.Syscall6(unix.SYS_UTIMENSAT, uintptr(fd), 0, uintptr(unsafe.Pointer(&ts[0])), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// umask is this process's, so that a file whose mode it leaves alone needs no
// chmod. Reading it by umask(2) would change it for a moment, for all threads.
func umask() uint32 {
	status, _ := os.ReadFile("/proc/self/status")
	_, rest, ok := bytes.Cut(status, []byte("\nUmask:"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	mask, err := strconv.ParseUint(strings.TrimSpace(string(line)), 8, 32)
	if !ok || err != nil {
		return 0o777 // a mode that is created never seems right: always chmod
	}
	return uint32(mask)
}
