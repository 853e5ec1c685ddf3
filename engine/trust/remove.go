package trust

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Remove ends that a key counts: in one scope, or everywhere. It takes a fingerprint,
// or a key ID, or as much of either end of a fingerprint as tells it from the others,
// at least 8 digits. Files of CONFIG go, even those that don't count since they are
// broken; keys of the system are masked with an empty file.
//
// It returns where the key counted. None there: a *NotFoundError; several keys of that
// ID: an *AmbiguousError.
func (s *Store) Remove(fingerprint string, in *Scope) ([]Held, error) {
	id := strings.ToLower(strings.ReplaceAll(fingerprint, " ", ""))
	id = strings.TrimPrefix(id, "0x")
	if len(id) < 8 || !isHex(id) {
		return nil, fmt.Errorf("%s is no key; write its fingerprint, or at least 8 of its digits", printable(cut(fingerprint, 100)))
	}
	var held []Held
	err := s.change(keysFolder, func(w writer) error {
		c, err := s.whole()
		if err != nil {
			return err
		}
		found := c.find(id, in)
		switch len(found) {
		case 0:
			return &NotFoundError{What: fingerprint, Scope: in}
		case 1:
			held, err = c.remove(w, found[0], in)
			return err
		}
		return &AmbiguousError{ID: fingerprint, Fingerprints: found}
	})
	return held, err
}

// find returns the fingerprints of the keys of that ID that can be removed.
func (c *catalogue) find(id string, in *Scope) []string {
	var found []string
	for _, fingerprint := range slices.Sorted(maps.Keys(c.places)) {
		k := c.look(fingerprint)
		called := strings.HasPrefix(fingerprint, id) || strings.HasSuffix(fingerprint, id) || k.key != nil && k.key.Has(id)
		if called && slices.ContainsFunc(k.spots, func(p *spot) bool { return p.in(in) && p.removable() }) {
			found = append(found, fingerprint)
		}
	}
	return found
}

func (p *spot) in(scope *Scope) bool { return scope == nil || p.scope == *scope }

// removable tells where there is more than a mask.
func (p *spot) removable() bool {
	return !p.masked() && (len(p.ours) > 0 || p.fromSystem())
}

func (p *spot) fromSystem() bool {
	return slices.ContainsFunc(p.theirs, func(f file) bool { return !f.empty })
}

func (c *catalogue) remove(w writer, fingerprint string, in *Scope) ([]Held, error) {
	k := c.look(fingerprint)
	for _, p := range k.spots {
		if !p.in(in) || !p.removable() {
			continue
		}
		if err := w.clear(p, fingerprint); err != nil {
			return nil, err
		}
	}
	held := slices.DeleteFunc(slices.Clone(k.held), func(h Held) bool { return in != nil && h.Scope != *in })
	return held, nil
}

// clear empties a place. Where the system has a key, a mask must stay, or taking away
// what goes before it would bring it back.
func (w writer) clear(p *spot, fingerprint string) error {
	if p.fromSystem() {
		return w.replace(p.place, fingerprint, nil)
	}
	for _, name := range p.config {
		if err := w.remove(name); err != nil {
			return err
		}
	}
	return nil
}
