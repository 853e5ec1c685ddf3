package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/opencontainers/cgroups"
)

// podCgroup is a pod's folder in each hierarchy. It has no parent of ours: a
// shared one could not be removed without a race with the next start.
func podCgroup(uuid string) string { return "podtui-" + uuid }

// cgroupPath is absolute: a relative one would lie below the cgroup of whoever
// started the pod, and go on living there.
func cgroupPath(uuid, app string) string {
	return filepath.Join("/", podCgroup(uuid), app)
}

// Sweep takes away a pod's cgroups in every hierarchy. It is the same after a
// crash as after a success, and no error if there is nothing.
func Sweep(uuid string) error {
	roots, err := hierarchies()
	if err != nil {
		return err
	}
	var errs []error
	for _, root := range roots {
		errs = append(errs, removeCgroup(filepath.Join(root, podCgroup(uuid))))
	}
	return errors.Join(errs...)
}

// hierarchies are the mount points of cgroup v1's hierarchies or of v2, or, on
// hosts with the mix, of both.
func hierarchies() ([]string, error) {
	const top = "/sys/fs/cgroup"
	if cgroups.IsCgroup2UnifiedMode() {
		return []string{top}, nil
	}
	entries, err := os.ReadDir(top)
	if err != nil {
		return nil, fmt.Errorf("cgroups: %w", err)
	}
	var roots []string
	for _, entry := range entries {
		if entry.IsDir() {
			roots = append(roots, filepath.Join(top, entry.Name()))
		}
	}
	return roots, nil
}

// removeCgroup removes a cgroup with what is below it. A cgroup is busy for a
// moment after its last process has gone.
func removeCgroup(path string) error {
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cgroup: %w", err)
	}
	for _, entry := range entries {
		if entry.IsDir() {
			if err := removeCgroup(filepath.Join(path, entry.Name())); err != nil {
				return err
			}
		}
	}
	return removeWhenIdle(path)
}

func removeWhenIdle(path string) error {
	var err error
	for wait := time.Millisecond; wait < time.Second; wait *= 2 {
		err = syscall.Rmdir(path)
		if err == nil || errors.Is(err, syscall.ENOENT) {
			return nil
		}
		if !errors.Is(err, syscall.EBUSY) {
			break
		}
		time.Sleep(wait)
	}
	return &os.PathError{Op: "remove cgroup", Path: path, Err: err}
}
