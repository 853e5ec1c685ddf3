package union

import (
	"fmt"
	"io"

	"golang.org/x/sys/unix"
)

// maxSymlinks is how many the kernel follows in one path.
const maxSymlinks = 40

// maxNames bounds the names that are looked up for one path: symlinks to long
// paths through each other could keep us walking.
const maxNames = 4096

// Resolve tells what is at a path, as a process would see it that has the
// merged root as its own: symlinks are followed, the last one too, absolute
// ones begin at the root, and ".." does not leave it.
func (v *View) Resolve(path string) (Entry, error) {
	e, err := v.resolve(path)
	if err != nil {
		return Entry{}, trouble("open", path, err)
	}
	return e, nil
}

// place is a folder on the way, with the entry it is.
type place struct {
	folder folder
	entry  Entry
}

func (v *View) resolve(path string) (Entry, error) {
	top, err := v.rootEntry()
	if err != nil {
		return Entry{}, err
	}
	way := []place{{v.root(), top}}
	todo, links, steps := names(path), 0, 0
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		if steps++; steps > maxNames {
			return Entry{}, unix.ELOOP
		}
		last := way[len(way)-1]
		if !last.entry.IsDir() {
			return Entry{}, unix.ENOTDIR
		}
		if name == ".." {
			way = way[:max(1, len(way)-1)]
			continue
		}
		e, f, err := v.child(last.folder, name)
		if err != nil {
			return Entry{}, err
		}
		if !e.IsSymlink() {
			way = append(way, place{f, e})
			continue
		}
		if links++; links > maxSymlinks {
			return Entry{}, unix.ELOOP
		}
		target, err := e.Target()
		if err != nil {
			return Entry{}, err
		}
		if target[:1] == "/" {
			way = way[:1]
		}
		todo = append(names(target), todo...)
	}
	return way[len(way)-1].entry, nil
}

// ReadFile reads a regular file as Resolve finds it. One that has more than
// limit bytes is refused.
func (v *View) ReadFile(path string, limit int64) ([]byte, error) {
	e, err := v.Resolve(path)
	if err != nil {
		return nil, err
	}
	if !e.IsRegular() {
		return nil, trouble("read", path, fmt.Errorf("not a regular file: %w", unix.EINVAL))
	}
	f, err := e.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, trouble("read", path, err)
	}
	if int64(len(content)) > limit {
		return nil, trouble("read", path, fmt.Errorf("it has more than %d bytes: %w", limit, unix.EFBIG))
	}
	return content, nil
}
