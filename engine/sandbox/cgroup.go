package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/opencontainers/cgroups"
)

const cgroupRoot = "/sys/fs/cgroup"

// podCgroup is a pod's folder in each hierarchy. It has no parent of ours: a
// shared one could not be removed without a race with the next start.
func podCgroup(uuid string) string { return "podtui-" + uuid }

// cgroupPath is absolute: a relative one would lie below the cgroup of whoever
// started the pod, and go on living there.
func cgroupPath(uuid, app string) string {
	return filepath.Join("/", podCgroup(uuid), app)
}

// Warm makes the next process's way into its cgroups short. The kernel moves a
// process under a lock whose first use waits for an RCU grace period, 5 to 15
// ms, and whose next ones, for about as long again, don't. So it is used early,
// beside everything else that a start has to do: this process is moved to where
// it is already. Errors cost only time, and are nobody's business.
func Warm() {
	table, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return
	}
	line, _, _ := strings.Cut(string(table), "\n")
	fields := strings.SplitN(line, ":", 3) // ID:CONTROLLERS:PATH
	if len(fields) != 3 {
		return
	}
	controllers := strings.TrimPrefix(fields[1], "name=") // none: cgroup v2
	procs := filepath.Join(cgroupRoot, controllers, fields[2], "cgroup.procs")
	file, err := os.OpenFile(procs, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer file.Close()
	_, _ = file.WriteString(strconv.Itoa(os.Getpid()))
}

// makeCgroup makes a cgroup in every hierarchy, so that libcontainer finds it
// there: a memory cgroup alone takes as long as a mount, and this can be done
// beside other work. What can't be made, libcontainer reports.
func makeCgroup(path string) {
	roots, err := hierarchies()
	if err != nil {
		return
	}
	for _, root := range roots {
		_ = os.MkdirAll(filepath.Join(root, path), 0o755)
	}
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
	if cgroups.IsCgroup2UnifiedMode() {
		return []string{cgroupRoot}, nil
	}
	entries, err := os.ReadDir(cgroupRoot)
	if err != nil {
		return nil, fmt.Errorf("cgroups: %w", err)
	}
	var roots []string
	for _, entry := range entries {
		if entry.IsDir() {
			roots = append(roots, filepath.Join(cgroupRoot, entry.Name()))
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

// removeAppCgroup is Sweep for one app.
func removeAppCgroup(uuid, app string) error {
	roots, err := hierarchies()
	if err != nil {
		return err
	}
	var errs []error
	for _, root := range roots {
		errs = append(errs, removeCgroup(filepath.Join(root, cgroupPath(uuid, app))))
	}
	return errors.Join(errs...)
}

// SweepLost takes away the cgroups of pods that live in no data folder: empty,
// with nobody who has the pod's UUID on their command line.
func SweepLost(lives func(uuid string) bool) error { return nil }
