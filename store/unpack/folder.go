package unpack

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Folders are made with one of two modes and get theirs in Finish, so that
// nothing has to be remembered of them: what is on disk tells an implied one,
// which the archive has something in but has not named, from one it has named.
// Nobody but us goes in before, so that a setgid folder does not hand its group
// on, and one without the x bit can be filled.
const (
	implied = 0o700
	named   = 0o1700
	modes   = 0o1777 // what tells them; a parent may have handed its setgid bit on
)

// maxImplied bounds the paths of implied folders, all together: they are told to
// whoever keeps the layer. Of real archives those without any entries for
// folders have the most, some megabytes.
const maxImplied = 8 << 20

// errImplied says that there are more than the bounds allow.
var errImplied = errors.New("too many implied folders")

// parent opens the folder that an entry goes into, and makes those on the way
// that the archive has not named yet. Path is the entry's, without symlinks.
func (t *Tree) parent(e Entry) (fd int, name, path string, err error) {
	dir, name := split(e.Path)
	fd, err = t.walk.to(dir, manner{follow: true, create: t.imply})
	if err != nil {
		return -1, "", "", onTheWay(e.Header.Name, err)
	}
	if _, here, real := t.walk.here(); real != here {
		path = join(real, name)
		return fd, name, path, onTheWay(e.Header.Name, bounded(path, e.Path))
	}
	return fd, name, e.Path, nil
}

// imply makes a folder that is needed before the archive names it, or that it
// never names. One that was deleted by a whiteout is made anew, so it shows
// nothing of what is below.
func (t *Tree) imply(parent int, name, path string, missing bool) (made bool, err error) {
	if !missing {
		if uncovered, err := t.uncover(parent, name); err != nil || !uncovered {
			return false, err
		}
	}
	t.implied++
	t.implying += len(path)
	if t.implied > t.max || t.implying > maxImplied {
		return false, errImplied
	}
	if err := unix.Mkdirat(parent, name, implied); err != nil {
		return false, err
	}
	if _, covered := t.covered[path]; covered || !missing {
		if err := makeOpaque(parent, name); err != nil {
			return false, err
		}
	}
	return true, t.waiting.add(path, nil)
}

func (t *Tree) addFolder(e Entry) (string, error) {
	a := attributesOf(e.Header)
	if e.Path == "" {
		if t.root != nil && t.layer == nil {
			return "", twice(e)
		}
		t.root = &a
		return "", nil
	}
	parent, name, path, err := t.parent(e)
	if err != nil {
		return "", err
	}
	err = unix.Mkdirat(parent, name, named)
	if err == unix.EEXIST {
		err = t.nameFolder(parent, name, path, e)
	}
	if err != nil {
		return "", entryError(e.Header.Name, err)
	}
	return path, t.waiting.add(path, &a)
}

// nameFolder is for a folder whose name is taken: by itself, if what came before
// it implied it, or if it comes twice.
func (t *Tree) nameFolder(parent int, name, path string, e Entry) error {
	var st unix.Stat_t
	if err := unix.Fstatat(parent, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return err
	}
	switch folder := st.Mode&unix.S_IFMT == unix.S_IFDIR; {
	case folder && st.Mode&modes == implied:
		return unix.Fchmodat(parent, name, named, 0)
	case t.layer == nil:
		return twice(e)
	case folder:
		t.again = true
		return nil
	}
	uncovered, err := t.uncover(parent, name)
	if err == nil && !uncovered {
		err = t.moveAside(parent, name, path, e)
	}
	if err == nil {
		err = unix.Mkdirat(parent, name, named)
	}
	if _, covered := t.covered[path]; err == nil && (covered || uncovered) {
		err = makeOpaque(parent, name)
	}
	return err
}

// Finish gives all folders their attributes, and calls f with each that the
// archive has not named. Nothing can be added after that.
func (t *Tree) Finish(f func(path string) error) error {
	t.walk.reset()
	if t.implied > 0 {
		if err := t.waiting.forward(func(path string, a *attributes) error { return t.finishImplied(path, a, f) }); err != nil {
			return err
		}
	}
	// The inner ones first: their way may close.
	last := &finisher{t: t}
	if err := t.waiting.backward(last.finish); err != nil {
		return err
	}
	return t.finishRoot(f)
}

// finishImplied comes before any named folder is finished, while the modes tell
// which are implied. The same bytes must always make the same tree: the time is
// fixed.
func (t *Tree) finishImplied(path string, a *attributes, f func(string) error) error {
	if a != nil {
		return nil
	}
	fd, st, err := t.waited(path)
	if err != nil || fd < 0 || st.Mode&modes != implied {
		return err
	}
	if err := t.set(fd, implied, t.impliedAttributes(path)); err != nil {
		return err
	}
	return f(path)
}

func (t *Tree) impliedAttributes(path string) attributes {
	return attributes{entry: path, mode: 0o755, uid: t.uid, gid: t.gid}
}

func (t *Tree) finishRoot(f func(string) error) error {
	if t.root != nil {
		return t.set(t.walk.root, 0o700, *t.root)
	}
	if err := t.set(t.walk.root, 0o700, t.impliedAttributes("")); err != nil {
		return err
	}
	return f("")
}

// waited opens a folder that has waited. If something else has taken its place
// since, the descriptor is -1.
func (t *Tree) waited(path string) (fd int, st unix.Stat_t, err error) {
	fd, err = t.walk.to(path, manner{})
	if t.again && (err == unix.ENOENT || errors.Is(err, errSymlink) || errors.Is(err, errNoDir)) {
		return -1, st, nil
	}
	if err == nil {
		err = unix.Fstat(fd, &st)
	}
	if err != nil {
		return -1, st, fmt.Errorf("folder %q: %w", path, err)
	}
	return fd, st, nil
}

// finisher gives named folders their attributes. Of a folder that came several
// times the last entry is the first to be met, and what is finished has no mark
// any more; but for the few that end with a mode like it.
type finisher struct {
	t    *Tree
	done map[uint64]bool // inodes of those
}

func (l *finisher) finish(path string, a *attributes) error {
	if a == nil {
		return nil
	}
	fd, st, err := l.t.waited(path)
	if err != nil || fd < 0 || st.Mode&modes != named || l.done[st.Ino] {
		return err
	}
	if a.mode&modes == named && l.t.again {
		if l.done == nil {
			l.done = make(map[uint64]bool)
		}
		if l.done[st.Ino] = true; len(l.done) > maxReplaced {
			return refuse(a.entry, "is one folder too many that is sticky and private, in a layer that brings paths twice")
		}
	}
	return l.t.set(fd, named, *a)
}

// onTheWay puts trouble with the folders above an entry into words.
func onTheWay(entry string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errLeaves):
		return refuse(entry, "goes through a symlink out of the root filesystem")
	case errors.Is(err, errNowhere):
		return refuse(entry, "goes through a symlink that leads nowhere")
	case errors.Is(err, errDeep):
		return refuse(entry, "is, through symlinks, more than %d folders deep or at a path longer than %d bytes", maxDepth, maxPath)
	case errors.Is(err, errSymlink):
		return refuse(entry, "links through a symlink")
	case errors.Is(err, errNoDir):
		return refuse(entry, "is below something that is not a folder")
	case errors.Is(err, errImplied):
		return refuse(entry, "is below one folder too many that has no entry of its own")
	}
	return entryError(entry, err)
}

// errTaken says that an entry's name is taken.
var errTaken = errors.New("the name is taken")

// creating puts trouble with an entry itself into words.
func creating(e Entry, err error) error {
	if err == unix.EEXIST {
		return errTaken
	}
	return entryError(e.Header.Name, err)
}

func twice(e Entry) error { return refuse(e.Header.Name, "comes twice") }

// entryError says at which entry the host was in trouble. What is the archive's
// fault says so itself.
func entryError(entry string, err error) error {
	var refused *ArchiveError
	if errors.As(err, &refused) {
		return err
	}
	return fmt.Errorf("entry %q: %w", entry, err)
}
