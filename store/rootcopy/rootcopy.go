// Package rootcopy makes the root that layers are for an app (store/union) anew as
// one folder, exact in all that can be seen of it: owners, modes, attributes,
// times, hard links, holes. It mounts nothing, so it serves where overlayfs can't.
package rootcopy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/store/union"
)

// Changes say what a copy has that the layers have not. What is nil changes nothing.
type Changes struct {
	Owner     func(id int) int                       // whose a user's and a group's files are
	Attribute func(name string, value []byte) []byte // what an extended attribute is
}

// Copy makes the root of these layers, uppermost first, in an empty folder that
// nobody else writes to.
func Copy(ctx context.Context, layers []string, dir string, is Changes) error {
	v, err := union.Open(layers)
	if err != nil {
		return err
	}
	defer v.Close()
	return copyView(ctx, v, dir, is)
}

// CopyView is Copy of layers that are open.
func CopyView(ctx context.Context, v *union.View, dir string) error {
	return copyView(ctx, v, dir, Changes{})
}

func copyView(ctx context.Context, v *union.View, dir string, is Changes) error {
	c, err := New(dir)
	if err != nil {
		return err
	}
	defer c.Close()
	c.is = is
	err = v.Walk(func(e union.Entry) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return c.Add(e)
	})
	if err == nil {
		err = c.Finish()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	return nil
}

// Copier makes chosen entries of a root anew in such a folder. They come as
// union.Walk brings them, folders before what is in them.
type Copier struct {
	Linking bool // files are linked, not copied: the folder is on the same disk, and they never change

	root    *os.File
	is      Changes
	links   map[inode]string // first names of files that have several
	folders []union.Entry    // wait for Finish
	parent  *os.File         // of the last entry
	within  string           // its path
}

// New returns a copier into a folder. It must be closed.
func New(dir string) (*Copier, error) {
	root, err := os.OpenFile(dir, unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	return &Copier{root: root, links: make(map[inode]string)}, nil
}

// Close frees what New took.
func (c *Copier) Close() {
	if c.parent != nil {
		c.parent.Close()
	}
	c.root.Close()
}

// Add makes one entry; a folder gets its attributes in Finish.
func (c *Copier) Add(e union.Entry) error {
	if e.Path == "" {
		c.folders = append(c.folders, e)
		return nil
	}
	parent, name, err := c.in(e.Path)
	if err == nil {
		err = c.make(e, parent, name)
	}
	if err != nil {
		return fmt.Errorf("%.200q: %w", "/"+e.Path, err)
	}
	return nil
}

// in opens the folder that a path is in.
func (c *Copier) in(p string) (fd int, name string, err error) {
	dir, name := path.Split(p)
	if dir == "" {
		return int(c.root.Fd()), name, nil
	}
	if c.parent == nil || c.within != dir {
		f, err := openFolder(c.root, dir)
		if err != nil {
			return -1, "", err
		}
		if c.parent != nil {
			c.parent.Close()
		}
		c.parent, c.within = f, dir
	}
	return int(c.parent.Fd()), name, nil
}

func openFolder(root *os.File, path string) (*os.File, error) {
	if path == "" {
		path = "."
	}
	fd, err := unix.Openat2(int(root.Fd()), path, &unix.OpenHow{
		Flags:   unix.O_RDONLY | unix.O_DIRECTORY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS,
	})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), fmt.Sprintf("%.200q", path)), nil
}

// inode is a file of a view, whatever its names.
type inode struct{ dev, ino uint64 }

func inodeOf(e union.Entry) inode { return inode{e.Stat.Dev, e.Stat.Ino} }

func (c *Copier) make(e union.Entry, parent int, name string) error {
	if e.IsDir() {
		c.folders = append(c.folders, e)
		return unix.Mkdirat(parent, name, 0o700)
	}
	if c.Linking {
		return e.Link(parent, name)
	}
	if first, ok := c.links[inodeOf(e)]; ok {
		return unix.Linkat(int(c.root.Fd()), first, parent, name, 0)
	}
	if e.Stat.Nlink > 1 {
		c.links[inodeOf(e)] = e.Path
	}
	if err := create(e, parent, name); err != nil {
		return err
	}
	return c.attribute(e, parent, name)
}

// create makes what is no folder, without its attributes.
func create(e union.Entry, parent int, name string) error {
	switch {
	case e.IsRegular():
		return copyFile(e, parent, name)
	case e.IsSymlink():
		target, err := e.Target()
		if err != nil {
			return err
		}
		return unix.Symlinkat(target, parent, name)
	}
	return unix.Mknodat(parent, name, e.Stat.Mode&unix.S_IFMT|0o600, int(e.Stat.Rdev))
}

func copyFile(e union.Entry, parent int, name string) error {
	from, err := e.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	fd, err := unix.Openat(parent, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	to := os.NewFile(uintptr(fd), fmt.Sprintf("%.200q", name))
	if err := copyContent(to, from, e); err != nil {
		to.Close()
		return err
	}
	return to.Close()
}

// copyContent shares the blocks where the disk can, else copies in the kernel.
func copyContent(to, from *os.File, e union.Entry) error {
	if e.Stat.Size == 0 {
		return nil
	}
	if unix.IoctlFileClone(int(to.Fd()), int(from.Fd())) == nil {
		return nil
	}
	if e.Stat.Blocks*512 < e.Stat.Size {
		return copyData(to, from, e.Stat.Size)
	}
	n, err := io.Copy(to, from)
	if err == nil && n != e.Stat.Size {
		err = fmt.Errorf("has %d bytes and not %d", n, e.Stat.Size)
	}
	return err
}

// copyData copies all but the holes.
func copyData(to, from *os.File, size int64) error {
	for at := int64(0); at < size; {
		begin, err := from.Seek(at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			break // nothing but a hole is left
		}
		if errors.Is(err, unix.EINVAL) && at == 0 { // the disk can't tell
			_, err := io.CopyN(to, from, size)
			return err
		}
		if err != nil {
			return err
		}
		end, err := from.Seek(begin, unix.SEEK_HOLE)
		if err != nil {
			return err
		}
		if _, err := from.Seek(begin, io.SeekStart); err != nil {
			return err
		}
		if _, err := to.Seek(begin, io.SeekStart); err != nil {
			return err
		}
		if _, err := io.CopyN(to, from, end-begin); err != nil {
			return err
		}
		at = end
	}
	return to.Truncate(size)
}

// attribute sets what an entry has beside its content. The order matters: a
// change of owner clears setuid bits and capabilities.
func (c *Copier) attribute(e union.Entry, parent int, name string) error {
	uid, gid := int(e.Stat.Uid), int(e.Stat.Gid)
	if c.is.Owner != nil {
		uid, gid = c.is.Owner(uid), c.is.Owner(gid)
	}
	if uid != os.Geteuid() || gid != os.Getegid() {
		if err := unix.Fchownat(parent, name, uid, gid, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return fmt.Errorf("owner %d:%d: %w", uid, gid, err)
		}
	}
	if !e.IsSymlink() {
		if err := unix.Fchmodat(parent, name, e.Stat.Mode&0o7777, 0); err != nil {
			return err
		}
	}
	attributes, err := e.Attributes()
	if err != nil {
		return err
	}
	for _, a := range attributes {
		if c.is.Attribute != nil {
			a.Value = c.is.Attribute(a.Name, a.Value)
		}
		at := "/proc/self/fd/" + strconv.Itoa(parent) + "/" + name
		if err := unix.Lsetxattr(at, a.Name, a.Value, 0); err != nil {
			return fmt.Errorf("attribute %.200q: %w", a.Name, err)
		}
	}
	times := []unix.Timespec{e.Stat.Atim, e.Stat.Mtim}
	return unix.UtimesNanoAt(parent, name, times, unix.AT_SYMLINK_NOFOLLOW)
}

// Finish gives the folders their attributes, the inner ones first: what was put
// into them changed their times. Nothing can be added after that.
func (c *Copier) Finish() error {
	for i := len(c.folders) - 1; i >= 0; i-- {
		e := c.folders[i]
		parent, name, err := int(c.root.Fd()), ".", error(nil)
		if e.Path != "" {
			parent, name, err = c.in(e.Path)
		}
		if err == nil {
			err = c.attribute(e, parent, name)
		}
		if err != nil {
			return fmt.Errorf("%.200q: %w", "/"+e.Path, err)
		}
	}
	return nil
}
