package union

import (
	"io/fs"
	"path"
)

// Finder looks up many paths, as Lookup does, and keeps the way to the last one.
// If they come sorted each folder is looked at twice at most, however deep it
// is: Lookup begins at the root each time, and for all the folders of a layer
// that would cost as many looks as they have names together. It is for one
// goroutine.
type Finder struct {
	v   *View
	way []place // the first is the root
}

// Finder begins at the root.
func (v *View) Finder() (*Finder, error) {
	e, err := v.rootEntry()
	if err != nil {
		return nil, trouble("lookup", "/", err)
	}
	return &Finder{v, []place{{v.root(), e}}}, nil
}

// Lookup is the View's Lookup.
func (f *Finder) Lookup(at string) (Entry, error) {
	todo := names(at)
	todo = todo[f.back(todo):]
	for _, name := range todo {
		last := f.way[len(f.way)-1]
		if name == ".." || !last.entry.IsDir() {
			return Entry{}, trouble("lookup", at, fs.ErrNotExist)
		}
		e, folder, err := f.v.child(last.folder, name)
		if err != nil {
			return Entry{}, trouble("lookup", at, err)
		}
		f.way = append(f.way, place{folder, e})
	}
	return f.way[len(f.way)-1].entry, nil
}

// back goes up to the last folder that is on the way to names as well, and
// returns how many of them lead there.
func (f *Finder) back(names []string) int {
	n := 0
	for n < len(names) && n+1 < len(f.way) && path.Base(f.way[n+1].entry.Path) == names[n] {
		n++
	}
	f.way = f.way[:n+1]
	return n
}
