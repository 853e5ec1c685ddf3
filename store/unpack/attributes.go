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

// setAttributes sets what the header says of an open file or folder that we
// have created with the given mode. The order matters: a change of owner
// clears setuid bits and capabilities.
func (t *Tree) setAttributes(fd int, mode uint32, h *tar.Header) error {
	if h.Uid != t.uid || h.Gid != t.gid {
		if err := unix.Fchown(fd, h.Uid, h.Gid); err != nil {
			return entryError(h, fmt.Errorf("owner %d:%d: %w", h.Uid, h.Gid, err))
		}
	}
	if want := permissions(h); want != mode {
		if err := unix.Fchmod(fd, want); err != nil {
			return entryError(h, err)
		}
	}
	for _, key := range xattrs(h) {
		name := strings.TrimPrefix(key, xattrPrefix)
		if err := unix.Fsetxattr(fd, name, []byte(h.PAXRecords[key]), 0); err != nil {
			return entryError(h, fmt.Errorf("attribute %q: %w", name, err))
		}
	}
	if err := futimens(fd, times(h)); err != nil {
		return entryError(h, err)
	}
	return nil
}

// setAttributesAt does the same for what must not be opened: symlinks, devices
// and fifos. The name was created by us a moment ago, exclusively.
func (t *Tree) setAttributesAt(parent int, name string, h *tar.Header) error {
	if h.Uid != t.uid || h.Gid != t.gid {
		if err := unix.Fchownat(parent, name, h.Uid, h.Gid, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return entryError(h, fmt.Errorf("owner %d:%d: %w", h.Uid, h.Gid, err))
		}
	}
	if h.Typeflag != tar.TypeSymlink {
		if err := unix.Fchmodat(parent, name, permissions(h), 0); err != nil {
			return entryError(h, err)
		}
	}
	for _, key := range xattrs(h) {
		attribute := strings.TrimPrefix(key, xattrPrefix)
		// There is no lsetxattrat: the parent's descriptor stands for its path.
		path := "/proc/self/fd/" + strconv.Itoa(parent) + "/" + name
		if err := unix.Lsetxattr(path, attribute, []byte(h.PAXRecords[key]), 0); err != nil {
			return entryError(h, fmt.Errorf("attribute %q: %w", attribute, err))
		}
	}
	ts := times(h)
	if err := unix.UtimesNanoAt(parent, name, ts[:], unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return entryError(h, err)
	}
	return nil
}

// permissions are all twelve mode bits. The archive's numbers are the
// kernel's.
func permissions(h *tar.Header) uint32 { return uint32(h.Mode & 0o7777) }

func xattrs(h *tar.Header) []string {
	if len(h.PAXRecords) == 0 {
		return nil
	}
	keys := slices.Sorted(maps.Keys(h.PAXRecords))
	return slices.DeleteFunc(keys, func(k string) bool { return !strings.HasPrefix(k, xattrPrefix) })
}

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
