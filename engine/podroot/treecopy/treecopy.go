// Package treecopy copies a file, or a folder with all that is below it: content,
// owners, modes, extended attributes, times, links of both kinds, devices and
// holes.
//
// # How it stays inside
//
// Either tree may be a stranger's, and may change meanwhile. No path is ever
// joined and looked up: every step goes from an open folder to a name in it, and
// follows no link. What is read was looked at through the very descriptor that it
// is read by, so that neither a fifo nor a device is ever opened; what is made
// gets its owner and mode by descriptor as well, so that whoever puts something
// else in its place gains nothing.
//
// Where the two ends are, and what the user meant, is for others
// (engine/podroot, engine/supervisor).
package treecopy

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Options say how a copy differs from its original.
type Options struct {
	// Exact makes everything that can be seen of the original, devices, fifos and
	// sockets too, and ends with the first trouble. Nothing may be there before.
	Exact bool

	// Owner owns everything that is made; nil: as it was. What lends an owner's
	// rights to others goes then: setuid bits, and attributes but the user's own.
	Owner *Owner

	// As tells who a user or group of the original is in the copy, without Owner;
	// nil: the same.
	As func(id int) int

	// Attribute tells what an extended attribute of the original is in the copy; nil:
	// the same.
	Attribute func(name string, value []byte) []byte

	// Layers are the folders that the original is stacked of, if it is, uppermost
	// first, and From is where it is in them: large files share blocks with them
	// where the disk can.
	Layers []string
	From   string

	Name func(inside string) string      // how to call a file of the original
	Tell func(inside string, why string) // of what was left out; not with Exact
}

// Owner is a user and a group.
type Owner struct{ UID, GID int }

// Place is a name in an open folder.
type Place struct {
	Dir  int
	Name string
}

// Copier makes one copy.
type Copier struct {
	o      Options
	layers layers
	links  map[file]name // where the first copy of a file with several names is
	top    file          // the first folder that was copied into
	buffer []byte

	made  int // files and folders
	wrong int // those that could not be copied
}

// file is a file, whatever its names are.
type file struct{ dev, ino uint64 }

// name is where something was copied to: a path from an open folder.
type name struct {
	dir  int
	path string
}

// Bounds of what a stranger can make us keep.
const (
	maxDepth = 400     // of folders: each keeps two descriptors open
	maxLinks = 1 << 17 // names of files that have several
)

// New returns a copier. It must be closed.
func New(o Options) (*Copier, error) {
	layers, err := openLayers(o.Layers)
	if err != nil {
		return nil, err
	}
	return &Copier{o: o, layers: layers, links: make(map[file]name)}, nil
}

// Close frees what New took.
func (c *Copier) Close() { c.layers.close() }

// Made is how many files and folders were made.
func (c *Copier) Made() int { return c.made }

// Wrong is how many could not be copied, and were told of.
func (c *Copier) Wrong() int { return c.wrong }

// Copy copies what is open at from, in whatever way, to a name in a folder. What
// is there is replaced if both are files, and completed if both are folders.
func (c *Copier) Copy(ctx context.Context, from int, to Place) error {
	n, err := nodeOf(from)
	if err == nil && c.isKernels(n) {
		err = errKernels
	}
	if err != nil {
		return c.trouble("", err)
	}
	return c.copy(ctx, step{node: n, to: to, base: name{to.Dir, to.Name}, fresh: c.o.Exact})
}

// Contents copies what is in an open folder into another.
func (c *Copier) Contents(ctx context.Context, from, into int) error {
	n, err := nodeOf(from)
	if err == nil && c.isKernels(n) {
		err = errKernels
	}
	if err != nil {
		return c.trouble("", err)
	}
	return c.contents(ctx, step{node: n, base: name{into, "."}}, into)
}

// step is one entry on its way.
type step struct {
	node
	to     Place
	base   name   // the top of the copy
	inside string // the path from there
	fresh  bool   // the folder it goes to was made by us
	depth  int
}

func (c *Copier) copy(ctx context.Context, s step) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.link(s) {
		return nil
	}
	var err error
	switch s.kind() {
	case unix.S_IFDIR:
		return c.copyFolder(ctx, s)
	case unix.S_IFREG:
		err = c.copyFile(ctx, s)
	case unix.S_IFLNK:
		err = c.copySymlink(s)
	default:
		if !c.o.Exact {
			return c.leaveOut(s)
		}
		err = c.copyNode(s)
	}
	if err != nil {
		return c.trouble(s.inside, err)
	}
	c.made++
	if s.st.Nlink > 1 && len(c.links) < maxLinks {
		c.links[s.file()] = name{s.base.dir, path.Join(s.base.path, s.inside)}
	}
	return nil
}

// leaveOut leaves out what is no file or folder: with no trouble, unless that is
// all that was to be copied.
func (c *Copier) leaveOut(s step) error {
	why := "it is " + kindOf(s.st.Mode) + ", which is not copied"
	if s.inside == "" {
		return c.trouble("", errors.New(why))
	}
	c.o.Tell(s.inside, why)
	return nil
}

// copyFolder gives a folder that it makes its attributes last: what is put into
// it changes its time, and nobody but us goes in before. One that was there
// keeps its own.
func (c *Copier) copyFolder(ctx context.Context, s step) error {
	if s.depth == maxDepth {
		return c.trouble(s.inside, errDeep)
	}
	target, fresh, err := c.makeFolder(s)
	if err != nil {
		return c.trouble(s.inside, err)
	}
	defer unix.Close(target)
	if s.inside == "" {
		if n, err := nodeOf(target); err == nil {
			c.top = n.file()
		}
	}
	c.made++
	s.fresh = fresh
	if err := c.contents(ctx, s, target); err != nil || !fresh {
		return err
	}
	return c.trouble(s.inside, c.attributes(s.node, target))
}

func (c *Copier) makeFolder(s step) (fd int, fresh bool, err error) {
	err = unix.Mkdirat(s.to.Dir, s.to.Name, 0o700)
	fresh = err == nil
	if err != nil && (c.o.Exact || err != unix.EEXIST) {
		return -1, false, err
	}
	fd, err = open(s.to, unix.O_RDONLY|unix.O_DIRECTORY)
	if err == unix.ENOTDIR || err == unix.ELOOP {
		err = errNoFolder
	}
	if err != nil {
		return -1, false, err
	}
	// A folder gets an owner. One that somebody put in the place of ours does not
	// get a new one.
	if fresh && !c.o.Exact && !isEmpty(fd) {
		unix.Close(fd)
		return -1, false, errReplaced
	}
	return fd, fresh, nil
}

// contents copies what is in a folder to an open one.
func (c *Copier) contents(ctx context.Context, s step, target int) error {
	source, err := s.folder()
	if err != nil {
		return c.trouble(s.inside, err)
	}
	defer source.Close()
	names, err := source.Readdirnames(-1)
	if err != nil {
		return c.trouble(s.inside, err)
	}
	for _, name := range names {
		inner := s
		inner.to = Place{target, name}
		inner.inside = path.Join(s.inside, name)
		inner.depth++
		if err := c.copyName(ctx, int(source.Fd()), inner); err != nil {
			return err
		}
	}
	return nil
}

// copyName copies what has a name in an open folder. inner is all but its node.
func (c *Copier) copyName(ctx context.Context, dir int, inner step) error {
	in := inner.st.Dev
	fd, err := open(Place{dir, path.Base(inner.inside)}, unix.O_PATH)
	if err == unix.ENOENT && !c.o.Exact {
		return nil // it has gone since
	}
	if err != nil {
		return c.trouble(inner.inside, err)
	}
	defer unix.Close(fd)
	if inner.node, err = nodeOf(fd); err != nil {
		return c.trouble(inner.inside, err)
	}
	switch {
	case c.top != file{} && inner.file() == c.top:
		c.o.Tell(inner.inside, "it is the copy itself")
		return nil
	case inner.st.Dev != in && c.isKernels(inner.node):
		c.o.Tell(inner.inside, errKernels.Error())
		return nil
	}
	return c.copy(ctx, inner)
}

// link makes one more name of what was copied before, and reports whether it
// could. The way to it leads through folders that we have made.
func (c *Copier) link(s step) bool {
	if s.st.Nlink < 2 || s.kind() == unix.S_IFDIR {
		return false
	}
	first, known := c.links[s.file()]
	if !known {
		return false
	}
	dir, name := path.Split(first.path)
	fd, err := openBeneath(first.dir, path.Clean(dir), unix.O_PATH|unix.O_DIRECTORY)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	if unix.Linkat(fd, name, s.to.Dir, s.to.Name, 0) != nil {
		return false // it is copied
	}
	c.made++
	return true
}

// trouble says at which file something went wrong. It returns what ends the copy;
// the rest is told, and the copy goes on.
func (c *Copier) trouble(inside string, err error) error {
	if err == nil {
		return nil
	}
	if !c.o.Exact && inside != "" && !isFinal(err) {
		c.wrong++
		c.o.Tell(inside, err.Error())
		return nil
	}
	return fmt.Errorf("copy %s: %w", c.o.Name(inside), err)
}

// isFinal tells what would be wrong with all that is left as well.
func isFinal(err error) bool {
	switch err {
	case unix.ENOSPC, unix.EDQUOT, unix.EROFS, unix.EIO, unix.EMFILE, unix.ENFILE, unix.ENOMEM, context.Canceled, context.DeadlineExceeded:
		return true
	}
	return false
}

// Quoted is a path fit to be shown, which strangers have made: in quotes if it has
// to be, and its end alone if it is long.
func Quoted(p string) string {
	if len(p) > 300 {
		p = "…" + strings.ToValidUTF8(p[len(p)-300:], "")
	}
	if quoted := strconv.Quote(p); quoted != `"`+p+`"` {
		return quoted
	}
	return p
}
