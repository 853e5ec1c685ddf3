package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// OpenSource takes hold of a folder or file of the host that is to be a volume.
// No link is followed on the way to it, whoever made it and whenever: what was
// opened here is what is mounted, whatever becomes of its path. The errors say
// all but whose source it is.
func OpenSource(path string) (*os.File, error) {
	fd, err := openSource(path, unix.O_DIRECTORY) // by which the kernel mounts what is mounted on demand
	if err == unix.ENOTDIR {
		fd, err = openSource(path, 0)
	}
	if err != nil {
		return nil, sourceError(path, err)
	}
	source := os.NewFile(uintptr(fd), path)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		source.Close()
		return nil, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFCHR, unix.S_IFBLK:
		source.Close()
		return nil, fmt.Errorf("%s is a device, and apps get none of the host's", path)
	}
	return source, nil
}

func openSource(path string, flags uint64) (fd int, err error) {
	how := unix.OpenHow{Flags: flags | unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_SYMLINKS}
	for range 1000 {
		fd, err = unix.Openat2(unix.AT_FDCWD, path, &how)
		if err != unix.EINTR && err != unix.EAGAIN {
			break
		}
	}
	return fd, err
}

func sourceError(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s does not exist on the host", path)
	case err == unix.ELOOP:
		return linkError(path)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// linkError names the link that a source leads through, and what to write instead.
func linkError(path string) error {
	link := firstLink(path)
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("%s is a symbolic link, through which no source may lead, and it leads nowhere", link)
	}
	return fmt.Errorf("%s is a symbolic link, through which no source may lead; write %s", link, real)
}

func firstLink(path string) string {
	for i := 1; i < len(path); i++ {
		if path[i] == '/' && isLink(path[:i]) {
			return path[:i]
		}
	}
	return strings.TrimRight(path, "/")
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// Clone makes a mount of what is open, which is nowhere yet and goes when it is
// closed; recursive: with what is mounted below. What the host mounts there later
// is seen in the latter alone.
func Clone(source *os.File, recursive bool) (*os.File, error) {
	flags := uint(unix.OPEN_TREE_CLONE | unix.OPEN_TREE_CLOEXEC | unix.AT_EMPTY_PATH)
	if recursive {
		flags |= unix.AT_RECURSIVE
	}
	fd, err := unix.OpenTree(int(source.Fd()), "", flags)
	if err != nil {
		return nil, &os.PathError{Op: "open_tree", Path: source.Name(), Err: err}
	}
	clone := os.NewFile(uintptr(fd), source.Name())
	if !recursive {
		err = setAttributes(clone, unix.MountAttr{Propagation: unix.MS_PRIVATE})
	}
	if err != nil {
		clone.Close()
		return nil, err
	}
	return clone, nil
}

// Memory is a new file system in the host's memory.
type Memory struct {
	Size     int64 // the most that it holds, in bytes; 0: half of the host's memory
	Mode     uint32
	UID, GID int
}

// Make makes it, mounted nowhere.
func (m Memory) Make() (*os.File, error) {
	tmpfs, err := unix.Fsopen("tmpfs", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("tmpfs: %w", err)
	}
	defer unix.Close(tmpfs)
	options := [][2]string{
		{"source", "podtui"},
		{"mode", strconv.FormatUint(uint64(m.Mode), 8)}, {"uid", strconv.Itoa(m.UID)}, {"gid", strconv.Itoa(m.GID)},
	}
	if m.Size > 0 {
		options = append(options, [2]string{"size", strconv.FormatInt(m.Size, 10)})
	}
	for _, o := range options {
		if err := unix.FsconfigSetString(tmpfs, o[0], o[1]); err != nil {
			return nil, fmt.Errorf("tmpfs: %s %s: %w", o[0], o[1], explain(tmpfs, err))
		}
	}
	if err := unix.FsconfigCreate(tmpfs); err != nil {
		return nil, fmt.Errorf("tmpfs: %w", explain(tmpfs, err))
	}
	mount, err := unix.Fsmount(tmpfs, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_NODEV|unix.MOUNT_ATTR_NOSUID)
	if err != nil {
		return nil, fmt.Errorf("tmpfs: %w", explain(tmpfs, err))
	}
	return os.NewFile(uintptr(mount), "tmpfs"), nil
}

// Place puts a mount that is nowhere yet on a folder or file of this process's
// own, where it stays for as long as the process lives.
func Place(mount *os.File, at string) error {
	err := unix.MoveMount(int(mount.Fd()), "", unix.AT_FDCWD, at, unix.MOVE_MOUNT_F_EMPTY_PATH)
	if err != nil {
		return &os.PathError{Op: "mount", Path: at, Err: err}
	}
	return nil
}

// setAttributes changes a mount and all that is mounted below it.
func setAttributes(mount *os.File, a unix.MountAttr) error {
	err := unix.MountSetattr(int(mount.Fd()), "", unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, &a)
	if err != nil {
		return &os.PathError{Op: "mount_setattr", Path: mount.Name(), Err: err}
	}
	return nil
}
