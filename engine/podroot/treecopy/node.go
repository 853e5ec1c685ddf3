package treecopy

import (
	"errors"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// What is wrong, in words.
var (
	errKernels  = errors.New("it is on a file system that the kernel makes up, and is not copied")
	errDeep     = errors.New("its folders are too deep in one another")
	errNoFolder = errors.New("it is a folder, and something else is in its place")
	errReplaced = errors.New("somebody replaced the copy while it was made")
	errFolder   = errors.New("it is no folder, and one is in its place")
	errNoFile   = errors.New("what is in its place is no file, and is not replaced by one")
)

// node is something that is open, by O_PATH or to be read, and what it is.
type node struct {
	fd int
	st unix.Stat_t
}

func nodeOf(fd int) (n node, err error) {
	n.fd = fd
	return n, unix.Fstat(fd, &n.st)
}

func (n node) kind() uint32 { return n.st.Mode & unix.S_IFMT }
func (n node) file() file   { return file{n.st.Dev, n.st.Ino} }

// read opens a regular file to read it. It is the one that was looked at, and no
// other.
func (n node) read() (fd int, err error) {
	flags := unix.O_RDONLY | unix.O_NONBLOCK | unix.O_CLOEXEC
	err = uninterrupted(func() error {
		fd, err = unix.Open(procPath(n.fd), flags|unix.O_NOATIME, 0)
		if err == unix.EPERM { // on the disk of another machine root is nobody
			fd, err = unix.Open(procPath(n.fd), flags, 0)
		}
		return err
	})
	return fd, err
}

// folder opens a folder to read it.
func (n node) folder() (*os.File, error) {
	fd, err := open(Place{n.fd, "."}, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "folder"), nil
}

func isEmpty(dir int) bool {
	fd, err := open(Place{dir, "."}, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	entries := make([]byte, 256)
	for {
		n, err := unix.Getdents(fd, entries)
		if err != nil || n == 0 {
			return err == nil
		}
		if _, _, names := unix.ParseDirent(entries[:n], -1, nil); len(names) > 0 {
			return false // it leaves out the folder itself and the one above
		}
	}
}

// isKernels tells what has no files of anybody: to read some of it waits for
// ever, or does something.
func (c *Copier) isKernels(n node) bool {
	var st unix.Statfs_t
	if c.o.Exact || unix.Fstatfs(n.fd, &st) != nil {
		return false
	}
	switch st.Type {
	case unix.PROC_SUPER_MAGIC, unix.SYSFS_MAGIC, unix.CGROUP_SUPER_MAGIC, unix.CGROUP2_SUPER_MAGIC, unix.DEVPTS_SUPER_MAGIC,
		unix.DEBUGFS_MAGIC, unix.TRACEFS_MAGIC, unix.SECURITYFS_MAGIC, unix.BPF_FS_MAGIC, unix.EFIVARFS_MAGIC, mqueueMagic:
		return true
	}
	return false
}

const mqueueMagic = 0x19800202

func kindOf(mode uint32) string {
	switch mode & unix.S_IFMT {
	case unix.S_IFIFO:
		return "a fifo"
	case unix.S_IFSOCK:
		return "a socket"
	}
	return "a device"
}

// open opens a name in a folder, and follows no link.
func open(p Place, flags int) (fd int, err error) {
	err = uninterrupted(func() error {
		fd, err = unix.Openat(p.Dir, p.Name, flags|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
		return err
	})
	return fd, err
}

// openBeneath opens something below an open folder, without a link on the way.
func openBeneath(dir int, inside string, flags uint64) (fd int, err error) {
	how := unix.OpenHow{
		Flags:   flags | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS,
	}
	err = uninterrupted(func() error {
		fd, err = unix.Openat2(dir, inside, &how)
		return err
	})
	return fd, err
}

// procPath is for what the kernel does by path alone, and for what is open by
// O_PATH: it leads to the file itself, be it a symlink.
func procPath(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// uninterrupted does something again that a signal has cut short, or a rename
// elsewhere on the disk.
func uninterrupted(do func() error) error {
	for range 1000 {
		if err := do(); err != unix.EINTR && err != unix.EAGAIN {
			return err
		}
	}
	return do()
}
