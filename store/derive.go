package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/podtui/podtui/store/union"
)

// Two kinds of layers come out of no archive. They are derived from the layers
// of a stack, and called by a hash of what they are derived from, so that they
// are made once.
//
// A flat layer is the whole root of an image with a pathWhitelist: of the stack
// below it only what is listed, and the folders on the way. The list is about
// this image alone, so it must not reach layers that others share.
//
// A parents layer lies on top of a stack in which a layer has something in a
// folder without having the folder itself: overlayfs would show the attributes
// that unpacking had to make up, and not those of the layer below.

// derived returns the stack that an image runs on, uppermost first: the given
// one, perhaps with a parents layer on top, or a flat layer alone. What has to
// be made is left in the private folder, for Commit to publish.
//
// ace.md has the dependencies extracted over each other, what comes later
// replacing what was there, links to folders included: overlayfs does the same.
func (s *Store) derived(st *staging, stack, whitelist []string) ([]string, error) {
	parents, err := s.parents(st, stack)
	if err != nil {
		return nil, err
	}
	whole := append(parents, stack...)
	if len(whitelist) == 0 {
		return whole, nil
	}
	id := derivedID(layerFlat, append(slices.Clone(stack), listed(whitelist)...))
	err = s.make(st, id, layerFlat, func(root string) ([]string, error) {
		return s.renderFlat(st, root, whole, listed(whitelist))
	})
	return []string{id}, err
}

// derivedID hashes what a layer is derived from. Neither an ID nor a path has a
// NUL.
func derivedID(kind string, from []string) string {
	sum := sha256.Sum256([]byte(strings.Join(from, "\x00")))
	return kind + "-" + hex.EncodeToString(sum[:])
}

// make makes a layer in the private folder, unless it is here. Fill fills its
// root, and returns which folders are still told by no layer.
func (s *Store) make(st *staging, id, kind string, fill func(root string) (implicit []string, err error)) error {
	here, err := s.keep(st, id)
	if err != nil || here || exists(st.layer(id)) {
		return err
	}
	work := filepath.Join(st.dir, "derive-"+kind)
	root := filepath.Join(work, rootfsDir)
	if err := os.MkdirAll(root, 0o700); err != nil {
		return err
	}
	implicit, err := fill(root)
	if err == nil {
		err = recordDerived(work, about{Kind: kind, Implicit: implicit})
	}
	if err != nil {
		return also(err, os.RemoveAll(work))
	}
	return st.takeLayer(id, work)
}

// recordDerived writes what Verify compares the layer with later. Its tar is
// nobody's archive: it has the form of one, without a manifest.
func recordDerived(work string, a about) (err error) {
	v, err := union.Open([]string{filepath.Join(work, rootfsDir)})
	if err != nil {
		return err
	}
	defer v.Close()
	file, err := os.OpenFile(filepath.Join(work, archiveFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = also(err, file.Close()) }()
	skeleton, err := newSkeletonWriter(file)
	if err != nil {
		return err
	}
	r := newRecorder(skeleton)
	err = v.Walk(r.add)
	if err == nil {
		err = r.tar.Close()
	}
	if err = also(err, skeleton.close()); err != nil {
		return err
	}
	return writeAbout(work, a)
}

// view opens the merged root of a stack, parts of which may be private yet.
func (s *Store) view(st *staging, stack []string) (*union.View, error) {
	dirs := make([]string, len(stack))
	for i, id := range stack {
		dirs[i] = filepath.Join(s.layer(st, id), rootfsDir)
	}
	return union.Open(dirs)
}

// renderFlat fills the root of a flat layer.
func (s *Store) renderFlat(st *staging, root string, stack, whitelist []string) (untold []string, err error) {
	v, err := s.view(st, stack)
	if err != nil {
		return nil, err
	}
	defer v.Close()
	implicit, err := s.implicit(st, stack)
	if err != nil {
		return nil, err
	}
	there := slices.DeleteFunc(whitelist, func(path string) bool {
		_, err := v.Lookup(path)
		return errors.Is(err, fs.ErrNotExist)
	})
	return render(root, true, withParents(there), implicit, v.Lookup)
}

// render fills the root of a derived layer with what is found at the paths, and
// returns the folders among them that no layer has told.
func render(root string, linking bool, paths []string, implicit []map[string]bool, find func(path string) (union.Entry, error)) (untold []string, err error) {
	c, err := newCopier(root)
	if err != nil {
		return nil, err
	}
	defer c.close()
	c.linking = linking
	for _, path := range paths {
		e, err := find(path)
		if err == nil {
			err = c.add(e)
		}
		if err != nil {
			return nil, err
		}
		if implicit[e.Layer][path] {
			untold = append(untold, path)
		}
	}
	return untold, c.finish()
}

// listed makes the paths of a whitelist ones from the root, sorted, none twice.
// A path that leads out is one that no layer has.
func listed(whitelist []string) []string {
	paths := make([]string, len(whitelist))
	for i, path := range whitelist {
		paths[i] = strings.TrimPrefix(filepath.Clean("/"+path), "/")
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// withParents adds the folders that lead to paths, each before what is in it,
// the root first.
func withParents(paths []string) []string {
	all := map[string]bool{"": true}
	for _, path := range paths {
		for ; path != "" && !all[path]; path, _ = split(path) {
			all[path] = true
		}
	}
	sorted := make([]string, 0, len(all))
	for path := range all {
		sorted = append(sorted, path)
	}
	slices.Sort(sorted) // a folder's path begins those of what is in it
	return sorted
}
