package store

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"

	"github.com/podtui/podtui/store/union"
)

// parents makes the parents layer of a stack, and returns it alone, or nothing
// if the stack needs none.
func (s *Store) parents(ctx context.Context, st *staging, stack []string) ([]string, error) {
	if len(stack) < 2 {
		return nil, nil
	}
	v, err := s.view(st, stack)
	if err != nil {
		return nil, err
	}
	defer v.Close()
	implicit, err := s.implicit(ctx, st, stack)
	if err != nil {
		return nil, err
	}
	told, err := overruled(ctx, v, implicit)
	if err != nil || len(told) == 0 {
		return nil, err
	}
	id := derivedID(layerParents, stack)
	err = s.make(ctx, st, id, layerParents, func(root string) ([]string, error) {
		r := rendering{view: v, told: told, implicit: implicit}
		return r.render(ctx, root, withParents(slices.Collect(maps.Keys(told))))
	})
	return []string{id}, err
}

// implicit are the folders that each layer of a stack has no entry for.
func (s *Store) implicit(ctx context.Context, st *staging, stack []string) ([]map[string]bool, error) {
	sets := make([]map[string]bool, len(stack))
	for i, id := range stack {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		a, err := readAbout(s.layer(st, id))
		if err != nil {
			return nil, err
		}
		sets[i] = make(map[string]bool, len(a.Implicit))
		for _, path := range a.Implicit {
			sets[i][path] = true
		}
	}
	return sets, nil
}

// overruled are the folders of which the uppermost layer has no entry and one
// below has: as that one has them.
func overruled(ctx context.Context, v *union.View, implicit []map[string]bool) (map[string]union.Entry, error) {
	finder, err := v.Finder()
	if err != nil {
		return nil, err
	}
	told := make(map[string]union.Entry)
	for _, path := range untold(implicit) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e, err := finder.Lookup(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // hidden by a layer above
		}
		if err != nil {
			return nil, err
		}
		if !e.IsDir() || !implicit[e.Layer][path] {
			continue // told by a layer above
		}
		uppermost := e.Layer
		if e, err = firstTold(e, implicit); err != nil {
			return nil, err
		}
		if e.Layer != uppermost {
			told[path] = e
		}
	}
	return told, nil
}

// untold are the folders that any layer has no entry for, sorted.
func untold(implicit []map[string]bool) []string {
	var paths []string
	for _, set := range implicit {
		paths = slices.AppendSeq(paths, maps.Keys(set))
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// firstTold is the folder as the uppermost layer has it that has an entry for
// it, or as it is if none has.
func firstTold(e union.Entry, implicit []map[string]bool) (union.Entry, error) {
	for _, layer := range e.Layers {
		if !implicit[layer][e.Path] {
			return e.In(layer)
		}
	}
	return e, nil
}
