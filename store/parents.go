package store

import (
	"errors"
	"io/fs"
	"maps"
	"slices"

	"github.com/podtui/podtui/store/union"
)

// parents makes the parents layer of a stack, and returns it alone, or nothing
// if the stack needs none.
func (s *Store) parents(st *staging, stack []string) ([]string, error) {
	if len(stack) < 2 {
		return nil, nil
	}
	v, err := s.view(st, stack)
	if err != nil {
		return nil, err
	}
	defer v.Close()
	implicit, err := s.implicit(st, stack)
	if err != nil {
		return nil, err
	}
	told, err := overruled(v, implicit)
	if err != nil || len(told) == 0 {
		return nil, err
	}
	id := derivedID(layerParents, stack)
	err = s.make(st, id, layerParents, func(root string) ([]string, error) {
		return render(root, false, withParents(slices.Collect(maps.Keys(told))), implicit, func(path string) (union.Entry, error) {
			if e, ok := told[path]; ok {
				return e, nil
			}
			return v.Lookup(path)
		})
	})
	return []string{id}, err
}

// implicit are the folders that each layer of a stack has no entry for.
func (s *Store) implicit(st *staging, stack []string) ([]map[string]bool, error) {
	sets := make([]map[string]bool, len(stack))
	for i, id := range stack {
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
func overruled(v *union.View, implicit []map[string]bool) (map[string]union.Entry, error) {
	told := make(map[string]union.Entry)
	for layer, paths := range implicit {
		for path := range paths {
			e, err := v.Lookup(path)
			if errors.Is(err, fs.ErrNotExist) {
				continue // hidden by a layer above
			}
			if err != nil {
				return nil, err
			}
			if !e.IsDir() || e.Layer != layer {
				continue // told by a layer above
			}
			if told[path], err = firstTold(e, implicit); err != nil {
				return nil, err
			}
			if told[path].Layer == layer {
				delete(told, path)
			}
		}
	}
	return told, nil
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
