package trust

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/trust/openpgp"
)

// known is what this host has of one key.
type known struct {
	// key is what all copies together say, wherever they are and even where they are
	// masked: what a key's owner revoked in one of them is revoked. nil: none is a key.
	key    *openpgp.Key
	spots  []*spot // by scope
	held   []Held  // where it counts; none: it doesn't
	scopes map[Scope]bool
	wrong  []error // files that are not this key
}

// spot is a place, with what is there.
type spot struct {
	*place
	ours, theirs []file // of CONFIG, which goes before SYSTEM as soon as there is one
}

// file is a file that has a key's name.
type file struct {
	name  string // below its folder
	empty bool
	key   *openpgp.Key // nil: it is no such key
}

// masked tells a place that somebody closed with an empty file.
func (p *spot) masked() bool {
	return slices.ContainsFunc(p.ours, func(f file) bool { return f.empty })
}

// counts is the file from which the key counts, or nil.
func (p *spot) counts() (f *file, system bool) {
	files := p.ours
	if len(files) == 0 {
		files, system = p.theirs, true
	}
	if p.masked() {
		return nil, false
	}
	for i := range files {
		if files[i].key != nil {
			return &files[i], system
		}
	}
	return nil, false
}

// look reads all that there is of a key, once.
func (c *catalogue) look(fingerprint string) *known {
	if k := c.known[fingerprint]; k != nil {
		return k
	}
	k := &known{scopes: map[Scope]bool{}}
	c.known[fingerprint] = k
	ours := reader{want: fingerprint, known: k, same: map[string]*openpgp.Key{}}
	theirs := ours
	ours.open(c.folders.Config)
	defer ours.close()
	theirs.open(c.folders.System)
	defer theirs.close()
	for _, scope := range slices.Sorted(maps.Keys(c.places[fingerprint])) {
		place := c.places[fingerprint][scope]
		k.spots = append(k.spots, &spot{place: place, ours: ours.files(place.config), theirs: theirs.files(place.system)})
	}
	for _, p := range k.spots {
		f, system := p.counts()
		if f == nil {
			continue
		}
		folder := c.folders.Config
		if system {
			folder = c.folders.System
		}
		k.scopes[p.scope] = true
		k.held = append(k.held, Held{Key: k.key, Scope: p.scope, System: system, Path: filepath.Join(folder, f.name)})
	}
	return k
}

// covers reports whether the key counts for a name: what Covers of any of its scopes
// would say, without asking each.
func (k *known) covers(name string) bool {
	if k.scopes[Root] || !straight(name) {
		return k.scopes[Root]
	}
	for name != "" {
		if k.scopes[Scope(name)] {
			return true
		}
		name = name[:max(strings.LastIndexByte(name, '/'), 0)]
	}
	return false
}

// add takes one more copy of the key for what is known of it. Copies that are too
// large together still leave a revocation known.
func (k *known) add(key *openpgp.Key) error {
	if k.key == nil {
		k.key = key
		return nil
	}
	merged, err := k.key.Merge(key)
	switch {
	case err == nil:
		k.key = merged
	case key.Revoked():
		k.key = key
	case !k.key.Revoked():
		return err
	}
	return nil
}

// reader reads the files of one key in one folder.
type reader struct {
	want  string // its fingerprint
	known *known
	same  map[string]*openpgp.Key // what was read, by content: copies are alike as a rule
	root  *os.Root                // nil: there is none
}

func (r *reader) open(folder string) {
	if folder != "" {
		r.root, _ = os.OpenRoot(folder) // who made the catalogue said what is wrong with it
	}
}

func (r *reader) close() {
	if r.root != nil {
		r.root.Close()
	}
}

func (r *reader) files(names []string) []file {
	var files []file
	for _, name := range names {
		f := file{name: name}
		var err error
		if f.key, f.empty, err = r.file(name); err != nil {
			r.known.wrong = append(r.known.wrong, err)
		}
		files = append(files, f)
	}
	return files
}

func (r *reader) file(name string) (key *openpgp.Key, empty bool, err error) {
	if r.root == nil {
		return nil, false, nil // it went as well
	}
	path := filepath.Join(r.root.Name(), name)
	raw, err := read(r.root, name, openpgp.MaxKeys)
	switch {
	case err == nil && len(raw) == 0, err != nil && isNull(r.root, name):
		return nil, true, nil
	case errors.Is(err, fs.ErrNotExist): // it went since its name was read
		return nil, false, nil
	case err != nil:
		return nil, false, &FileError{Path: path, Why: reason(err)}
	}
	if key = r.same[string(raw)]; key != nil {
		return key, false, nil
	}
	if key, err = r.parse(raw); err != nil {
		return nil, false, &FileError{Path: path, Why: err.Error()}
	}
	r.same[string(raw)] = key
	return key, false, nil
}

func (r *reader) parse(raw []byte) (*openpgp.Key, error) {
	keys, err := openpgp.ReadKeys(bytes.NewReader(raw))
	switch {
	case err != nil:
		return nil, err
	case len(keys) != 1:
		return nil, fmt.Errorf("%d keys; a file has one", len(keys))
	case keys[0].Fingerprint() != r.want:
		return nil, fmt.Errorf("holds the key %s, and is named for another", keys[0].Fingerprint())
	}
	return keys[0], r.known.add(keys[0])
}

// isNull tells a link to /dev/null, which masks as an empty file does: rkt took it so.
func isNull(root *os.Root, name string) bool {
	info, err := root.Lstat(name)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return false
	}
	to, err := root.Readlink(name)
	return err == nil && to == os.DevNull
}
