package trust

import (
	"bytes"
	"time"

	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/engine/trust/refusal"
)

// Add makes a key count for the images of a scope. What is here of it already is never
// lost: an older copy undoes neither a revocation nor an extension, and what a newer
// one brings, a revocation above all, goes to every place where the key is.
//
// A key whose signatures nobody would believe is refused with a *refusal.Error, unless
// it is there already. A revoked one is taken if the key counts for anything, and then
// adds no scope to those that it has.
func (s *Store) Add(scope Scope, k *openpgp.Key) (Change, error) {
	if scope != Root {
		if _, err := ParseScope(string(scope)); err != nil {
			return 0, err
		}
	}
	var change Change
	err := s.change(keysFolder, func(w writer) (err error) {
		change, err = s.add(w, scope, k)
		return err
	})
	return change, err
}

func (s *Store) add(w writer, scope Scope, k *openpgp.Key) (Change, error) {
	c, err := s.whole()
	if err != nil {
		return 0, err
	}
	here := c.look(k.Fingerprint())
	if err := here.add(k); err != nil {
		return 0, err
	}
	if problem := here.whyNot(scope, k); problem != nil {
		return 0, problem
	}
	change, armored := Same, here.key.Armored()
	for _, p := range here.spots {
		f, _ := p.counts()
		if f == nil || bytes.Equal(f.key.Armored(), armored) {
			continue
		}
		if err := w.replace(p.place, k.Fingerprint(), armored); err != nil {
			return 0, err
		}
		change = Updated
	}
	if here.scopes[scope] || here.key.Revoked() {
		return change, nil
	}
	return New, w.replace(c.place(k.Fingerprint(), scope), k.Fingerprint(), armored)
}

// whole is a catalogue that nothing is missing from: what is not seen can't be kept.
func (s *Store) whole() (*catalogue, error) {
	c, err := s.catalogue()
	if err == nil && c.incomplete != nil {
		return nil, c.incomplete
	}
	return c, err
}

// whyNot says why a key, which what is known of it includes by now, isn't taken.
func (k *known) whyNot(scope Scope, came *openpgp.Key) error {
	problem := k.key.Problem(time.Now())
	switch {
	case problem == nil:
		return nil
	case !k.key.Revoked() && k.scopes[scope], came.Revoked() && len(k.held) > 0:
		return nil
	case k.key.Revoked() && !came.Revoked():
		return &refusal.Error{Kind: refusal.Revoked, KeyID: problem.KeyID, UserID: problem.UserID,
			Detail: "this copy of the key is older than its revocation, which is here"}
	}
	return problem
}

// replace makes one file, of podtui's own spelling, of all that CONFIG has at a place.
func (w writer) replace(p *place, fingerprint string, content []byte) error {
	name := keyFile(p.scope, fingerprint)
	if err := w.put(name, content); err != nil {
		return err
	}
	for _, other := range p.config {
		if other != name {
			if err := w.remove(other); err != nil {
				return err
			}
		}
	}
	return nil
}
