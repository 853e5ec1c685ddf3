package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"

	"github.com/cyphar/filepath-securejoin/pathrs-lite"
	"github.com/opencontainers/runc/libcontainer/configs"
	"github.com/opencontainers/runc/libcontainer/specconv"
	"golang.org/x/sys/unix"
)

// What every app sees of the kernel is mounted in its root before it is made, where its
// pod has the host's users: by descriptors, which takes a tenth of what it takes
// libcontainer. That goes to each place by its path, and looks whether it came there. In
// a pod with users of its own these file systems have to be made by those (systemMounts).

// shared are file systems that all apps of a pod see the same of. They are mounted in
// the pod's own folder: what is mounted nowhere can be had only once.
type shared struct {
	folder       string
	proc, mqueue *os.File // as they are in the pod: its init has made them
	nothing      *os.File // an empty folder, to hide others
}

// takeShared takes what init hands over. Its place is a file system in memory, of which
// one folder stays empty.
func takeShared(socket *os.File, stateDir string) (*shared, error) {
	made, err := takeOver(socket, 2)
	if err != nil {
		return nil, err
	}
	s := &shared{
		folder: filepath.Join(stateDir, "shared"),
		proc:   os.NewFile(uintptr(made[0]), "proc"), mqueue: os.NewFile(uintptr(made[1]), "mqueue"),
	}
	if err := s.place(); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *shared) place() error {
	memory, err := fileSystem{"tmpfs", "tmpfs", []string{"mode=755", "nr_blocks=1", "nr_inodes=4"}, 0}.make()
	if err != nil {
		return err
	}
	defer memory.Close()
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return err
	}
	if err := Place(memory, s.folder); err != nil {
		return err
	}
	if err := errors.Join(placeIn(memory, "proc", s.proc), placeIn(memory, "mqueue", s.mqueue), unix.Mkdirat(int(memory.Fd()), "nothing", 0o755)); err != nil {
		return err
	}
	s.nothing, err = openBelow(memory, "nothing")
	return err
}

func (s *shared) close() {
	if s == nil {
		return
	}
	_ = unix.Unmount(s.folder, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
	closeAll(s.proc, s.mqueue, s.nothing)
}

// system is an app's root while the kernel's file systems are mounted in it.
type system struct {
	*shared
	top, dev, proc, sys *os.File
}

// mountSystem mounts them. What is not mounted here is left to libcontainer.
func (p *Pod) mountSystem(app App, config *configs.Config) error {
	if p.users.Private() {
		return nil
	}
	s := system{shared: p.init.shared}
	defer func() { closeAll(s.top, s.dev, s.proc, s.sys) }()
	if err := s.mount(p, app.Root); err != nil {
		return err
	}
	if !app.Isolation.Unmasked {
		if err := errors.Join(s.mask(), s.makeReadOnly()); err != nil {
			return err
		}
	}
	config.Mounts = config.Mounts[len(systemMounts()):] // volumes in these
	config.MaskPaths, config.ReadonlyPaths = nil, nil
	return nil
}

func (s *system) mount(p *Pod, root string) (err error) {
	if s.top, err = os.OpenFile(root, unix.O_PATH|unix.O_DIRECTORY, 0); err != nil {
		return err
	}
	if err = s.mountDev(); err != nil {
		return fmt.Errorf("/dev: %w", err)
	}
	if s.proc, err = Clone(s.shared.proc, false); err != nil {
		return fmt.Errorf("/proc: %w", err)
	}
	err = p.InNetwork(func() (err error) {
		s.sys, err = newSysfs() // it shows the devices of the network that this thread is in
		return err
	})
	if err != nil {
		return fmt.Errorf("/sys: %w", err)
	}
	return errors.Join(placeIn(s.top, "proc", s.proc), placeIn(s.top, "sys", s.sys))
}

// unmountSystem takes them out of the root again, once a start has its own mount
// namespace: they go with the app then, and a handler has its own.
func unmountSystem(app App) {
	for _, name := range []string{"dev", "proc", "sys"} {
		_ = unix.Unmount(filepath.Join(app.Root, name), unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
	}
}

func closeAll(files ...*os.File) {
	for _, file := range files {
		file.Close()
	}
}

// mountDev mounts /dev, and what is mounted in it.
func (s *system) mountDev() (err error) {
	dev := fileSystem{"tmpfs", "tmpfs", []string{"mode=755", "size=65536k"}, unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NOEXEC | unix.MOUNT_ATTR_STRICTATIME}
	if s.dev, err = dev.make(); err != nil {
		return err
	}
	at, err := pathrs.MkdirAllHandle(s.top, "dev", 0o755) // an image's link is followed in the image
	if err != nil {
		return err
	}
	defer at.Close()
	if err := placeAt(at, "", s.dev); err != nil {
		return err
	}
	mqueue, err := Clone(s.mqueue, false)
	if err != nil {
		return err
	}
	defer mqueue.Close()
	pts := fileSystem{"devpts", "devpts", []string{"newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}, unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NOEXEC}
	shm := fileSystem{"tmpfs", "shm", []string{"mode=1777", "size=65536k"}, unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NOEXEC | unix.MOUNT_ATTR_NODEV}
	return errors.Join(placeIn(s.dev, "mqueue", mqueue), pts.placeIn(s.dev, "pts"), shm.placeIn(s.dev, "shm"), makeNodes(s.dev))
}

func (f fileSystem) placeIn(parent *os.File, name string) error {
	mount, err := f.make()
	if err != nil {
		return err
	}
	defer mount.Close()
	return placeIn(parent, name, mount)
}

// makeNodes makes an app's devices. Where that is refused, libcontainer binds the
// host's.
func makeNodes(dev *os.File) error {
	for _, node := range specconv.AllowedDevices {
		if node.Path == "" {
			continue // an app may use it, and gets none
		}
		name := path.Base(node.Path)
		err := unix.Mknodat(int(dev.Fd()), name, unix.S_IFCHR|uint32(node.FileMode), int(unix.Mkdev(uint32(node.Major), uint32(node.Minor))))
		if errors.Is(err, unix.EPERM) {
			return nil
		}
		if err == nil {
			err = unix.Fchmodat(int(dev.Fd()), name, uint32(node.FileMode), 0) // whatever the umask is
		}
		if err != nil {
			return &os.PathError{Op: "mknod", Path: node.Path, Err: err}
		}
	}
	return nil
}
