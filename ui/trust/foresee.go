package trust

import (
	"slices"
	"strings"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/keycard"
)

// chance is what it could lead to if a key were trusted: that it counts, that it is
// revoked wherever it is, or nothing.
type chance struct {
	key     engine.KeyInfo // as it is shown, with what is wrong with it here
	why     string         // it can't be trusted, in the words of the engine; "": it can
	mend    string         // what could be done about that
	revokes []entry        // where it counts so far, of a revocation that came
	lost    []string       // the images that no longer run then
}

// revoked reports whether a key was taken back by its owner.
func revoked(k engine.KeyInfo) bool {
	kind, _, _ := strings.Cut(k.Problem, ":")
	return kind == "revoked"
}

// copies are the places where a key is trusted.
func (s *Screen) copies(fingerprint string) []entry {
	var all []entry
	for _, e := range s.all {
		if e.key != nil && e.key.Fingerprint == fingerprint {
			all = append(all, e)
		}
	}
	return all
}

// foresee tells what would become of a key, as the engine decides it.
func (s *Screen) foresee(k engine.KeyInfo) chance {
	here := s.copies(k.Fingerprint)
	gone := slices.ContainsFunc(here, entry.revoked)
	counts := slices.ContainsFunc(here, func(e entry) bool { return e.key.Problem == "" || e.key.Scope == s.add.prefix() })
	c := chance{key: k}
	switch {
	case gone && revoked(k):
		c.why, c.mend = keycard.Problem(k), "Its revocation is here already: nothing that it signs is believed."
	case gone:
		c.key.Problem = "revoked: this copy is older than the key's revocation, which is here"
		c.why, c.mend = c.key.Problem, "A revocation is not undone by an older copy."
	case revoked(k) && len(here) > 0:
		c.revokes, c.lost = here, s.lost(here...)
	case k.Problem != "" && !counts:
		c.why, c.mend = keycard.Problem(k), mend(k)
	}
	return c
}

// mend says what else there is to do about a key that nobody should trust.
func mend(k engine.KeyInfo) string {
	switch kind, _, _ := strings.Cut(k.Problem, ":"); kind {
	case "revoked":
		return "Its owner took it back: nothing that it signs is believed."
	case "expired":
		return "Nothing that it signs is believed. A newer copy, which its owner extended, can be trusted."
	}
	return "Nothing that it signs is believed. Its owner needs another key."
}
