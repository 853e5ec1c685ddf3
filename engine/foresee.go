package engine

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/fetch"
	"github.com/podtui/podtui/engine/spec"
)

// What an image says of who is who.
type (
	// People are the users and groups of an image.
	People = fetch.People
	// Person is one of them.
	Person = fetch.Person
)

// People tells whom a stored image has names for, for somebody who chooses one.
func (e *Engine) People(id string) (People, error) {
	image, err := e.store.Get(id)
	if err != nil {
		return People{}, err
	}
	layers, err := e.store.Layers(image)
	if err != nil {
		return People{}, err
	}
	return fetch.PeopleOf(layers)
}

// Foreseen is what a pod would find on this host if it were run now.
type Foreseen struct {
	EnvFile  []spec.Var     // what the pod's files of variables hold, as far as they are right
	Problems []spec.Problem // what the host refutes
	Missing  []string       // sources of volumes that are not there, and that MakeFolder can make

	Capacity
}

// Capacity is what the host has for all.
type Capacity struct {
	Memory int64 // in bytes; 0: that is not known
	CPUs   int
}

func capacity() Capacity { return Capacity{CPUs: runtime.NumCPU(), Memory: hostMemory()} }

// Foresee looks at what a run of the pod looks at on the host, and makes nothing.
// The pod may be one that a form is still filling. It needs no data folder: the
// zero Engine will do.
func (e *Engine) Foresee(ctx context.Context, pod spec.Pod) Foreseen {
	f := Foreseen{Capacity: capacity()}
	f.EnvFile, f.Problems = e.foreseeEnv(ctx, pod.EnvFiles)
	pod.Volumes = slices.Clone(pod.Volumes)
	for i := range pod.Volumes {
		if v := &pod.Volumes[i]; v.Kind != spec.HostVolume || !filepath.IsAbs(v.Source) || strings.ContainsRune(v.Source, 0) {
			v.Kind = spec.EmptyVolume // there is nothing to look at
		} else if absent(v.Source) {
			f.Missing = append(f.Missing, v.Source)
		}
	}
	_, _, unconnected := e.chooseNetworks(pod)
	f.Problems = slices.Concat(f.Problems, checkHost(pod), unconnected)
	return f
}

// foreseeEnv reads files of variables. What is no regular file is left to the run:
// of a pipe only the first has something.
func (e *Engine) foreseeEnv(ctx context.Context, files []string) ([]spec.Var, []spec.Problem) {
	for _, name := range files {
		if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
			return nil, nil
		}
	}
	around, err := e.Surroundings(ctx, spec.Pod{EnvFiles: files})
	if refuted, ok := errors.AsType[*RefutedError](err); ok {
		return around.EnvFile, refuted.Problems
	}
	if invalid, ok := errors.AsType[*InvalidError](err); ok {
		return around.EnvFile, invalid.Problems
	}
	return around.EnvFile, nil
}

func hostMemory() int64 {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return 0
	}
	return int64(info.Totalram) * int64(info.Unit)
}

// absent reports whether nothing is at a path, and no link on the way: a volume
// could not use a folder behind one.
func absent(path string) bool {
	fd, err := unix.Openat2(unix.AT_FDCWD, path, &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_SYMLINKS})
	if err == nil {
		_ = unix.Close(fd)
	}
	return errors.Is(err, fs.ErrNotExist)
}
