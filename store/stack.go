package store

import (
	"context"
	"errors"
	"io/fs"
	"slices"
)

// stack holds all layers of the image, and has those made that none of its
// archives brings. Of a registry image it adds up the size as well.
func (d *Draft) stack(ctx context.Context, c *candidate) ([]string, error) {
	var stack []string
	var err error
	var whitelist []string
	if c.record.Kind == KindRegistry {
		stack, err = d.registryStack(c.record.DiffIDs)
		if err == nil {
			c.record.Size, err = d.size(c.record.DiffIDs)
		}
	} else {
		stack, err = d.aciStack(ctx, c.record)
		whitelist = c.parsed.PathWhitelist
	}
	if err != nil {
		return nil, err
	}
	return d.s.derived(ctx, d.st, stack, whitelist)
}

// aciStack is the image's own layer, then the stack of each dependency, the last
// one uppermost.
func (d *Draft) aciStack(ctx context.Context, r record) ([]string, error) {
	stack := []string{r.ID}
	for _, id := range slices.Backward(r.Dependencies) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !validID(id) {
			return nil, &NotFoundError{Image: id}
		}
		dependency, _, _, err := d.s.load(id)
		if err != nil {
			return nil, err
		}
		if err := d.keepAll(dependency.Layers); err != nil {
			if _, missing := errors.AsType[missingLayer](err); missing {
				err = &DamagedError{ID: id, What: err.Error()}
			}
			return nil, err
		}
		stack = append(stack, dependency.Layers...)
	}
	return once(stack), nil
}

// registryStack is the layers of these diff IDs, lowest first, as a stack. It
// ends where a layer hides all that is below it.
func (d *Draft) registryStack(diffIDs []string) ([]string, error) {
	var stack []string
	for _, diffID := range slices.Backward(diffIDs) {
		id, err := layerID(diffID)
		if err != nil {
			return nil, err
		}
		if err := d.keepAll([]string{id}); err != nil {
			return nil, err
		}
		stack = append(stack, id)
		a, err := readAbout(d.s.layer(d.st, id))
		if err != nil {
			return nil, err
		}
		if a.Opaque {
			break
		}
	}
	if len(stack) == 0 {
		return nil, errors.New("the image has no layers")
	}
	return once(stack), nil
}

// size is how many bytes the layers have, uncompressed.
func (d *Draft) size(diffIDs []string) (size int64, err error) {
	for _, diffID := range diffIDs {
		id, err := layerID(diffID)
		if err != nil {
			return 0, err
		}
		a, err := readAbout(d.s.layer(d.st, id))
		if errors.Is(err, fs.ErrNotExist) {
			continue // hidden by an opaque one, and not brought
		}
		if err != nil {
			return 0, err
		}
		size += a.Size
	}
	return size, nil
}

// keepAll keeps layers that must be here.
func (d *Draft) keepAll(layers []string) error {
	for _, layer := range layers {
		here, err := d.s.keep(d.st, layer)
		if err != nil {
			return err
		}
		if !here {
			return missingLayer(layer)
		}
	}
	return nil
}

// once drops what occurs again further down: overlayfs refuses it, and what is
// uppermost hides it.
func once(stack []string) []string {
	seen := make(map[string]bool, len(stack))
	return slices.DeleteFunc(stack, func(layer string) bool {
		again := seen[layer]
		seen[layer] = true
		return again
	})
}
