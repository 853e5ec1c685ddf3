package unpack

import (
	"archive/tar"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// parent opens the folder that an entry goes into, and makes those on the way
// that the archive has not named yet.
func (t *Tree) parent(e Entry) (fd int, name string, err error) {
	dir, name := split(e.Path)
	fd, err = t.walk.to(dir, manner{follow: true, create: t.imply})
	return fd, name, onTheWay(e.Header, err)
}

// imply makes a folder that is needed before the archive names it, or that it
// never names.
func (t *Tree) imply(parent int, path string) error {
	_, name := split(path)
	if err := unix.Mkdirat(parent, name, 0o700); err != nil {
		return err
	}
	t.known[path] = len(t.folders)
	t.folders = append(t.folders, folder{path: path})
	return nil
}

func (t *Tree) addFolder(e Entry) error {
	i, ok := t.known[e.Path]
	if ok && t.folders[i].header != nil {
		return refuse(e.Header.Name, "comes twice")
	}
	if ok { // implied by what came before it
		t.folders[i].header = e.Header
		return nil
	}
	parent, name, err := t.parent(e)
	if err != nil {
		return err
	}
	// Nobody but us goes in before Finish, so that a setgid folder does not
	// hand its group on, and one without the x bit can be filled.
	if err := unix.Mkdirat(parent, name, 0o700); err != nil {
		return creating(e.Header, err)
	}
	t.known[e.Path] = len(t.folders)
	t.folders = append(t.folders, folder{e.Path, e.Header})
	return nil
}

// Finish gives all folders their attributes, the inner ones first. Nothing can
// be added after that.
func (t *Tree) Finish() error {
	for i := len(t.folders) - 1; i >= 0; i-- {
		f := t.folders[i]
		if err := t.finishFolder(f); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tree) finishFolder(f folder) error {
	h := f.header
	if h == nil {
		// The same bytes must always make the same tree: the time is fixed.
		h = &tar.Header{Typeflag: tar.TypeDir, Name: f.path, Mode: 0o755, Uid: t.uid, Gid: t.gid}
	}
	fd, err := t.walk.to(f.path, manner{follow: true})
	if err != nil {
		return fmt.Errorf("folder %q: %w", f.path, err)
	}
	return t.setAttributes(fd, 0o700, h)
}

// onTheWay puts trouble with the folders above an entry into words.
func onTheWay(h *tar.Header, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errLeaves):
		return refuse(h.Name, "goes through a symlink out of the root filesystem")
	case errors.Is(err, errNowhere):
		return refuse(h.Name, "goes through a symlink that leads nowhere")
	case errors.Is(err, errSymlink):
		return refuse(h.Name, "links through a symlink")
	case errors.Is(err, errNoDir):
		return refuse(h.Name, "is below something that is not a folder")
	}
	return entryError(h, err)
}

// creating puts trouble with an entry itself into words.
func creating(h *tar.Header, err error) error {
	if err == unix.EEXIST {
		return refuse(h.Name, "comes twice")
	}
	return entryError(h, err)
}

// entryError says at which entry the host was in trouble.
func entryError(h *tar.Header, err error) error {
	return fmt.Errorf("entry %q: %w", h.Name, err)
}
