package unpack

import (
	"archive/tar"

	"golang.org/x/sys/unix"
)

func (t *Tree) addSymlink(parent int, name string, e Entry) error {
	h := e.Header
	// What it points to is not looked at: it is followed only where an entry
	// is made below it, and there the kernel keeps it inside.
	if h.Linkname == "" || len(h.Linkname) > maxPath {
		return refuse(h.Name, "is a symlink with a target of %d bytes", len(h.Linkname))
	}
	if err := unix.Symlinkat(h.Linkname, parent, name); err != nil {
		return creating(e, err)
	}
	return t.setAt(parent, name, h)
}

// addHardLink links to an entry that came before. A link to a symlink is one
// more name of the symlink: the last name is never followed. Symlinks on the way
// are where everything is resolved from the root, as in a layer.
func (t *Tree) addHardLink(parent int, name string, e Entry) error {
	h := e.Header
	dir, old := split(e.Link)
	if old == "" {
		return refuse(h.Name, "is a hard link to the root filesystem")
	}
	// The walker moves on to the target's folder, so the first descriptor has
	// to be kept alive beside it.
	into, err := unix.FcntlInt(uintptr(parent), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return entryError(h.Name, err)
	}
	defer unix.Close(into)
	from, err := t.walk.to(dir, manner{follow: t.layer != nil})
	if err == unix.ENOENT {
		return t.noTarget(h)
	}
	if err != nil {
		return onTheWay(h.Name, err)
	}
	if t.layer != nil && isWhiteout(from, old) {
		return refuse(h.Name, "is a hard link to %q, which the same layer deletes", h.Linkname)
	}
	switch err := unix.Linkat(from, old, into, name, 0); err {
	case nil:
		return nil
	case unix.ENOENT:
		return t.noTarget(h)
	case unix.EPERM:
		return refuse(h.Name, "is a hard link to %q, which is a folder", h.Linkname)
	default:
		return creating(e, err)
	}
}

// noTarget refuses a link whose target is not there. In a layer it may be in one
// below, which docker and podman can't link to either where they use overlayfs.
func (t *Tree) noTarget(h *tar.Header) error {
	if t.layer != nil {
		return refuse(h.Name, "is a hard link to %q, which does not come before it in its layer", h.Linkname)
	}
	return refuse(h.Name, "is a hard link to %q, which does not come before it", h.Linkname)
}

// What a device number can hold.
const (
	maxMajor = 1<<12 - 1
	maxMinor = 1<<20 - 1
)

func (t *Tree) addNode(parent int, name string, e Entry) error {
	h := e.Header
	if h.Typeflag == tar.TypeChar && h.Devmajor == 0 && h.Devminor == 0 {
		return refuse(h.Name, "is a character device 0:0, which overlayfs takes for a deleted file")
	}
	if h.Devmajor < 0 || h.Devmajor > maxMajor || h.Devminor < 0 || h.Devminor > maxMinor {
		return refuse(h.Name, "has the impossible device number %d:%d", h.Devmajor, h.Devminor)
	}
	mode := map[byte]uint32{tar.TypeChar: unix.S_IFCHR, tar.TypeBlock: unix.S_IFBLK, tar.TypeFifo: unix.S_IFIFO}[h.Typeflag]
	dev := unix.Mkdev(uint32(h.Devmajor), uint32(h.Devminor))
	if err := unix.Mknodat(parent, name, mode|0o600, int(dev)); err != nil {
		return creating(e, err)
	}
	return t.setAt(parent, name, h)
}
