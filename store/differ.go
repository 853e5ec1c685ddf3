package store

import (
	"archive/tar"
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/store/union"
)

// kinds are what file modes call the types of entries, in words.
func kindOf(mode uint32) string {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return "a regular file"
	case unix.S_IFDIR:
		return "a folder"
	case unix.S_IFLNK:
		return "a symlink"
	case unix.S_IFIFO:
		return "a fifo"
	case unix.S_IFCHR:
		return "a character device"
	case unix.S_IFBLK:
		return "a block device"
	}
	return "a socket"
}

// modeOf is the type of an entry as modes have it.
func modeOf(h *tar.Header) uint32 {
	switch h.Typeflag {
	case tar.TypeDir:
		return unix.S_IFDIR
	case tar.TypeSymlink:
		return unix.S_IFLNK
	case tar.TypeFifo:
		return unix.S_IFIFO
	case tar.TypeChar:
		return unix.S_IFCHR
	case tar.TypeBlock:
		return unix.S_IFBLK
	}
	return unix.S_IFREG
}

// differs tells what lstat says otherwise than the header, or nothing.
func differs(h *tar.Header, st *unix.Stat_t) string {
	if want := modeOf(h); st.Mode&unix.S_IFMT != want {
		return fmt.Sprintf("is %s, not %s", kindOf(st.Mode), kindOf(want))
	}
	if want := uint32(h.Mode & 0o7777); h.Typeflag != tar.TypeSymlink && st.Mode&0o7777 != want {
		return fmt.Sprintf("has the mode %04o, not %04o", st.Mode&0o7777, want)
	}
	if st.Uid != uint32(h.Uid) || st.Gid != uint32(h.Gid) {
		return fmt.Sprintf("belongs to %d:%d, not to %d:%d", st.Uid, st.Gid, h.Uid, h.Gid)
	}
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeCont, tar.TypeGNUSparse:
		if st.Size != h.Size {
			return fmt.Sprintf("has %d bytes, not %d", st.Size, h.Size)
		}
	case tar.TypeChar, tar.TypeBlock:
		if want := unix.Mkdev(uint32(h.Devmajor), uint32(h.Devminor)); st.Rdev != want {
			return fmt.Sprintf("is the device %d:%d, not %d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev), h.Devmajor, h.Devminor)
		}
	}
	return timeDiffers(h, st)
}

// timeDiffers compares what every disk can keep: seconds of 31 bits, and of a
// second what it kept of it.
func timeDiffers(h *tar.Header, st *unix.Stat_t) string {
	var sec, nsec int64
	if !h.ModTime.IsZero() {
		sec, nsec = h.ModTime.Unix(), int64(h.ModTime.Nanosecond())
	}
	if sec < 0 || sec > math.MaxInt32 {
		return ""
	}
	if st.Mtim.Sec != sec || st.Mtim.Nsec != nsec && st.Mtim.Nsec != 0 {
		return "was changed since it was unpacked, its time says"
	}
	return ""
}

// attributesDiffer compares extended attributes, but for the mark of an opaque
// folder, which is looked at by itself, those by which the kernel keeps access
// lists, which change with the mode, and those by which a host labels files, which
// may have been another's when the layer was unpacked.
func attributesDiffer(h *tar.Header, list []union.Attribute) string {
	got, want := make(map[string]string), make(map[string]string)
	for _, a := range list {
		opaque := a.Name == opaqueAttribute && string(a.Value) == "y" && h.Typeflag == tar.TypeDir
		if !opaque {
			got[a.Name] = string(a.Value)
		}
	}
	for key, value := range h.PAXRecords {
		if name, ok := strings.CutPrefix(key, xattrPrefix); ok {
			want[name] = value
		}
	}
	for _, m := range []map[string]string{got, want} {
		maps.DeleteFunc(m, func(name, _ string) bool { return strings.HasPrefix(name, "system.") || label(name) })
	}
	if maps.Equal(got, want) {
		return ""
	}
	names := slices.Sorted(maps.Keys(got))
	for _, name := range append(names, slices.Sorted(maps.Keys(want))...) {
		a, here := got[name]
		b, wanted := want[name]
		switch {
		case !wanted:
			return fmt.Sprintf("has the attribute %q, which it had not", name)
		case !here:
			return fmt.Sprintf("has lost the attribute %q", name)
		case !bytes.Equal([]byte(a), []byte(b)):
			return fmt.Sprintf("has another value of the attribute %q", name)
		}
	}
	return ""
}

// label reports whether a host's security module writes an attribute. What a file
// may do is none of it.
func label(name string) bool {
	return strings.HasPrefix(name, "security.") && name != "security.capability"
}
