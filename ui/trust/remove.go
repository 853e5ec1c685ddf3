package trust

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/keycard"
	"github.com/podtui/podtui/ui/screen"
)

// removeAnswer is the user's yes.
type removeAnswer struct{ entries []entry }

// removed is the engine's answer.
type removed struct {
	entries []entry // that are gone
	err     error   // why another is not, and what came after it is not either
}

// askRemove asks before a key or an approval goes, and says what depends on it.
func (s *Screen) askRemove() screen.Out {
	chosen := s.chosen()
	switch {
	case len(chosen) == 0:
		return screen.Out{}
	case len(chosen) > 1:
		return s.askRemoveAll(chosen)
	}
	e := chosen[0]
	var body []string
	title, action := "Withdraw the approval of "+e.owner+"?", "withdraw"
	if e.key != nil {
		title, action = "Remove "+e.owner+" for "+scopeWords(e.key.Scope)+"?", "remove"
		body = append(body, keycard.Fingerprint(e.key.Fingerprint))
		if e.key.System {
			action = "mask"
			body = append(body, "It comes with rkt's packages and stays in their folder; it is masked here, and no longer counts.")
		}
	}
	body = append(body, s.stops(e)...)
	return screen.Say(screen.Ask{Dialog: dialog.NewConfirm(s.env.Now(), title, action, removeAnswer{chosen}, body...)})
}

// stops says what it means if an entry is gone: where else the key counts, and which
// images would no longer run.
func (s *Screen) stops(e entry) []string {
	if e.key == nil {
		return []string{s.stopping(e)}
	}
	here := s.copies(e.key.Fingerprint)
	others := slices.DeleteFunc(slices.Clone(here), func(o entry) bool { return o.id() == e.id() })
	switch {
	case slices.ContainsFunc(here, entry.revoked):
		return []string{forgotten(others)}
	case slices.ContainsFunc(others, func(o entry) bool { return covers(o.key.Scope, e.key.Scope) }):
		return []string{"The key still counts for " + scopesOf(others) + ", and for these names with it: nothing stops running."}
	case len(others) > 0:
		return []string{"The key still counts for " + scopesOf(others) + ".", s.stopping(e)}
	}
	return []string{s.stopping(e)}
}

func (e entry) revoked() bool { return e.key != nil && revoked(e.key.KeyInfo) }

// forgotten says what becomes of the revocation of a key that is removed in one
// place: it counts wherever it stands, and as long as it stands anywhere.
func forgotten(others []entry) string {
	switch {
	case slices.ContainsFunc(others, entry.revoked):
		return "The key stays revoked: it is here for " + scopesOf(others) + " too."
	case len(others) > 0:
		return "Its revocation is forgotten with it: the key would count again for " + scopesOf(others) + "."
	}
	return "Its revocation is forgotten with it: an older copy could be trusted again. While it stays here it is refused."
}

// scopesOf names the places of a key.
func scopesOf(all []entry) string {
	var scopes []string
	for _, e := range all {
		scopes = append(scopes, scopeWords(e.key.Scope))
	}
	return strings.Join(fewer(scopes), ", ")
}

// stopping says which images would no longer run without an entry.
func (s *Screen) stopping(e entry) string {
	lost := s.lost(e)
	switch {
	case len(lost) == 0 && len(e.images) > 0:
		return "No image stops running: others vouch for what it vouches for."
	case len(lost) == 0:
		return "No image that is here depends on it."
	}
	return "Would no longer run: " + strings.Join(fewer(lost), ", ") + "."
}

// willStop is the same of images that have been counted.
func willStop(lost []string) string {
	switch n := len(lost); n {
	case 0:
		return "No image that is here depends on it."
	case 1:
		return "1 image will no longer run: " + lost[0] + "."
	default:
		return number(n) + " images will no longer run: " + strings.Join(fewer(lost), ", ") + "."
	}
}

// fewer are the first of many words, and how many more there are.
func fewer(words []string) []string {
	const most = 5
	if more := len(words) - most; more > 0 {
		return append(slices.Clone(words[:most]), "and "+number(more)+" more")
	}
	return words
}

// lost are the images that nobody vouches for without some entries.
func (s *Screen) lost(gone ...entry) []string {
	var names []string
	seen, vouched := map[string]bool{}, s.others(gone)
	for _, e := range gone {
		for _, img := range e.images {
			if !seen[img.id] && !vouched(img) {
				names = append(names, img.label)
			}
			seen[img.id] = true
		}
	}
	return names
}

// others returns whether somebody else vouches for an image: the same key for other
// names, or an approval of exactly this image. That a key has expired is no matter
// for what it vouched for before. Of other keys' signatures the list doesn't know;
// such an image is looked at again when it runs.
func (s *Screen) others(gone []entry) func(image) bool {
	var prefixes []string
	approved := map[string]bool{}
	of := func(id string) bool { return slices.ContainsFunc(gone, func(e entry) bool { return e.id() == id }) }
	keyGone := func(fp string) bool {
		return slices.ContainsFunc(gone, func(e entry) bool { return e.key != nil && e.key.Fingerprint == fp })
	}
	for _, other := range s.all {
		switch {
		case of(other.id()):
		case other.key == nil:
			approved[other.pin.Pin] = true
		case keyGone(other.key.Fingerprint):
			prefixes = append(prefixes, other.key.Scope)
		}
	}
	return func(img image) bool {
		return approved[img.id] || slices.ContainsFunc(prefixes, func(p string) bool { return covers(p, img.name) })
	}
}

// askRemoveAll asks before several go: what it means is said of all of them together.
func (s *Screen) askRemoveAll(chosen []entry) screen.Out {
	var names []string
	for _, e := range chosen {
		name := "the approval of " + e.owner
		if e.key != nil {
			name = e.owner + " " + keycard.Short(e.key.Fingerprint) + " for " + scopeWords(e.key.Scope)
			switch {
			case e.revoked():
				name += ": its revocation is forgotten"
			case e.key.System:
				name += ": masked, it comes with rkt's packages"
			}
		}
		names = append(names, name)
	}
	const most = 7
	if more := len(names) - most; more > 0 {
		names = append(names[:most], "and "+number(more)+" more")
	}
	body := append(names, "", willStop(s.lost(chosen...)))
	return screen.Say(screen.Ask{Dialog: dialog.NewConfirm(s.env.Now(), "No longer believe "+number(len(chosen))+"?", "remove", removeAnswer{chosen}, body...)})
}

// remove returns the work of no longer believing some entries.
func (s *Screen) remove(entries []entry) tea.Cmd {
	return func() tea.Msg {
		var m removed
		for _, e := range entries {
			if m.err = s.removeOne(e); m.err != nil {
				break
			}
			m.entries = append(m.entries, e)
		}
		return m
	}
}

func (s *Screen) removeOne(e entry) error {
	if e.key == nil {
		return s.engine.Withdraw(e.pin.Pin)
	}
	_, err := s.engine.Distrust(e.key.Fingerprint, &e.key.Scope)
	return err
}

func (s *Screen) takeRemoved(m removed) screen.Out {
	for _, e := range m.entries {
		delete(s.marked, e.id())
	}
	said := screen.Notice{Text: s.removedWords(m.entries)}
	if m.err != nil {
		said = screen.Notice{Text: m.err.Error(), Wrong: true}
	}
	if len(m.entries) == 0 {
		return screen.Say(said)
	}
	return screen.Say(Changed{said})
}

// removedWords tell what is believed no longer.
func (s *Screen) removedWords(gone []entry) string {
	if len(gone) != 1 {
		return "no longer believed: " + number(len(gone)) + " of the list"
	}
	switch e := gone[0]; {
	case e.key == nil:
		return "no longer approved: " + e.owner
	case e.key.System:
		return "masked for " + scopeWords(e.key.Scope) + ": " + e.owner
	default:
		return "no longer trusted for " + scopeWords(e.key.Scope) + ": " + e.owner
	}
}
