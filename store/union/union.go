// Package union shows layer folders as the one root that overlayfs would make
// of them, without mounting anything: for who looks a file up, copies a root,
// or packs it. It only reads, and it knows nothing of images: folders come in,
// uppermost first.
//
// # The rules
//
// They are overlayfs's own. Of several entries with one path the uppermost
// counts. Folders of the same path are merged, down to the first that is opaque
// (trusted.overlay.opaque is "y") or to something that is no folder. A
// character device 0:0 is a whiteout: there is nothing, and nothing below it.
// The roots of the layers are always merged. A test mounts an overlay over
// random trees and compares.
//
// # How it stays inside
//
// Layers are what strangers packed. A path is looked up by the kernel from an
// open layer's root with RESOLVE_BENEATH and without following a symlink; where
// symlinks are followed it is done here, name by name, in the merged root.
package union

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// View is a merged root. It may be used from several goroutines.
type View struct {
	roots []*os.File // of the layers, uppermost first
}

// Open opens layers, uppermost first. They must not be changed meanwhile.
func Open(layers []string) (*View, error) {
	if len(layers) == 0 {
		return nil, errors.New("a root of no layers")
	}
	v := &View{}
	for _, dir := range layers {
		root, err := os.OpenFile(dir, unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
		if err != nil {
			v.Close()
			return nil, err
		}
		v.roots = append(v.roots, root)
	}
	return v, nil
}

// Close closes what Open opened. Files that were opened through the view stay
// open.
func (v *View) Close() error {
	for _, root := range v.roots {
		root.Close() // nothing was written
	}
	return nil
}

// folder is one folder of the merged root: the layers that make it, uppermost
// first.
type folder struct {
	path   string
	layers []int
}

func (v *View) root() folder {
	f := folder{layers: make([]int, len(v.roots))}
	for i := range v.roots {
		f.layers[i] = i
	}
	return f
}

// merge takes what the layers have of one name, uppermost first, and stops at
// what hides the rest.
type merge struct {
	found  bool // the entry is told, by the uppermost layer that has anything
	hidden bool // and that is a whiteout
	done   bool // whatever comes below does not show
	entry  Entry
	folder folder
}

// add is told what the next layer has. Opaque is asked only of folders.
func (m *merge) add(layer int, st *unix.Stat_t, opaque func() (bool, error)) error {
	isFolder := st.Mode&unix.S_IFMT == unix.S_IFDIR
	switch {
	case m.done:
		return nil
	case !m.found:
		m.found, m.hidden = true, whiteout(st)
		m.entry.Layer, m.entry.Stat = layer, *st
	}
	if !isFolder {
		m.done = true
		return nil
	}
	m.folder.layers = append(m.folder.layers, layer)
	var err error
	m.done, err = opaque()
	return err
}

func (m *merge) visible() bool { return m.found && !m.hidden }

func whiteout(st *unix.Stat_t) bool {
	return st.Mode&unix.S_IFMT == unix.S_IFCHR && st.Rdev == 0
}

const opaqueAttribute = "trusted.overlay.opaque"

// isOpaque asks an open folder.
func isOpaque(fd int) (bool, error) {
	var value [2]byte
	n, err := unix.Fgetxattr(fd, opaqueAttribute, value[:])
	switch err {
	case nil:
		return n == 1 && value[0] == 'y', nil
	case unix.ENODATA, unix.EOPNOTSUPP, unix.ERANGE:
		return false, nil
	}
	return false, &os.PathError{Op: "getxattr", Path: opaqueAttribute, Err: err}
}
