package union

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// Walk calls f with everything in the merged root, the root first, a folder
// before what is in it, and the names of a folder sorted. No descriptor stays
// open while f runs. It ends with the first error of f.
func (v *View) Walk(f func(Entry) error) error {
	e, err := v.rootEntry()
	if err != nil {
		return fmt.Errorf("root: %w", err)
	}
	if err := f(e); err != nil {
		return err
	}
	return v.walk(v.root(), f)
}

// walk goes through what is in a folder. It recurses as deep as the folders do.
func (v *View) walk(in folder, f func(Entry) error) error {
	all, err := v.readFolder(in)
	if err != nil {
		return fmt.Errorf("folder %.200q: %w", "/"+in.path, err)
	}
	for _, m := range all {
		if err := f(m.entry); err != nil {
			return err
		}
		if !m.entry.IsDir() {
			continue
		}
		if err := v.walk(m.folder, f); err != nil {
			return err
		}
	}
	return nil
}

// readFolder returns what shows in a folder, sorted.
func (v *View) readFolder(in folder) ([]*merge, error) {
	found := make(map[string]*merge)
	for _, layer := range in.layers {
		if err := v.readLayer(found, in, layer); err != nil {
			return nil, err
		}
	}
	all := make([]*merge, 0, len(found))
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if m := found[name]; m.visible() {
			m.entry.Layers = m.folder.layers
			all = append(all, m)
		}
	}
	return all, nil
}

func (v *View) readLayer(found map[string]*merge, in folder, layer int) error {
	fd, err := openBeneath(v.roots[layer], in.path, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return err
	}
	dir := os.NewFile(uintptr(fd), quoted("/"+in.path))
	defer dir.Close()
	list, err := dir.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range list {
		m := found[name]
		if m == nil {
			path := join(in.path, name)
			m = &merge{entry: Entry{Path: path, view: v}, folder: folder{path: path}}
			found[name] = m
		}
		if m.done {
			continue
		}
		var st unix.Stat_t
		if err := unix.Fstatat(fd, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return fmt.Errorf("%.200q: %w", name, err)
		}
		if err := m.add(layer, &st, func() (bool, error) { return opaqueAt(fd, name) }); err != nil {
			return fmt.Errorf("%.200q: %w", name, err)
		}
	}
	return nil
}

func opaqueAt(dir int, name string) (bool, error) {
	fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return false, err
	}
	defer unix.Close(fd)
	return isOpaque(fd)
}
