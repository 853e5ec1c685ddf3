package unpack

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// maxReplaced bounds how much a layer may bring twice: each is remembered until
// the end. Layers of build tools repeat a few hundred folders.
const (
	maxReplaced      = 1 << 14
	maxReplacedPaths = 2 << 20 // bytes of them, and of what symlinks among them link to
)

// makeAgain makes an entry whose name is taken. In an image archive nothing comes
// twice.
func (t *Tree) makeAgain(e Entry) error {
	if t.layer == nil {
		return twice(e)
	}
	// Again, since the way to a link's target may have led elsewhere.
	parent, name, path, err := t.parent(e)
	if err != nil {
		return err
	}
	if e.Link != "" {
		if same, err := t.linked(parent, name, e); err != nil || same {
			return err
		}
		if parent, name, path, err = t.parent(e); err != nil {
			return err
		}
	}
	uncovered, err := t.uncover(parent, name)
	hidden := uncovered || isOpaque(parent, name)
	if err == nil && !uncovered {
		err = t.moveAside(parent, name, path, e)
	}
	if err == nil && hidden {
		err = t.cover(path, e)
	}
	if err != nil {
		return entryError(e.Header.Name, err)
	}
	return t.make(parent, name, e)
}

// linked reports whether a hard link is there already.
func (t *Tree) linked(parent int, name string, e Entry) (bool, error) {
	var here, target unix.Stat_t
	if err := unix.Fstatat(parent, name, &here, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return false, entryError(e.Header.Name, err)
	}
	dir, old := split(e.Link)
	from, err := t.walk.to(dir, manner{follow: true})
	if err != nil {
		return false, onTheWay(e.Header.Name, err)
	}
	if err := unix.Fstatat(from, old, &target, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return false, entryError(e.Header.Name, err)
	}
	return here.Ino == target.Ino, nil
}

// moveAside takes what is in an entry's place out of the root. The walker stands
// at the parent, so it is not inside.
func (t *Tree) moveAside(parent int, name, path string, e Entry) error {
	t.again = true
	t.moved++
	target := targetOf(parent, name)
	t.movedPaths += len(path) + len(target)
	if t.moved > maxReplaced || t.movedPaths > maxReplacedPaths {
		return refuse(e.Header.Name, "is one path too many that comes twice")
	}
	if err := unix.Renameat(parent, name, t.aside, strconv.Itoa(t.moved)); err != nil {
		return err
	}
	t.uncoverBelow(path)
	t.layer.Replaced(path, target)
	return nil
}

// targetOf is what a symlink links to, "" if it is none.
func targetOf(parent int, name string) string {
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(parent, name, buf)
	if err != nil {
		return ""
	}
	return string(buf[:n])
}
