package store

import (
	"path/filepath"

	"github.com/podtui/podtui/store/union"
)

// Look opens the merged root of layers that are here, given by their diff IDs,
// lowest first. The caller closes it.
func (d *Draft) Look(diffIDs []string) (*union.View, error) {
	stack, err := d.registryStack(diffIDs)
	if err != nil {
		return nil, err
	}
	dirs := make([]string, len(stack))
	for i, id := range stack {
		dirs[i] = filepath.Join(d.s.layer(d.st, id), rootfsDir)
	}
	return union.Open(dirs)
}
