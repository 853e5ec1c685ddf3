package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/podtui/podtui/store/rootcopy"
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
func (s *Store) derived(ctx context.Context, st *staging, stack, whitelist []string) ([]string, error) {
	parents, err := s.parents(ctx, st, stack)
	if err != nil {
		return nil, err
	}
	whole := append(parents, stack...)
	if len(whitelist) == 0 {
		return whole, nil
	}
	id := flatID(stack, whitelist)
	err = s.make(ctx, st, id, layerFlat, func(root string) ([]string, error) {
		return s.renderFlat(ctx, st, root, whole, listed(whitelist))
	})
	return []string{id}, err
}

func flatID(stack, whitelist []string) string {
	return derivedID(layerFlat, append(slices.Clone(stack), listed(whitelist)...))
}

// derivedID hashes what a layer is derived from. Neither an ID nor a path has a
// NUL.
func derivedID(kind string, from []string) string {
	sum := sha256.Sum256([]byte(strings.Join(from, "\x00")))
	return kind + "-" + hex.EncodeToString(sum[:])
}

// make makes a layer in the private folder, unless it is here. Fill fills its
// root, and returns which folders are still told by no layer.
func (s *Store) make(ctx context.Context, st *staging, id, kind string, fill func(root string) (implicit []string, err error)) error {
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
		err = recordDerived(ctx, work, about{Kind: kind, Implicit: implicit})
	}
	if err != nil {
		return also(err, os.RemoveAll(work))
	}
	return st.takeLayer(id, work)
}

// recordDerived writes what Verify compares the layer with later. Its tar is
// nobody's archive: it has the form of one, without a manifest.
func recordDerived(ctx context.Context, work string, a about) (err error) {
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
	err = v.Walk(func(e union.Entry) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return r.add(e)
	})
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
func (s *Store) renderFlat(ctx context.Context, st *staging, root string, stack, whitelist []string) (untold []string, err error) {
	v, err := s.view(st, stack)
	if err != nil {
		return nil, err
	}
	defer v.Close()
	implicit, err := s.implicit(ctx, st, stack)
	if err != nil {
		return nil, err
	}
	there, err := present(ctx, v, whitelist)
	if err != nil {
		return nil, err
	}
	r := rendering{view: v, implicit: implicit, linking: true}
	return r.render(ctx, root, withParents(there))
}

// present are those of the sorted paths at which there is anything.
func present(ctx context.Context, v *union.View, paths []string) (there []string, err error) {
	finder, err := v.Finder()
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if _, err := finder.Lookup(path); !errors.Is(err, fs.ErrNotExist) {
			there = append(there, path) // render tells what else is wrong
		}
	}
	return there, nil
}

// rendering is how the root of a derived layer is filled.
type rendering struct {
	view     *union.View
	told     map[string]union.Entry // what is not as the view has it
	implicit []map[string]bool
	linking  bool
}

// render fills a root with what is found at the sorted paths, and returns the
// folders among them that no layer has told.
func (r rendering) render(ctx context.Context, root string, paths []string) (untold []string, err error) {
	finder, err := r.view.Finder()
	if err != nil {
		return nil, err
	}
	c, err := rootcopy.New(root)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	c.Linking = r.linking
	for _, path := range paths {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e, ok := r.told[path]
		if !ok {
			e, err = finder.Lookup(path)
		}
		if err == nil {
			err = c.Add(e)
		}
		if err != nil {
			return nil, err
		}
		if r.implicit[e.Layer][path] {
			untold = append(untold, path)
		}
	}
	return untold, c.Finish()
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
