package poddir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/crash"
)

// Remove removes the folder. We must own the pod. From the rename on there is
// no such pod; whoever finds the rest after a crash may finish it.
func (d *Dir) Remove() error {
	doomed := d.Path + deletingSuffix
	err := os.Rename(d.Path, doomed)
	if errors.Is(err, unix.ENOTEMPTY) || errors.Is(err, unix.EEXIST) { // a pod's rest, of whom this is a copy
		if err := removeTree(doomed); err != nil {
			return err
		}
		err = os.Rename(d.Path, doomed)
	}
	if err != nil {
		return err
	}
	crash.Here("pod gone") // its files, its name and its leases are still there: gc takes them
	err = removeTree(doomed)
	d.Unlock()
	return err
}

// Sweep removes what processes left that were killed while they made a pod's
// folder or removed one.
func Sweep(pods string) error {
	entries, err := os.ReadDir(pods)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var errs []error
	for _, entry := range entries {
		switch {
		case strings.HasSuffix(entry.Name(), deletingSuffix):
			errs = append(errs, removeTree(filepath.Join(pods, entry.Name())))
		case strings.HasSuffix(entry.Name(), beginningSuffix):
			errs = append(errs, removeUnborn(pods, entry.Name()))
		}
	}
	return errors.Join(errs...)
}

func removeUnborn(pods, name string) error {
	done, err := beginning(pods, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer done()
	return removeTree(filepath.Join(pods, name))
}

// clearedSuffix is of a folder of a pod that another has taken the place of.
const clearedSuffix = ".cleared"

// ClearApps makes the apps' roots, and the sandbox's records, what they are before
// a pod's first start. What the pod keeps stays: volumes, logs, events. We must
// own the pod. The old roots go in one step: after a crash they are all there or
// none is, and the rest goes with the next who clears or removes.
func (d *Dir) ClearApps() error {
	for _, name := range []string{appsDir, sandboxDir} {
		if err := d.renew(name); err != nil {
			return err
		}
	}
	return nil
}

func (d *Dir) renew(name string) error {
	old := d.file(name + clearedSuffix)
	if err := removeTree(old); err != nil {
		return err
	}
	if err := ignoreGone(os.Rename(d.file(name), old)); err != nil {
		return err
	}
	crash.Here("roots put aside") // there is no folder of that name: who clears next makes it
	if err := os.Mkdir(d.file(name), 0o700); err != nil {
		return err
	}
	crash.Here("roots renewed") // what was put aside is still there
	return removeTree(old)
}
