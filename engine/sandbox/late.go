package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/cyphar/filepath-securejoin/pathrs-lite"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// A late mount is made by libcontainer, with the kernel's file systems, in a process
// that nobody hears. What would keep it from that is found before.

// checkLate refuses what can't be mounted where the kernel's file systems will be.
func (p *mountPoint) checkLate() error {
	at := p.path()
	switch {
	case spec.KernelOwns(at):
		return fmt.Errorf("%s is the kernel's", p.target())
	case p.tree.isLate(at):
		return fmt.Errorf("%s is in another volume, and in /dev and /sys none holds one", p.target())
	case strings.HasPrefix(at, "/sys/"):
		return p.checkSys(at)
	case (at == "/dev/shm" || at == "/dev/mqueue") && !p.folder:
		return fmt.Errorf("%s is a file, and %s is a folder", p.source(), p.target())
	}
	return nil
}

// target is where the way has led, with its beginning if that is another.
func (p *mountPoint) target() string {
	if at := p.path(); at != path.Clean("/"+p.mount.Target) {
		return fmt.Sprintf("%s leads to %s, which", p.mount.Target, at)
	}
	return p.path()
}

// isLate tells whether a late mount is at a path or above it.
func (t *Tree) isLate(at string) bool {
	return slices.ContainsFunc(t.late, func(above string) bool { return within(at, above) })
}

// within tells whether a path is another one or below it.
func within(at, above string) bool { return at == above || strings.HasPrefix(at, above+"/") }

// checkSys looks for the place in a sysfs of its own: nothing can be made in one, and
// in the host's other file systems are mounted.
func (p *mountPoint) checkSys(at string) error {
	for _, masked := range maskedPaths() {
		if at != masked && within(at, masked) {
			return fmt.Errorf("%s is hidden, as all of %s is from apps", p.target(), masked)
		}
	}
	top, err := newSysfs()
	if err != nil {
		return err
	}
	defer top.Close()
	place, err := pathrs.OpenatInRoot(top, strings.TrimPrefix(at, "/sys/"))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is not there, and nothing can be made in /sys", p.target())
	}
	if err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	defer place.Close()
	kind, err := kindOf(int(place.Fd()))
	switch isFolder := kind == unix.S_IFDIR; {
	case err != nil:
		return fmt.Errorf("%s: %w", at, err)
	case isFolder && !p.folder:
		return fmt.Errorf("%s is a file, and %s is a folder", p.source(), p.target())
	case !isFolder && p.folder:
		return fmt.Errorf("%s is a folder, and %s is a file", p.source(), p.target())
	}
	return nil
}

// newSysfs is one that is mounted nowhere, with what an app may do to its own.
func newSysfs() (*os.File, error) {
	sysfs, err := unix.Fsopen("sysfs", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("sysfs: %w", err)
	}
	defer unix.Close(sysfs)
	if err := unix.FsconfigCreate(sysfs); err != nil {
		return nil, fmt.Errorf("sysfs: %w", explain(sysfs, err))
	}
	mount, err := unix.Fsmount(sysfs, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_RDONLY|unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV|unix.MOUNT_ATTR_NOEXEC)
	if err != nil {
		return nil, fmt.Errorf("sysfs: %w", explain(sysfs, err))
	}
	return os.NewFile(uintptr(mount), "sysfs"), nil
}
