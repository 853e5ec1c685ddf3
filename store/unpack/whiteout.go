package unpack

import (
	"golang.org/x/sys/unix"
)

// Whiteouts are about the layers below, whatever the same layer brings, before
// or after: so says the OCI image specification. In overlayfs's form a file that
// the layer brings itself hides the one below without any whiteout; a folder
// has to be opaque.

// Hide makes a whiteout for the entry's path.
func (t *Tree) Hide(e Entry) error {
	parent, name, _, err := t.parent(e)
	if err != nil {
		return err
	}
	err = unix.Mknodat(parent, name, unix.S_IFCHR, 0)
	if err == unix.EEXIST {
		return entryErrorIf(e, t.hideBelowOwn(parent, name))
	}
	if err == nil {
		// The same bytes must always make the same tree.
		err = unix.UtimesNanoAt(parent, name, make([]unix.Timespec, 2), unix.AT_SYMLINK_NOFOLLOW)
	}
	return entryErrorIf(e, err)
}

// hideBelowOwn is for a path that the layer has something at.
func (t *Tree) hideBelowOwn(parent int, name string) error {
	var st unix.Stat_t
	if err := unix.Fstatat(parent, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		return nil
	}
	return makeOpaque(parent, name)
}

// HideBelow makes the folder at the entry's path opaque: it shows nothing of the
// layers below.
func (t *Tree) HideBelow(e Entry) error {
	fd, err := t.walk.to(e.Path, manner{follow: true, create: t.imply})
	if err != nil {
		return onTheWay(e.Header.Name, err)
	}
	return entryErrorIf(e, setOpaque(fd))
}

func entryErrorIf(e Entry, err error) error {
	if err == nil {
		return nil
	}
	return entryError(e.Header.Name, err)
}

// uncover removes a whiteout, if that is what a layer has there.
func (t *Tree) uncover(parent int, name string) (uncovered bool, err error) {
	if t.layer == nil || !isWhiteout(parent, name) {
		return false, nil
	}
	return true, unix.Unlinkat(parent, name, 0)
}

// isWhiteout tells a whiteout. It is ours: no archive can bring its like.
func isWhiteout(parent int, name string) bool {
	var st unix.Stat_t
	err := unix.Fstatat(parent, name, &st, unix.AT_SYMLINK_NOFOLLOW)
	return err == nil && st.Mode&unix.S_IFMT == unix.S_IFCHR && st.Rdev == 0
}

// makeOpaque makes a folder that is there opaque.
func makeOpaque(parent int, name string) error {
	fd, err := openat(parent, name, openFolder)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return setOpaque(fd)
}

func setOpaque(fd int) error { return unix.Fsetxattr(fd, "trusted.overlay.opaque", []byte("y"), 0) }
