package trust

import (
	"cmp"
	"maps"
	"slices"

	"github.com/podtui/podtui/engine/trust/openpgp"
)

// Held is a key that counts, at one place. A key that counts for two prefixes is
// held twice.
type Held struct {
	Key    *openpgp.Key
	Scope  Scope
	System bool   // it came with the distribution
	Path   string // of its file
}

// Keys are the keys that count, those for all images first. The errors are warnings,
// one for each file that doesn't count though it seems that it should.
func (s *Store) Keys() ([]Held, []error) {
	c, err := s.catalogue()
	if err != nil {
		return nil, []error{err}
	}
	var held []Held
	warnings := c.warnings
	for _, k := range c.all() {
		held = append(held, k.held...)
		warnings = append(warnings, k.wrong...)
	}
	slices.SortStableFunc(held, func(a, b Held) int { return cmp.Compare(a.Scope, b.Scope) })
	return held, warnings
}

// all reads every key.
func (c *catalogue) all() []*known {
	var all []*known
	for _, fingerprint := range slices.Sorted(maps.Keys(c.places)) {
		all = append(all, c.look(fingerprint))
	}
	return all
}
