package trust

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// unfinished is what a file is called while it is written. One name for all serves,
// since only the holder of the folder's lock writes: who finds it there finds what
// somebody left who died.
const unfinished = ".podtui-new"

// change lets f change what is below a folder of CONFIG, which is made if it isn't
// there, while no other podtui does: what f reads before it writes stays true.
func (s *Store) change(dir string, f func(w writer) error) error {
	return s.folders.whole(s.changeLocked(dir, f))
}

func (s *Store) changeLocked(dir string, f func(w writer) error) error {
	if err := os.MkdirAll(s.folders.Config, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(s.folders.Config)
	if err != nil {
		return err
	}
	defer root.Close()
	w := writer{root: root, top: dir}
	if err := w.makeFolder(dir); err != nil {
		return err
	}
	locked, err := root.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer locked.Close() // and with it the lock
	if err := lock(locked); err != nil {
		return &fs.PathError{Op: "flock", Path: dir, Err: err}
	}
	return f(w)
}

func lock(f *os.File) error {
	for {
		if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != unix.EINTR {
			return err
		}
	}
}

// writer writes below one folder of CONFIG. Names are paths below CONFIG.
type writer struct {
	root *os.Root
	top  string // stays, even when it is empty
}

// put makes a file have this content, durably, or leaves it as it was.
func (w writer) put(name string, content []byte) error {
	dir := path.Dir(name)
	if err := w.makeFolder(dir); err != nil {
		return err
	}
	fresh := path.Join(dir, unfinished)
	if err := w.root.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err := w.create(fresh, content)
	if err == nil {
		err = w.root.Rename(fresh, name)
	}
	if err != nil {
		_ = w.root.Remove(fresh)
		return err
	}
	return w.sync(dir)
}

func (w writer) create(name string, content []byte) error {
	f, err := w.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
}

// remove removes a file, and the folders above it that are empty now, but not top
// nor those of its own that it always has.
func (w writer) remove(name string) error {
	if err := w.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	dir := path.Dir(name)
	for w.mayGo(dir) {
		_ = w.root.Remove(path.Join(dir, unfinished))
		if w.root.Remove(dir) != nil { // there is something in it
			break
		}
		dir = path.Dir(dir)
	}
	return w.sync(dir)
}

// mayGo tells the folders that were made for a prefix or a repository.
func (w writer) mayGo(dir string) bool {
	below, ok := strings.CutPrefix(dir, w.top+"/")
	return ok && below != rootFolder && below != prefixFolder
}

// makeFolder makes a folder and those above it, for everybody to read whatever the
// umask says: there is no secret in them.
func (w writer) makeFolder(dir string) error {
	if dir == "." {
		return nil
	}
	if info, err := w.root.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if err := w.makeFolder(path.Dir(dir)); err != nil {
		return err
	}
	switch err := w.root.Mkdir(dir, 0o755); {
	case errors.Is(err, fs.ErrExist): // somebody else made it, or it is no folder, which the next step says
		return nil
	case err != nil:
		return err
	}
	return errors.Join(w.root.Chmod(dir, 0o755), w.sync(path.Dir(dir)))
}

func (w writer) sync(dir string) error {
	f, err := w.root.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
