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
type removeAnswer struct{ entry entry }

// removed is the engine's answer.
type removed struct {
	entry entry
	err   error
}

// askRemove asks before a key or an approval goes, and says what depends on it.
func (s *Screen) askRemove() screen.Out {
	e, ok := s.current()
	if !ok {
		return screen.Out{}
	}
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
	body = append(body, s.stops(e))
	return screen.Say(screen.Ask{Dialog: dialog.NewConfirm(s.env.Now(), title, action, removeAnswer{e}, body...)})
}

// stops says which images would no longer run without an entry.
func (s *Screen) stops(e entry) string {
	var names []string
	vouched := s.others(e)
	for _, img := range e.images {
		if !vouched(img) {
			names = append(names, img.label)
		}
	}
	const most = 5
	switch n := len(names); {
	case n == 0 && len(e.images) > 0:
		return "No image stops running: others vouch for what it vouches for."
	case n == 0:
		return "No image that is here depends on it."
	case n > most:
		names = append(names[:most:most], "and "+number(n-most)+" more")
	}
	return "Would no longer run: " + strings.Join(names, ", ") + "."
}

// others returns whether somebody else vouches for an image: the same key for other
// names, or an approval of exactly this image. That a key has expired is no matter
// for what it vouched for before. Of other keys' signatures the list doesn't know;
// such an image is looked at again when it runs.
func (s *Screen) others(e entry) func(image) bool {
	var prefixes []string
	approved := map[string]bool{}
	for _, other := range s.all {
		switch {
		case other.id() == e.id():
		case other.key == nil:
			approved[other.pin.Pin] = true
		case e.key != nil && other.key.Fingerprint == e.key.Fingerprint:
			prefixes = append(prefixes, other.key.Scope)
		}
	}
	return func(img image) bool {
		return approved[img.id] || slices.ContainsFunc(prefixes, func(p string) bool { return covers(p, img.name) })
	}
}

// remove returns the work of no longer believing an entry.
func (s *Screen) remove(e entry) tea.Cmd {
	return func() tea.Msg {
		if e.key == nil {
			return removed{e, s.engine.Withdraw(e.pin.Pin)}
		}
		_, err := s.engine.Distrust(e.key.Fingerprint, &e.key.Scope)
		return removed{e, err}
	}
}

func (s *Screen) takeRemoved(m removed) screen.Out {
	switch e := m.entry; {
	case m.err != nil:
		return screen.Say(screen.Notice{Text: m.err.Error(), Wrong: true})
	case e.key == nil:
		return screen.Say(Changed{screen.Notice{Text: "no longer approved: " + e.owner}})
	case e.key.System:
		return screen.Say(Changed{screen.Notice{Text: "masked for " + scopeWords(e.key.Scope) + ": " + e.owner}})
	default:
		return screen.Say(Changed{screen.Notice{Text: "no longer trusted for " + scopeWords(e.key.Scope) + ": " + e.owner}})
	}
}
