package supervisor

import (
	"fmt"
	"os"
	"path"
	"strconv"

	"golang.org/x/sys/unix"
)

// copier copies a tree of an image with everything that can be seen of it:
// content, owners, modes, extended attributes, times, links of both kinds,
// devices and holes.
//
// The tree was made by a stranger, so no path of it is ever joined and looked
// up: every step goes from an open folder to a name in it, and follows no link.
// Nobody else changes either tree meanwhile; the apps don't run yet.
type copier struct {
	layers layers
	from   string // where the tree is in the layers

	to     int // the folder that the copy is in, and its name there
	target string
	links  map[file]string // where the first copy of a file with several names is, from the top of the tree

	buffer []byte
}

// file is a file, whatever its names are.
type file struct{ dev, ino uint64 }

// place is a name in an open folder.
type place struct {
	dir  int
	name string
}

func newCopier(folders []string) (*copier, error) {
	layers, err := openLayers(folders)
	if err != nil {
		return nil, err
	}
	return &copier{layers: layers, links: make(map[file]string), buffer: make([]byte, 128<<10)}, nil
}

func (c *copier) close() { c.layers.close() }

// copy copies one entry, and all that is below it. Inside is its path from the
// top of the tree.
func (c *copier) copy(from, to place, inside string) error {
	st, err := from.stat()
	if err != nil {
		return c.trouble(inside, err)
	}
	if first, known := c.links[file{st.Dev, st.Ino}]; known && inside != "" {
		return c.link(first, to, inside)
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		err = c.copyFolder(from, to, inside)
	case unix.S_IFREG:
		err = c.trouble(inside, c.copyFile(from, to, st, inside))
	case unix.S_IFLNK:
		err = c.trouble(inside, copySymlink(from, to))
	default:
		err = c.trouble(inside, os.NewSyscallError("mknod", unix.Mknodat(to.dir, to.name, st.Mode, int(st.Rdev))))
	}
	if err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR && st.Nlink > 1 {
		c.links[file{st.Dev, st.Ino}] = inside
	}
	return c.trouble(inside, copyAttributes(from, to, st))
}

// copyFolder gives the folder its attributes last: what is put into it changes
// its time, and nobody but us goes in before.
func (c *copier) copyFolder(from, to place, inside string) error {
	if err := unix.Mkdirat(to.dir, to.name, 0o700); err != nil {
		return c.trouble(inside, err)
	}
	source, err := from.folder()
	if err != nil {
		return c.trouble(inside, err)
	}
	defer source.Close()
	target, err := to.folder()
	if err != nil {
		return c.trouble(inside, err)
	}
	defer target.Close()
	names, err := source.Readdirnames(-1)
	if err != nil {
		return c.trouble(inside, err)
	}
	for _, name := range names {
		if err := c.copy(place{int(source.Fd()), name}, place{int(target.Fd()), name}, path.Join(inside, name)); err != nil {
			return err
		}
	}
	return nil
}

func copySymlink(from, to place) error {
	target := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(from.dir, from.name, target)
	if err != nil {
		return err
	}
	return unix.Symlinkat(string(target[:n]), to.dir, to.name)
}

// link makes one more name of what was copied before. The way to it leads
// through folders that we have made.
func (c *copier) link(first string, to place, inside string) error {
	dir, name := path.Split(first)
	fd, err := openBeneath(c.to, path.Join(c.target, dir), unix.O_PATH|unix.O_DIRECTORY)
	if err != nil {
		return c.trouble(inside, err)
	}
	defer unix.Close(fd)
	return c.trouble(inside, unix.Linkat(fd, name, to.dir, to.name, 0))
}

// trouble says at which file something went wrong.
func (c *copier) trouble(inside string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("copy /%s of the image: %w", path.Join(c.from, inside), err)
}

func (p place) stat() (st unix.Stat_t, err error) {
	err = unix.Fstatat(p.dir, p.name, &st, unix.AT_SYMLINK_NOFOLLOW)
	return st, err
}

// folder opens a folder to read it.
func (p place) folder() (*os.File, error) {
	fd, err := p.open(unix.O_RDONLY | unix.O_DIRECTORY)
	return os.NewFile(uintptr(fd), p.name), err
}

func (p place) open(flags int) (fd int, err error) {
	err = uninterrupted(func() error {
		fd, err = unix.Openat(p.dir, p.name, flags|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
		return err
	})
	return fd, err
}

// path is for what the kernel does by path alone: the folder's descriptor
// stands for its path.
func (p place) path() string { return "/proc/self/fd/" + strconv.Itoa(p.dir) + "/" + p.name }

// openBeneath opens something below an open folder, without a link on the way.
func openBeneath(dir int, inside string, flags uint64) (fd int, err error) {
	how := unix.OpenHow{
		Flags:   flags | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_XDEV,
	}
	err = uninterrupted(func() error {
		fd, err = unix.Openat2(dir, inside, &how)
		return err
	})
	return fd, err
}

// uninterrupted does something again that a signal has cut short.
func uninterrupted(do func() error) error {
	for {
		if err := do(); err != unix.EINTR {
			return err
		}
	}
}
