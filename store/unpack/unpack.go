// Package unpack makes the entries of an archive into files of one folder, and
// of nothing else. It is where a hostile archive is met, so it takes entries
// one at a time, decides about each from what is on disk and not from what the
// archive said before, and never goes through a joined path.
//
// # How it stays inside
//
// A path is cut into names, and each name is looked up in the open descriptor
// of its parent. ".." and absolute paths are refused, so such a step can only
// go down. A name that turns out to be a symlink, where a folder is needed, is
// resolved by the kernel with RESOLVE_BENEATH from the root: it may lead
// anywhere within ("/bin" is one to "usr/bin" on most systems), and an entry
// below one that is absolute or leads out is refused. Every entry is created
// anew and exclusively: nothing is ever overwritten, replaced or followed at
// the last name, so a link can't be planted and then be written through.
//
// Archives are mostly in order, so the descriptors of the folders that lead to
// the last entry stay open and the next path is walked from where it differs.
//
// # What becomes of an entry
//
// Files, folders, symlinks, hard links, devices and fifos, with owners as
// numbers, all mode bits, extended attributes and times. Folders get theirs in
// Finish, since what is put into a folder changes its time; until then they wait
// on disk if they are many, so that an archive can't make this process take
// memory. Refused are what overlayfs would take for its own: a character device
// 0:0 and its attributes.
//
// # Layers
//
// An image archive is taken by the letter. A layer of a registry image is taken
// as the field does, which unpacks it as if chrooted: absolute symlinks are
// resolved from the root, and of two entries with one path the later counts.
// What it replaces is moved aside and not removed: the archive may have to be
// put together again. Hide and HideBelow make a layer's whiteouts.
package unpack

import (
	"archive/tar"
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// Content is a file's content, in pieces. Next returns io.EOF after the last;
// a piece is valid until the next call.
type Content interface {
	Next() ([]byte, error)
}

// Tree is a folder that an archive is unpacked into. Nobody else may write to
// the folder meanwhile. It is not safe for concurrent use.
type Tree struct {
	walk         walker
	waiting      waiting
	root         *attributes         // of the root, once the archive has named it
	implied      int                 // folders that were needed before they were named
	implying     int                 // bytes of their paths
	max          int                 // of them
	layer        *Layer              // nil: an image archive
	aside        int                 // descriptor of layer.Aside
	moved        int                 // things there
	movedPaths   int                 // bytes of their paths
	covered      map[string]struct{} // paths that are hidden, by something that is no folder
	coveredPaths int                 // bytes of them
	again        bool                // something came twice: not all that waited is still there
	uid          int                 // of what this process creates
	gid          int
	umask        uint32
}

// Options say how an archive is unpacked.
type Options struct {
	Scratch string // where a file may be made for folders that wait for Finish
	Folders int    // at most so many that the archive does not name
	Layer   *Layer // of a layer; nil: of an image archive
}

// Layer is what a layer needs beside its folder.
type Layer struct {
	// Aside is an empty folder on the same disk: it takes what later entries
	// replace.
	Aside string
	// Replaced is told what was moved there, under the number of the call, the
	// first is 1; of a symlink its target, too.
	Replaced func(path, target string)
}

// New unpacks into dir, an empty folder that belongs to the caller.
func New(dir string, o Options) (*Tree, error) {
	fd, err := openDir(dir)
	if err != nil {
		return nil, err
	}
	t := &Tree{
		walk:    walker{root: fd, inRoot: o.Layer != nil},
		waiting: waiting{scratch: o.Scratch},
		max:     o.Folders,
		layer:   o.Layer,
		aside:   -1,
		uid:     os.Geteuid(),
		gid:     os.Getegid(),
		umask:   umask(),
	}
	if err := t.own(fd); err != nil {
		unix.Close(fd)
		return nil, &os.PathError{Op: "own", Path: dir, Err: err}
	}
	if o.Layer != nil {
		if t.aside, err = openDir(o.Layer.Aside); err != nil {
			unix.Close(fd)
			return nil, err
		}
	}
	return t, nil
}

// own makes the root one that hands nothing on. What is made in a folder has its
// group if it is setgid or the disk is mounted so, and the access list that it has
// for that: of whatever folder the caller's is in.
func (t *Tree) own(root int) error {
	var st unix.Stat_t
	if err := unix.Fstat(root, &st); err != nil {
		return err
	}
	if int(st.Gid) != t.gid {
		if err := unix.Fchown(root, -1, t.gid); err != nil {
			return err
		}
	}
	for _, list := range []string{"system.posix_acl_default", "system.posix_acl_access"} {
		err := unix.Fremovexattr(root, list)
		if err != nil && err != unix.ENODATA && err != unix.EOPNOTSUPP {
			return err
		}
	}
	return unix.Fchmod(root, 0o700)
}

func openDir(dir string) (int, error) {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: dir, Err: err}
	}
	return fd, nil
}

// Close closes what New opened, whatever was unpacked.
func (t *Tree) Close() error {
	t.walk.reset()
	t.waiting.close()
	if t.aside >= 0 {
		unix.Close(t.aside)
	}
	return unix.Close(t.walk.root)
}

// Entry is one entry of an archive, its paths already told to lie in the root.
type Entry struct {
	Header  *tar.Header
	Path    string  // as Clean returns it, from the root; "" is the root itself
	Link    string  // what a hard link links to, likewise
	Content Content // of a regular file
}

// Add makes one entry, and returns its path with all symlinks on the way
// resolved. Its errors are *ArchiveError if the archive is at fault.
func (t *Tree) Add(e Entry) (path string, err error) {
	if err := check(e.Header); err != nil {
		return "", err
	}
	if e.Header.Typeflag == tar.TypeDir {
		return t.addFolder(e)
	}
	if e.Path == "" {
		return "", refuse(e.Header.Name, "is the root filesystem but not a folder")
	}
	parent, name, path, err := t.parent(e)
	if err != nil {
		return "", err
	}
	err = t.make(parent, name, e)
	if errors.Is(err, errTaken) {
		err = t.makeAgain(e)
	}
	return path, err
}

func (t *Tree) make(parent int, name string, e Entry) error {
	switch e.Header.Typeflag {
	case tar.TypeReg, tar.TypeCont, tar.TypeGNUSparse:
		return t.addFile(parent, name, e)
	case tar.TypeSymlink:
		return t.addSymlink(parent, name, e)
	case tar.TypeLink:
		return t.addHardLink(parent, name, e)
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		return t.addNode(parent, name, e)
	}
	return refuse(e.Header.Name, "has the unknown type %q", e.Header.Typeflag)
}
