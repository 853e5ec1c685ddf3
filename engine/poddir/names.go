package poddir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/crash"
)

// A pod's name is a link to its UUID in a folder beside the pods. It is made
// after the pod's folder and removed after it, so that a name whose pod has no
// folder is a crash's, and free.
const namesDir = "names"

// NameTakenError says that another pod has the name.
type NameTakenError struct{ Name, UUID string }

func (e *NameTakenError) Error() string {
	return fmt.Sprintf("the pod name %q is taken by pod %s", e.Name, e.UUID)
}

// Claim gives a pod, whose folder is there, a name; or fails with NameTakenError.
// Of several processes that claim one at once, one gets it.
func Claim(pods, name, id string) error {
	names, err := openNames(pods)
	if err != nil {
		return err
	}
	if !names.sound(name) {
		return fmt.Errorf("a pod can't be named %q: it must be a file's name", name)
	}
	for {
		err := os.Symlink(id, names.link(name))
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		holder, err := names.holder(name)
		switch {
		case err != nil:
			return err
		case holder == id:
			return nil
		case names.alive(holder):
			return &NameTakenError{Name: name, UUID: holder}
		}
		if err := names.release(name, func(holder string) bool { return !names.alive(holder) }); err != nil {
			return err
		}
		crash.Here("name taken over") // nobody has it: it is free
	}
}

// Release takes a pod's name from it, once its folder is gone. It is no error if
// the name is another's by now.
func Release(pods, name, id string) error {
	names := nameFolder{pods: pods}
	if !names.sound(name) {
		return nil
	}
	return names.release(name, func(holder string) bool { return holder == id })
}

// SweepNames frees the names of pods that have no folder.
func SweepNames(pods string) error {
	names := nameFolder{pods: pods}
	entries, err := os.ReadDir(names.path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	errs := []error{err}
	for _, entry := range entries {
		holder, err := names.holder(entry.Name())
		if err != nil || names.alive(holder) {
			continue // what is no link is nobody's name
		}
		errs = append(errs, names.release(entry.Name(), func(holder string) bool { return !names.alive(holder) }))
	}
	return errors.Join(errs...)
}

// nameFolder is the folder of names beside that of the pods.
type nameFolder struct{ pods string }

func openNames(pods string) (nameFolder, error) {
	names := nameFolder{pods: pods}
	return names, os.MkdirAll(names.path(), 0o700)
}

func (n nameFolder) path() string            { return filepath.Join(filepath.Dir(n.pods), namesDir) }
func (n nameFolder) link(name string) string { return filepath.Join(n.path(), name) }

// sound keeps words that are no names of files out of the folder.
func (n nameFolder) sound(name string) bool {
	return name != "" && name != "." && name != ".." && len(name) < 256 && !strings.ContainsAny(name, "/\x00")
}

// holder is the pod that has the name; "" if nobody has.
func (n nameFolder) holder(name string) (string, error) {
	holder, err := os.Readlink(n.link(name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return holder, err
}

// alive reports whether a pod of that UUID has a folder. Where that can't be told
// it has: a name is rather kept than given twice.
func (n nameFolder) alive(id string) bool {
	if uuid.Validate(id) != nil {
		return false
	}
	var folder unix.Stat_t
	err := unix.Lstat(filepath.Join(n.pods, id), &folder)
	return !errors.Is(err, fs.ErrNotExist)
}

// release removes a name if its holder is one to lose it. Names are made without
// the lock and removed only with it, so that what was looked at is what goes.
func (n nameFolder) release(name string, loses func(holder string) bool) error {
	folder, err := os.Open(n.path())
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
	holder, err := n.holder(name)
	if err != nil || holder == "" || !loses(holder) {
		return err
	}
	return os.Remove(n.link(name))
}
