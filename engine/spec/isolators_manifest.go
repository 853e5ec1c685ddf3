package spec

import (
	"encoding/json"
	"slices"

	"github.com/appc/spec/schema/types"
)

// manifestIsolators are an image's, with those of the app's flags in place of all of
// their kind, and without those that the schema has no type for, which it doesn't
// write. Defaults are not written: who reads the manifest has his own.
func (a App) manifestIsolators(image types.Isolators) (types.Isolators, error) {
	own := a.isolators()
	all := slices.DeleteFunc(slices.Clone(image), func(i types.Isolator) bool {
		kind, _, _ := isolatorSays(i)
		return i.Value() == nil || own.says(kind)
	})
	for _, kind := range kinds() {
		w := own.wishes[kind]
		if w.name == "" {
			continue
		}
		i, err := w.isolator()
		if err != nil {
			return nil, err
		}
		all = append(all, i)
	}
	return all, nil
}

// isolator goes through JSON: the schema has no other way to make each of them.
func (w wish) isolator() (types.Isolator, error) {
	var i types.Isolator
	data, err := json.Marshal(map[string]any{"name": w.name, "value": w.json})
	if err == nil {
		err = json.Unmarshal(data, &i)
	}
	return i, err
}

// manifestIsolators are the pod's as they were read. What the schema has no type for
// stays: of a pod it takes that.
func (p Pod) manifestIsolators() ([]types.Isolator, error) {
	if len(p.Isolators) == 0 {
		return nil, nil
	}
	var list []types.Isolator
	err := json.Unmarshal(p.Isolators, &list)
	return list, err
}
