package sandbox

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Root is an app's root file system: read-only layers of its image with a
// private folder on top that takes what the app writes.
type Root struct {
	Layers []string // uppermost first, absolute
	Upper  string   // takes the app's changes; empty at the start
	Work   string   // overlayfs's own, on the file system of Upper
	Target string   // where the root is mounted

	UserNamespace string // whose user N has what is N's in the layers; "": the host's
}

// Mount stacks the layers. Nothing is copied. The mount is volatile: the upper
// folder is not synced when it goes, since a pod's changes are not promised to
// survive a power cut, and a sync can take seconds on a busy disk.
func (r Root) Mount() error {
	if err := r.mount(); err != nil {
		return fmt.Errorf("overlay on %s: %w", r.Target, err)
	}
	return nil
}

// CannotStack reports whether an error of Mount says that this kernel, or the file
// system of the folders, has no overlays, or none of so many layers.
func CannotStack(err error) bool {
	return errors.Is(err, unix.ENODEV) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EOPNOTSUPP)
}

// MountCopy mounts a root that was copied into Upper.
func (r Root) MountCopy() error {
	upper, err := os.OpenFile(r.Upper, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer upper.Close()
	mount, err := Clone(upper, false)
	if err != nil {
		return err
	}
	defer mount.Close()
	if cgroupsAreHidden() { // as for an overlay
		err = setAttributes(mount, unix.MountAttr{Attr_set: unix.MOUNT_ATTR_NODEV})
	}
	if err != nil {
		return err
	}
	return Place(mount, r.Target)
}

// Unmount takes the root away. Before it is mounted again, Upper and Work are to
// be made anew: a volatile mount leaves a mark there that refuses a second.
func (r Root) Unmount() error {
	if err := unix.Unmount(r.Target, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW); err != nil {
		return &os.PathError{Op: "unmount", Path: r.Target, Err: err}
	}
	return nil
}

func (r Root) mount() error {
	fs, err := unix.Fsopen("overlay", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return err
	}
	defer unix.Close(fs)
	if err := r.configure(fs); err != nil {
		return explain(fs, err)
	}
	attributes := 0
	if cgroupsAreHidden() { // and nothing keeps an image's device nodes from being used
		attributes = unix.MOUNT_ATTR_NODEV
	}
	mount, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, attributes)
	if err != nil {
		return explain(fs, err)
	}
	defer unix.Close(mount)
	return unix.MoveMount(mount, "", unix.AT_FDCWD, r.Target, unix.MOVE_MOUNT_F_EMPTY_PATH)
}

func (r Root) configure(fs int) error {
	folders, err := openFolders(append([]string{r.Upper, r.Work}, r.Layers...))
	defer folders.close()
	if err != nil {
		return err
	}
	layers := folders[2:]
	if r.UserNamespace != "" {
		clones, done, err := mapped(r.UserNamespace, r.Target, layers)
		if err != nil {
			return err
		}
		defer done()
		layers = clones
	}
	if err := configureLayers(fs, layers); err != nil {
		return err
	}
	if err := unix.FsconfigSetString(fs, "upperdir", folders[0].name()); err != nil {
		return err
	}
	if err := unix.FsconfigSetString(fs, "workdir", folders[1].name()); err != nil {
		return err
	}
	if err := unix.FsconfigSetFlag(fs, "volatile"); err != nil {
		return err
	}
	return unix.FsconfigCreate(fs)
}

// configureLayers names one layer at a time, which has no limit but overlayfs's
// own 500; kernels before 6.5 take them only as one string.
func configureLayers(fs int, layers folders) error {
	for n, layer := range layers {
		err := unix.FsconfigSetString(fs, "lowerdir+", layer.name())
		if errors.Is(err, unix.EINVAL) && n == 0 {
			return unix.FsconfigSetString(fs, "lowerdir", layers.joined())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// folder is an open folder. Overlayfs is told of it by its descriptor: its own
// names for folders end at 256 bytes and give a meaning to backslash and colon,
// and a data folder may have any path.
type folder int

func (f folder) name() string { return fmt.Sprintf("/proc/self/fd/%d", f) }

type folders []folder

func openFolders(paths []string) (folders, error) {
	var open folders
	for _, path := range paths {
		fd, err := unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			return open, &os.PathError{Op: "open", Path: path, Err: err}
		}
		open = append(open, folder(fd))
	}
	return open, nil
}

func (f folders) close() {
	for _, open := range f {
		unix.Close(int(open))
	}
}

func (f folders) joined() string {
	names := make([]string, len(f))
	for i, open := range f {
		names[i] = open.name()
	}
	return strings.Join(names, ":")
}

// explain adds what the kernel wrote about the file system to an error that is
// otherwise only a number.
func explain(fs int, err error) error {
	message := make([]byte, 512)
	n, readErr := unix.Read(fs, message)
	if readErr != nil || n < 3 {
		return err
	}
	return fmt.Errorf("%w (%s)", err, strings.TrimSpace(string(message[2:n])))
}
