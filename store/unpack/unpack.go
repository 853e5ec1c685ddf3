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
// Finish, since what is put into a folder changes its time. Refused are what
// overlayfs would take for its own: a character device 0:0 and its attributes.
package unpack

import (
	"archive/tar"
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
	walk    walker
	folders []folder
	known   map[string]int // path → index in folders
	uid     int            // of what this process creates
	gid     int
	umask   uint32
}

// folder is a directory that waits for Finish to get its attributes.
type folder struct {
	path   string
	header *tar.Header // nil: the archive names something in it, but not yet the folder
}

// New unpacks into dir, an empty folder that belongs to the caller.
func New(dir string) (*Tree, error) {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: dir, Err: err}
	}
	return &Tree{
		walk:    walker{root: fd},
		folders: []folder{{path: ""}},
		known:   map[string]int{"": 0},
		uid:     os.Geteuid(),
		gid:     os.Getegid(),
		umask:   umask(),
	}, nil
}

// Close closes what New opened, whatever was unpacked.
func (t *Tree) Close() error {
	t.walk.reset()
	return unix.Close(t.walk.root)
}

// Entry is one entry of an archive, its paths already told to lie in the root.
type Entry struct {
	Header  *tar.Header
	Path    string  // as Clean returns it, from the root; "" is the root itself
	Link    string  // what a hard link links to, likewise
	Content Content // of a regular file
}

// Add makes one entry. Its errors are *ArchiveError if the archive is at fault.
func (t *Tree) Add(e Entry) error {
	if err := check(e.Header); err != nil {
		return err
	}
	if e.Header.Typeflag == tar.TypeDir {
		return t.addFolder(e)
	}
	if e.Path == "" {
		return refuse(e.Header.Name, "is the root filesystem but not a folder")
	}
	parent, name, err := t.parent(e)
	if err != nil {
		return err
	}
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
