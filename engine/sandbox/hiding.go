package sandbox

import (
	"github.com/sirupsen/logrus"
	"golang.org/x/sys/unix"
)

// withoutCgroups hides the cgroups that can't be written behind v2's, read-only,
// in the mount namespace of this process: libcontainer runs without cgroups only
// where it finds those of v2, and sees that it can't make one.
func withoutCgroups() error {
	logrus.SetLevel(logrus.ErrorLevel) // libcontainer warns of what is done here on purpose
	fs, err := unix.Fsopen("cgroup2", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return err
	}
	defer unix.Close(fs)
	if err := unix.FsconfigCreate(fs); err != nil {
		return explain(fs, err)
	}
	// Of the mount alone: the file system is the one that the host has.
	const readOnly = unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC
	mount, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, readOnly)
	if err != nil {
		return explain(fs, err)
	}
	defer unix.Close(mount)
	return unix.MoveMount(mount, "", unix.AT_FDCWD, cgroupRoot, unix.MOVE_MOUNT_F_EMPTY_PATH)
}

// cgroupsAreHidden tells whether withoutCgroups was there.
func cgroupsAreHidden() bool {
	var stat unix.Statfs_t
	err := unix.Statfs(cgroupRoot, &stat)
	return err == nil && stat.Type == unix.CGROUP2_SUPER_MAGIC && stat.Flags&unix.ST_RDONLY != 0
}
