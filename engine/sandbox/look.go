package sandbox

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// OpenRoot opens, by O_PATH, the root that a running app sees, with its volumes.
// It stays the app's, whatever becomes of the app's process: a number that is
// used again is noticed.
func OpenRoot(stateDir, uuid, app string) (*os.File, error) {
	t, err := findTarget(stateDir, uuid, app)
	if err != nil {
		return nil, err
	}
	defer t.close()
	return t.root()
}

// Stack opens, by O_PATH, the root that these folders make, uppermost first, to
// read it. It is mounted nowhere: it goes when it is closed, or with this process. Of
// a pod with users of its own what is in the uppermost folder is theirs, and shown as
// the pod saw it. That takes Linux 6.15.
func Stack(users Users, layers []string) (*os.File, error) {
	fs, err := unix.Fsopen("overlay", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("overlay: %w", err)
	}
	defer unix.Close(fs)
	if err := stack(fs, users, layers); err != nil {
		return nil, tooOld(users, kernelRelease(), fmt.Errorf("overlay: %w", explain(fs, err)))
	}
	// An app can make devices. They are looked at here, and never used.
	mount, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_RDONLY|unix.MOUNT_ATTR_NODEV|unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NOATIME)
	if err != nil {
		return nil, fmt.Errorf("overlay: %w", explain(fs, err))
	}
	return os.NewFile(uintptr(mount), "root"), nil
}

// tooOld says of a kernel that stacks nothing that is mounted nowhere that this is
// what is wrong.
func tooOld(users Users, release string, err error) error {
	var major, minor int
	_, unread := fmt.Sscanf(release, "%d.%d", &major, &minor)
	if unread != nil || !users.Private() || !errors.Is(err, unix.EINVAL) || major > 6 || major == 6 && minor >= 15 {
		return err
	}
	return fmt.Errorf("what a pod with private users has left is seen by Linux 6.15 and later, and not by %s: that of one with --no-overlay is seen by older ones too", release)
}

func kernelRelease() string {
	var name unix.Utsname
	_ = unix.Uname(&name) // which can't fail
	return unix.ByteSliceToString(name.Release[:])
}

// OpenCopy is Stack of a root that is one folder.
func OpenCopy(users Users, root string) (*os.File, error) {
	top, err := os.OpenFile(root, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	defer top.Close()
	mount, err := cloneCopy(users, top)
	if err != nil {
		return nil, err
	}
	err = setAttributes(mount, unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOSUID})
	if err != nil {
		mount.Close()
		return nil, err
	}
	return mount, nil
}

func cloneCopy(users Users, top *os.File) (*os.File, error) {
	if !users.Private() {
		return Clone(top, false)
	}
	clone, err := users.unmapped(folder(top.Fd()))
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(clone), top.Name()), nil
}

func stack(fs int, users Users, layers []string) error {
	folders, err := openFolders(layers)
	defer folders.close()
	if err != nil {
		return err
	}
	if users.Private() {
		upper, err := users.unmapped(folders[0])
		if err != nil {
			return err
		}
		unix.Close(int(folders[0]))
		folders[0] = upper
	}
	if err := configureLayers(fs, folders); err != nil {
		return err
	}
	return unix.FsconfigCreate(fs)
}
