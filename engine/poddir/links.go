package poddir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/crash"
)

// linkFolder is a folder beside that of the pods, of things that one pod has at a
// time: each is a link to the UUID of its holder. It is made after the pod's folder
// and removed after it, so that what a pod without a folder holds is a crash's, and
// free.
type linkFolder struct{ pods, kind string }

func openLinks(pods, kind string) (linkFolder, error) {
	links := linkFolder{pods, kind}
	return links, os.MkdirAll(links.path(), 0o700)
}

func (l linkFolder) path() string            { return filepath.Join(filepath.Dir(l.pods), l.kind) }
func (l linkFolder) link(name string) string { return filepath.Join(l.path(), name) }

// claim gives a pod, whose folder is there, what has a name, and tells who holds it
// then: of several processes that claim one thing at once, one gets it.
func (l linkFolder) claim(name, id string) (holder string, err error) {
	for {
		err := os.Symlink(id, l.link(name))
		if err == nil {
			return id, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", err
		}
		holder, err := l.holder(name)
		if err != nil || l.alive(holder) {
			return holder, err
		}
		if err := l.release(name, func(holder string) bool { return !l.alive(holder) }); err != nil {
			return "", err
		}
		crash.Here("name taken over") // nobody has it: it is free
	}
}

// holder is the pod that holds something; "" if none does.
func (l linkFolder) holder(name string) (string, error) {
	holder, err := os.Readlink(l.link(name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return holder, err
}

// alive reports whether a pod of that UUID has a folder. Where that can't be told
// it has: a name is rather kept than given twice.
func (l linkFolder) alive(id string) bool {
	if uuid.Validate(id) != nil {
		return false
	}
	var folder unix.Stat_t
	err := unix.Lstat(filepath.Join(l.pods, id), &folder)
	return !errors.Is(err, fs.ErrNotExist)
}

// release takes something from its holder, if that is one to lose it. Links are
// made without the lock and removed only with it, so that what was looked at is what
// goes.
func (l linkFolder) release(name string, loses func(holder string) bool) error {
	folder, err := os.Open(l.path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := unix.Flock(int(folder.Fd()), unix.LOCK_EX); err != nil {
		return os.NewSyscallError("flock", err)
	}
	holder, err := l.holder(name)
	if err != nil || holder == "" || !loses(holder) {
		return err
	}
	return os.Remove(l.link(name))
}

// sweep frees what pods hold that have no folder.
func (l linkFolder) sweep() error {
	entries, err := os.ReadDir(l.path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	errs := []error{err}
	for _, entry := range entries {
		holder, err := l.holder(entry.Name())
		if err != nil || l.alive(holder) {
			continue // what is no link is nobody's
		}
		errs = append(errs, l.release(entry.Name(), func(holder string) bool { return !l.alive(holder) }))
	}
	return errors.Join(errs...)
}
