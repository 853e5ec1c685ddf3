package union

import (
	"io/fs"
	"strings"

	"golang.org/x/sys/unix"
)

// Lookup tells what is at a path, and which layer has it. No symlink is
// followed, not even on the way. An error is fs.ErrNotExist if there is nothing,
// also if something on the way is no folder.
func (v *View) Lookup(path string) (Entry, error) {
	e, _, err := v.find(names(path))
	if err != nil {
		return Entry{}, trouble("lookup", path, err)
	}
	return e, nil
}

func (v *View) find(names []string) (Entry, folder, error) {
	here := v.root()
	e, err := v.rootEntry()
	for _, name := range names {
		if err != nil {
			break
		}
		if name == ".." || !e.IsDir() {
			return Entry{}, folder{}, fs.ErrNotExist
		}
		e, here, err = v.child(here, name)
	}
	return e, here, err
}

func (v *View) rootEntry() (Entry, error) {
	e := Entry{Layers: v.root().layers, view: v}
	return e, unix.Fstat(int(v.roots[0].Fd()), &e.Stat)
}

// child looks up one name in a folder.
func (v *View) child(in folder, name string) (Entry, folder, error) {
	path := join(in.path, name)
	m := merge{entry: Entry{Path: path, view: v}, folder: folder{path: path}}
	for i, layer := range in.layers {
		if m.done {
			break
		}
		if err := v.ask(&m, layer, i+1 < len(in.layers)); err != nil {
			return Entry{}, folder{}, err
		}
	}
	if !m.visible() {
		return Entry{}, folder{}, fs.ErrNotExist
	}
	m.entry.Layers = m.folder.layers
	return m.entry, m.folder, nil
}

// ask adds what one layer has at the path that m is about. Whether it hides what
// is below matters only if more layers are.
func (v *View) ask(m *merge, layer int, more bool) error {
	fd, err := openBeneath(v.roots[layer], m.entry.Path, unix.O_PATH)
	switch err {
	case nil:
	case unix.ENOENT, unix.ENAMETOOLONG:
		return nil
	default:
		return err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	return m.add(layer, &st, func() (bool, error) {
		if !more {
			return false, nil
		}
		return v.opaque(layer, m.entry.Path)
	})
}

func (v *View) opaque(layer int, path string) (bool, error) {
	fd, err := openBeneath(v.roots[layer], path, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return false, err
	}
	defer unix.Close(fd)
	return isOpaque(fd)
}

// names cuts a path into its names.
func names(path string) []string {
	var kept []string
	for name := range strings.SplitSeq(path, "/") {
		if name != "" && name != "." {
			kept = append(kept, name)
		}
	}
	return kept
}

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}
