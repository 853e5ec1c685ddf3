package sandbox

import (
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/opencontainers/runc/libcontainer/configs"
	"golang.org/x/sys/unix"
)

// mask hides what apps have no business with, and makes read-only what is the
// whole host's: all that runc and podman do. What a kernel doesn't have is passed
// over.
func mask(config *configs.Config, volumes []Mount) {
	config.MaskPaths = slices.DeleteFunc(maskedPaths(), func(masked string) bool {
		return slices.ContainsFunc(volumes, func(m Mount) bool { return within(masked, m.Target) }) // which hides it as well
	})
	config.ReadonlyPaths = readOnlyPaths()
}

func maskedPaths() []string {
	return []string{
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
		"/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
		"/sys/dev/block", "/sys/devices/virtual/powercap", "/sys/firmware", "/sys/fs/selinux",
	}
}

func readOnlyPaths() []string {
	return []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}
}

// mask is what the other does, where these file systems are mounted here. A volume
// comes later, and lies over what is hidden.
func (s *system) mask() error {
	null, err := openBelow(s.dev, "null")
	if errors.Is(err, unix.ENOENT) { // libcontainer will bind it
		null, err = os.OpenFile(os.DevNull, unix.O_PATH, 0)
	}
	if err != nil {
		return err
	}
	defer null.Close()
	for _, masked := range maskedPaths() {
		fs, name := s.find(masked)
		var found unix.Stat_t
		if err := unix.Fstatat(int(fs.Fd()), name, &found, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			continue // this kernel doesn't have it
		}
		cover, attributes := null, uint64(0)
		if found.Mode&unix.S_IFMT == unix.S_IFDIR {
			cover, attributes = s.nothing, unix.MOUNT_ATTR_RDONLY
		}
		if err := placeCopy(fs, name, cover, attributes); err != nil {
			return err
		}
	}
	return nil
}

func (s *system) makeReadOnly() error {
	for _, path := range readOnlyPaths() {
		fs, name := s.find(path)
		itself, err := openBelow(fs, name)
		if errors.Is(err, unix.ENOENT) {
			continue
		}
		if err != nil {
			return err
		}
		err = placeCopy(fs, name, itself, unix.MOUNT_ATTR_RDONLY)
		itself.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// find is where a path of /proc or /sys is.
func (s *system) find(path string) (fs *os.File, name string) {
	if name, is := strings.CutPrefix(path, "/sys/"); is {
		return s.sys, name
	}
	return s.proc, strings.TrimPrefix(path, "/proc/")
}

func openBelow(folder *os.File, name string) (*os.File, error) {
	fd, err := unix.Openat(int(folder.Fd()), name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(fd), name), nil
}

// placeCopy mounts what is there once more.
func placeCopy(parent *os.File, name string, source *os.File, attributes uint64) error {
	mount, err := Clone(source, false)
	if err != nil {
		return err
	}
	defer mount.Close()
	if attributes != 0 {
		if err := setAttributes(mount, unix.MountAttr{Attr_set: attributes}); err != nil {
			return err
		}
	}
	return placeAt(parent, name, mount)
}
