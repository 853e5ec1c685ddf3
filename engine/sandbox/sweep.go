package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Sweep takes away a pod's cgroups in every hierarchy. It is the same after a
// crash as after a success, and no error if there is nothing.
func Sweep(uuid string) error { return sweep(podCgroup(uuid)) }

func sweep(cgroup string) error {
	all, err := hierarchies()
	if err != nil {
		return err
	}
	var errs []error
	for _, h := range all {
		errs = append(errs, removeCgroup(h.folder(cgroup)))
	}
	return errors.Join(errs...)
}

// sweep is Sweep for a pod that knows what there is: what it knows need not be listed.
func (p *Pod) sweep() error {
	if p.host.unusable != nil {
		return Sweep(p.uuid)
	}
	var errs []error
	for _, h := range p.host.all {
		for _, app := range p.apps {
			_ = syscall.Rmdir(h.folder(cgroupPath(p.uuid, app.app.Name)))
		}
		errs = append(errs, removeCgroup(h.folder(podCgroup(p.uuid))))
	}
	return errors.Join(errs...)
}

// lostAge is how old a cgroup must be before it can be a lost one: its pod's
// processes may be none that can be seen from here, and not have come yet.
const lostAge = time.Minute

// SweepLost takes away the cgroups of pods that live in no data folder: pods of
// which nothing else is left. lives tells which pods have a folder.
func SweepLost(lives func(uuid string) bool) error {
	all, err := hierarchies()
	if err != nil {
		return err
	}
	return sweepLost(all, lives)
}

func sweepLost(all []hierarchy, lives func(uuid string) bool) error {
	lost := map[string][]string{} // folders by UUID
	for _, h := range all {
		folders, _ := filepath.Glob(h.folder(podCgroup("*")))
		for _, folder := range folders {
			uuid := strings.TrimPrefix(filepath.Base(folder), podCgroup(""))
			if !lives(uuid) && idleFor(folder, lostAge) {
				lost[uuid] = append(lost[uuid], folder)
			}
		}
	}
	if len(lost) == 0 {
		return nil
	}
	// Looked for only now: who was not there when the cgroup was seen empty has
	// not made it.
	if err := forgetNamed(lost); err != nil {
		return err
	}
	var errs []error
	for _, folders := range lost {
		for _, folder := range folders {
			errs = append(errs, removeCgroup(folder))
		}
	}
	return errors.Join(errs...)
}

// idleFor tells whether a cgroup is that old, and no process is in it or below.
func idleFor(folder string, age time.Duration) bool {
	idle := true
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if idle = time.Since(info.ModTime()) > age; !idle {
			return fs.SkipAll
		}
		procs, err := os.ReadFile(filepath.Join(path, "cgroup.procs"))
		if err != nil {
			return err
		}
		if idle = len(procs) == 0; !idle {
			return fs.SkipAll
		}
		return nil
	})
	return err == nil && idle
}

// forgetNamed takes those out of lost that a process has on its command line.
func forgetNamed(lost map[string][]string) error {
	processes, err := os.ReadDir("/proc")
	if err != nil {
		return err
	}
	for _, process := range processes {
		line, err := os.ReadFile("/proc/" + process.Name() + "/cmdline")
		if err != nil {
			continue
		}
		for argument := range bytes.SplitSeq(line, []byte{0}) {
			delete(lost, string(argument))
		}
	}
	return nil
}

// removeCgroup removes a cgroup with what is below it. A cgroup is busy for a
// moment after its last process has gone. It is looked into only if it has to be: to
// list its files takes as long as to remove it.
func removeCgroup(path string) error {
	if err := syscall.Rmdir(path); err == nil || errors.Is(err, syscall.ENOENT) {
		return nil
	}
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
