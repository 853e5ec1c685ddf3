package supervisor

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/cyphar/filepath-securejoin/pathrs-lite"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/engine/spec"
)

// makeVolumes makes the pod's empty volumes. The apps' roots are mounted, and
// nothing runs yet. A pod that runs once more has its volumes: each was made under
// another name, and is there whole or not at all.
func (s *supervisor) makeVolumes() error {
	for _, volume := range s.record.Resolved.Volumes {
		if volume.Kind != spec.EmptyVolume {
			continue
		}
		if _, err := os.Lstat(s.dir.Volume(volume.Name)); err == nil {
			continue
		}
		begun, err := s.dir.BeginVolume(volume.Name)
		if err != nil {
			return err
		}
		if err := s.makeVolume(volume, begun); err != nil {
			return err
		}
		crash.Here("volume made") // and not in place: the next start makes it anew
		if err := os.Rename(begun, s.dir.Volume(volume.Name)); err != nil {
			return err
		}
	}
	return nil
}

// mounts are an app's volumes, where it wants them, outer ones first: whatever
// the order in which they were declared, none hides what is below it.
func (s *supervisor) mounts(root string, e spec.Effective) ([]sandbox.Mount, error) {
	mounts := make([]sandbox.Mount, len(e.Bindings))
	for i, b := range e.Bindings {
		volume, _ := s.record.Volume(b.Volume)
		source := volume.Source
		if volume.Kind == spec.EmptyVolume {
			source = s.dir.Volume(volume.Name)
		}
		if err := checkKinds(root, volume.Name, source, b.Path); err != nil {
			return nil, err
		}
		recursive := volume.Recursive == nil || *volume.Recursive
		mounts[i] = sandbox.Mount{Source: source, Target: b.Path, ReadOnly: b.ReadOnly, Recursive: recursive}
	}
	slices.SortStableFunc(mounts, func(a, b sandbox.Mount) int { return depth(a.Target) - depth(b.Target) })
	return mounts, nil
}

func depth(target string) int { return strings.Count(path.Clean("/"+target), "/") }

// checkKinds refuses, in words, what the kernel would refuse with a number: a
// file can't be mounted over a folder, nor a folder over a file. What isn't in
// the image yet is made to fit.
func checkKinds(root, volume, source, target string) error {
	from, err := os.Stat(source)
	if err != nil {
		return fmt.Errorf("volume %q: %w", volume, err)
	}
	handle, err := pathrs.OpenInRoot(root, target)
	if err != nil {
		return nil // not there, or not to be followed: libcontainer makes it
	}
	defer handle.Close()
	to, err := handle.Stat()
	if err != nil || from.IsDir() == to.IsDir() {
		return err
	}
	return fmt.Errorf("volume %q: %s is %s on the host, and %s is %s in the image",
		volume, source, kindOf(from), target, kindOf(to))
}

func kindOf(info os.FileInfo) string {
	if info.IsDir() {
		return "a folder"
	}
	return "a file"
}
