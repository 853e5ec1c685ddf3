package unpack

import (
	"strings"

	"golang.org/x/sys/unix"
)

// Whiteouts are about the layers below, whatever the same layer brings, before
// or after: so says the OCI image specification. In overlayfs's form a file that
// the layer brings itself hides the one below without any whiteout; a folder
// has to be opaque, also one that comes in that file's place later on.

// Hide makes a whiteout for the entry's path.
func (t *Tree) Hide(e Entry) error {
	parent, name, path, err := t.parent(e)
	if err != nil {
		return err
	}
	err = unix.Mknodat(parent, name, unix.S_IFCHR, 0)
	if err == unix.EEXIST {
		return entryErrorIf(e, t.hideBelowOwn(parent, name, path, e))
	}
	if err == nil {
		// The same bytes must always make the same tree.
		err = unix.UtimesNanoAt(parent, name, make([]unix.Timespec, 2), unix.AT_SYMLINK_NOFOLLOW)
	}
	return entryErrorIf(e, err)
}

// hideBelowOwn is for a path that the layer has something at.
func (t *Tree) hideBelowOwn(parent int, name, path string, e Entry) error {
	var st unix.Stat_t
	if err := unix.Fstatat(parent, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return err
	}
	switch {
	case st.Mode&unix.S_IFMT == unix.S_IFDIR:
		return makeOpaque(parent, name)
	case st.Mode&unix.S_IFMT == unix.S_IFCHR && st.Rdev == 0:
		return nil // one came before
	}
	return t.cover(path, e)
}

// cover remembers that a path is hidden, where there is something of the layer
// that hides it anyway, and that is no folder: one may still come.
func (t *Tree) cover(path string, e Entry) error {
	if _, ok := t.covered[path]; ok {
		return nil
	}
	if t.covered == nil {
		t.covered = make(map[string]struct{})
	}
	t.covered[path] = struct{}{}
	t.coveredPaths += len(path)
	if len(t.covered) > maxReplaced || t.coveredPaths > maxReplacedPaths {
		return refuse(e.Header.Name, "is one path too many that comes twice, once as a whiteout")
	}
	return nil
}

// uncoverBelow forgets what is hidden in a folder that goes, with the whiteouts
// in it.
func (t *Tree) uncoverBelow(folder string) {
	folder += "/"
	for path := range t.covered {
		if strings.HasPrefix(path, folder) {
			delete(t.covered, path)
			t.coveredPaths -= len(path)
		}
	}
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

// isOpaque reports whether a name is a folder that was made opaque.
func isOpaque(parent int, name string) bool {
	fd, err := openat(parent, name, openFolder)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	var value [2]byte
	n, err := unix.Fgetxattr(fd, opaque, value[:])
	return err == nil && n == 1 && value[0] == 'y'
}

const opaque = "trusted.overlay.opaque"

// makeOpaque makes a folder that is there opaque.
func makeOpaque(parent int, name string) error {
	fd, err := openat(parent, name, openFolder)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return setOpaque(fd)
}

func setOpaque(fd int) error { return unix.Fsetxattr(fd, opaque, []byte("y"), 0) }
