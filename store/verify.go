package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Damage is something in the store that is not what was put there.
type Damage struct {
	Image string // its ID, if it is about one
	Layer string // its ID, if it is about one
	File  string // a path of the root, which begins with a slash, or the store's own file, which does not
	What  string // a predicate: "has another content"
}

func (d Damage) String() string { return fmt.Sprintf("%q %s", d.File, d.What) }

// maxDamages bounds what is told. A layer that somebody emptied has no end.
const maxDamages = 1000

// Verify reads all there is of an image, and tells what is damaged, sorted; an
// image without damage gives nothing. The tar of each layer is put together
// again and hashed, and what its headers say is compared with the tree. Progress
// counts the bytes of those tars. It is an error if the image is not here, or if
// the context ends.
func (s *Store) Verify(ctx context.Context, id string, progress Progress) ([]Damage, error) {
	v := &verifier{s: s, image: id, progress: progress, found: make(map[damaged][]string)}
	if !validID(id) {
		return nil, &NotFoundError{Image: id}
	}
	r, manifest, _, err := s.load(id)
	var bad *DamagedError
	if errors.As(err, &bad) {
		v.add("", filepath.Join(imagesDir, id), bad.What)
		return v.damages(), nil
	}
	if err != nil {
		return nil, err
	}
	m, err := parsed(id, manifest)
	if err != nil {
		v.add("", filepath.Join(imagesDir, id), "has a manifest that can't be read")
	} else if err := v.indexLine(r.image(m, r.Imported)); err != nil {
		return nil, err
	}
	if err := v.layers(ctx, r); err != nil {
		return nil, err
	}
	return v.damages(), nil
}

// verifier collects what is found. Several goroutines work for it.
type verifier struct {
	s        *Store
	image    string
	progress Progress

	mu          sync.Mutex
	read, total int64
	found       map[damaged][]string
}

// damaged is what several things may be wrong with.
type damaged struct{ layer, file string }

func (v *verifier) add(layer, file, what string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	key := damaged{layer, file}
	told, ok := v.found[key]
	if (ok || len(v.found) < maxDamages) && !slices.Contains(told, what) {
		v.found[key] = append(told, what)
	}
}

func (v *verifier) count(n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.read += int64(n)
	if v.progress != nil {
		v.progress(v.read, max(v.total, v.read))
	}
}

func (v *verifier) damages() []Damage {
	var list []Damage
	for d, what := range v.found {
		slices.Sort(what)
		list = append(list, Damage{Image: v.image, Layer: d.layer, File: d.file, What: strings.Join(what, "; ")})
	}
	slices.SortFunc(list, func(a, b Damage) int {
		return cmp.Or(cmp.Compare(a.Layer, b.Layer), cmp.Compare(a.File, b.File))
	})
	return list
}

// indexLine compares the image's line of the index with its record. Who verified
// it may be missing there: so a crash leaves it, until the next GC.
func (v *verifier) indexLine(img Image) error {
	entries, err := v.s.readIndex(img.ID)
	if err != nil {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e Entry) bool { return e.ID != img.ID })
	if len(entries) == 0 {
		v.add("", indexFile, "has no sound line of the image")
		return nil
	}
	got, want := entries[len(entries)-1], img.Entry()
	if got.VerifiedBy == "" {
		want.tell(nil)
	}
	if got.VerifiedKey == "" && got.VerifiedPin == "" { // an older line has neither
		want.VerifiedKey, want.VerifiedPin = "", ""
	}
	if !got.Dependent { // nor that mark
		want.Dependent = false
	}
	sameTime := got.Imported.Equal(want.Imported)
	if got.Imported = want.Imported; !sameTime || got != want {
		v.add("", indexFile, "says something else of the image than its record")
	}
	return nil
}

// layers verifies all layers of an image, two at a time: its own, and those that
// it runs on.
func (v *verifier) layers(ctx context.Context, r record) error {
	ids := slices.Clone(r.Layers)
	if cmp.Or(r.Kind, KindACI) == KindACI && !slices.Contains(ids, r.ID) {
		ids = append(ids, r.ID)
	}
	for _, diffID := range r.DiffIDs {
		id, err := layerID(diffID)
		// One that an opaque layer hides need not be here.
		if err == nil && !slices.Contains(ids, id) && exists(v.s.path(layersDir, id)) {
			ids = append(ids, id)
		}
	}
	for _, id := range ids {
		if a, err := readAbout(v.s.path(layersDir, id)); err == nil {
			v.total += a.Size
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2)
	for _, id := range ids {
		g.Go(func() error { return v.layer(ctx, id) })
	}
	return g.Wait()
}

func (v *verifier) layer(ctx context.Context, id string) error {
	dir := filepath.Join(layersDir, id)
	about, unknown := readAbout(v.s.path(dir))
	if unknown != nil {
		v.add(id, filepath.Join(dir, aboutFile), reason(unknown))
		about.Kind = kindOfLayer(id)
	}
	contents := 0 // files whose content was found wrong, by the one goroutine that reads
	a, err := assemble(v.s.path(dir), func(path, what string) error {
		contents++
		v.add(id, "/"+path, what)
		return nil
	})
	if err != nil {
		v.add(id, v.file(dir, err), reason(err))
		return nil
	}
	defer a.close()
	sum := hashOf(id)
	look := newAudit(a.root, about, unknown != nil, func(path, what string) { v.add(id, "/"+path, what) })
	err = a.stream(ctx, v.count,
		func(c *chunks) error {
			_, err := hashAll(sum, c)
			return err
		},
		look.read)
	switch {
	case errors.Is(err, errSkeleton), errors.Is(err, errHeaders):
		v.add(id, filepath.Join(dir, archiveFile), err.Error())
		return nil
	case err != nil:
		return err
	case contents == 0 && !hashed(id, sum):
		v.add(id, filepath.Join(dir, archiveFile), "does not give the layer's hash, nor does any file say why")
	}
	return nil
}

// kindOfLayer is what kind of tar a layer has whose file can't tell. Derived ones
// have the form of an image archive.
func kindOfLayer(id string) string {
	if strings.HasPrefix(id, "sha256-") {
		return layerOfOCI
	}
	return layerOfACI
}

// file is the store's own file that an error is about.
func (v *verifier) file(dir string, err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		if file, err := filepath.Rel(v.s.dir, path.Path); err == nil {
			return file
		}
	}
	return dir
}

// reason is an error without the path in it, which the damage has.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// hashOf is the hash that a layer is called by. Derived ones are called by what
// they were made of: checksums vouch for them.
func hashOf(layer string) hash.Hash {
	if strings.HasPrefix(layer, idPrefix) {
		return sha512.New()
	}
	return sha256.New()
}

func hashed(layer string, sum hash.Hash) bool {
	kind, digits, _ := strings.Cut(layer, "-")
	return kind == layerFlat || kind == layerParents || digits == hex.EncodeToString(sum.Sum(nil))
}
