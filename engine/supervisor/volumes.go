package supervisor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/engine/spec"
)

// Volumes are in the pod's folder, wherever they come from: apps get them from
// there and nowhere else. An empty one is a folder; what is the host's, or in
// memory, is mounted on one, in this process's mount namespace, and ends with it.

// placeOf is where a volume is.
func (s *supervisor) placeOf(v spec.Volume) string {
	if v.Kind == spec.EmptyVolume && v.Medium != spec.MemoryMedium {
		return s.dir.Volume(v.Name)
	}
	return s.dir.Volume(v.Name) + ".mount" // no volume is called so
}

// holdVolumes takes hold of what is the host's: once, by descriptor, so that what
// is checked here is what every app gets, at each of its starts. All are taken
// before any is put into its place, and before the apps' roots are mounted, since
// one may be all of the host, and is not to have those in it.
func (s *supervisor) holdVolumes() error {
	held, err := s.heldVolumes()
	defer held.close()
	if err != nil {
		return err
	}
	return s.placeVolumes(held)
}

// held are mounts of volumes that are nowhere yet.
type held map[string]*os.File

func (h held) close() {
	for _, mount := range h {
		mount.Close()
	}
}

func (s *supervisor) heldVolumes() (held, error) {
	all := make(held)
	for _, v := range s.record.Resolved.Volumes {
		mount, err := s.hold(v)
		if err != nil {
			return all, fmt.Errorf("volume %q: %w", v.Name, err)
		}
		if mount != nil {
			all[v.Name] = mount
		}
	}
	return all, nil
}

func (s *supervisor) placeVolumes(held held) error {
	for _, v := range s.record.Resolved.Volumes {
		if mount, found := held[v.Name]; found {
			if err := place(mount, s.placeOf(v)); err != nil {
				return fmt.Errorf("volume %q: %w", v.Name, err)
			}
		}
	}
	return nil
}

// hold makes a mount of a volume that is no folder of the pod's. nil: it is one.
func (s *supervisor) hold(v spec.Volume) (*os.File, error) {
	if v.Kind == spec.EmptyVolume {
		return s.holdMemory(v)
	}
	source, err := sandbox.OpenSource(v.Source)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	return sandbox.Clone(source, isRecursive(v))
}

func (s *supervisor) holdMemory(v spec.Volume) (*os.File, error) {
	if v.Medium != spec.MemoryMedium {
		return nil, nil
	}
	mode, uid, gid, err := s.attributesOf(v)
	if err != nil {
		return nil, err
	}
	size, err := spec.ParseSize(v.Size)
	if err != nil {
		return nil, err
	}
	return sandbox.Memory{Size: size, Mode: mode, UID: uid, GID: gid}.Make()
}

func isRecursive(v spec.Volume) bool { return v.Recursive == nil || *v.Recursive }

// attributesOf are the mode that an empty volume is to have, and its owner as the host
// knows him.
func (s *supervisor) attributesOf(v spec.Volume) (mode uint32, uid, gid int, err error) {
	if v.UID != nil {
		uid = *v.UID
	}
	if v.GID != nil {
		gid = *v.GID
	}
	if mode, err = spec.ParseMode(v.Mode); err == nil {
		err = s.users.Check(uid, gid)
	}
	return mode, s.users.Host(uid), s.users.Host(gid), err
}

// place puts a mount into the pod's folder. What an earlier run has left there is
// an empty folder or file, which may be of the other kind.
func place(mount *os.File, at string) error {
	if err := os.Remove(at); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	info, err := mount.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = os.Mkdir(at, 0o700)
	default:
		err = os.WriteFile(at, nil, 0o600)
	}
	if err != nil {
		return err
	}
	return sandbox.Place(mount, at)
}

// makeVolumes makes the pod's empty volumes. The apps' roots are mounted, and
// nothing runs yet. A pod that runs once more has its volumes: each was made under
// another name, and is there whole or not at all.
func (s *supervisor) makeVolumes() error {
	for _, volume := range s.record.Resolved.Volumes {
		if volume.Kind != spec.EmptyVolume || volume.Medium == spec.MemoryMedium {
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

// makeFolder makes an empty volume that stays empty.
func (s *supervisor) makeFolder(v spec.Volume, at string) error {
	mode, uid, gid, err := s.attributesOf(v)
	if err == nil {
		err = os.Mkdir(at, 0o700)
	}
	if err == nil {
		err = os.Chown(at, uid, gid)
	}
	if err == nil {
		err = unix.Chmod(at, mode) // last: a change of owner takes bits away
	}
	return err
}

// mounts mounts the pod's files and the app's volumes in its root, if that is not
// done yet. From then on paths may lead into volumes, where others are. What
// comes back is for whoever makes the app.
func (s *supervisor) mounts(a *app) ([]sandbox.Mount, error) {
	if a.root.mounted {
		return a.root.late, nil
	}
	files, err := s.fileMounts(a)
	if err != nil {
		return nil, err
	}
	tree, err := sandbox.OpenTree(s.dir.AppRoot(a.name()), s.users)
	if err != nil {
		return nil, err
	}
	defer tree.Close()
	a.root.late = nil
	for _, m := range append(files, s.volumeMounts(a.Effective)...) {
		hides, late, err := tree.Mount(m)
		if err != nil {
			return nil, mountError(a, m, err)
		}
		a.root.late = append(a.root.late, late...)
		s.tellHidden(a, m, hides)
	}
	a.root.mounted, a.root.told = true, true
	return a.root.late, nil
}

// mountError names the volume. What could be mounted at an earlier start of the app,
// in a volume, somebody has changed there since.
func mountError(a *app, m sandbox.Mount, err error) error {
	if m.Volume == "" {
		return err
	}
	err = fmt.Errorf("volume %q: %w", m.Volume, err)
	if outer := volumeAbove(a.Effective, m.Target); a.root.told && outer != "" {
		err = fmt.Errorf("%w; it was mounted there before: somebody else who has volume %q has changed that", err, outer)
	}
	return err
}

// volumeAbove is the volume that a path of the app leads into; "" if it is in its root.
func volumeAbove(e spec.Effective, target string) string {
	for above := path.Dir(path.Clean("/" + target)); above != "/"; above = path.Dir(above) {
		for _, b := range e.Bindings {
			if path.Clean("/"+b.Path) == above {
				return b.Volume
			}
		}
	}
	return ""
}

// volumeMounts are an app's volumes, where it wants them, outer ones first:
// whatever the order in which they were declared, none hides what is below it.
func (s *supervisor) volumeMounts(e spec.Effective) []sandbox.Mount {
	mounts := make([]sandbox.Mount, len(e.Bindings))
	for i, b := range e.Bindings {
		volume, _ := s.record.Volume(b.Volume)
		mounts[i] = sandbox.Mount{
			Source: s.placeOf(volume), Target: b.Path, ReadOnly: b.ReadOnly, Recursive: isRecursive(volume),
			Volume: b.Volume, Name: volume.Source, Hosts: volume.Kind == spec.HostVolume,
		}
	}
	slices.SortStableFunc(mounts, func(a, b sandbox.Mount) int { return depth(a.Target) - depth(b.Target) })
	return mounts
}

func depth(target string) int { return strings.Count(path.Clean("/"+target), "/") }

// tellHidden warns of what a volume hides of the image (ace.md, "Volume Setup"),
// once for all starts of the app. What starts with the image's content hides
// nothing.
func (s *supervisor) tellHidden(a *app, m sandbox.Mount, hides sandbox.Hides) {
	filled := slices.ContainsFunc(a.Bindings, func(b spec.Binding) bool { return b.Fill && b.Path == m.Target })
	switch {
	case a.root.told || filled:
	case hides == sandbox.HidesFolder:
		s.warnOf(a, fmt.Errorf("volume %q hides what the image has in %s", m.Volume, m.Target))
	case hides == sandbox.HidesFile:
		s.warnOf(a, fmt.Errorf("volume %q takes the place of %s, which is a file in the image", m.Volume, m.Target))
	}
}
