package trust

import (
	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/keycard"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// trustAnswer is what the user says to one of the keys, and to no other.
type trustAnswer struct {
	load, key int
	yes       bool
}

// trusted is the engine's answer.
type trusted struct {
	load   int
	change engine.TrustChange
	err    error
}

// counts says that a key counts now, while the next is asked about.
type counts struct{}

// prefix is which images the keys are for, as the engine takes it.
func (a *adding) prefix() string {
	if a.all {
		return ""
	}
	return a.scope.Value()
}

// ask asks about the next key.
func (s *Screen) ask() screen.Out {
	offer := s.add.offers[s.add.next]
	s.add.asking = true
	o := keycard.Options{Source: offer.Source, TLS: offer.TLS, Now: s.env.Now()}
	title := "Trust this key for " + s.add.prefix() + " and what is below it?"
	body := "Compare the fingerprint with what its owner told you in another way. Whoever holds the key can have images of these names run here."
	if s.add.all {
		title = "Trust this key for ALL images?"
		body = "Whoever holds it can have anything run here, whatever it is called. Compare the fingerprint with what its owner told you in another way."
	}
	if n := len(s.add.offers); n > 1 {
		title = number(s.add.next+1) + " of " + text.Count(n, "key") + ": " + title
	}
	return screen.Say(screen.Ask{Dialog: &dialog.Card{
		Confirm: *dialog.NewConfirm(s.env.Now(), title, "trust", trustAnswer{s.add.load, s.add.next, true}, body),
		No:      trustAnswer{s.add.load, s.add.next, false},
		Rows:    func(w int) int { return keycard.Rows(offer.Key, o, w) },
		Show:    func(p *draw.Page, t *theme.Theme) { keycard.Draw(p, t, offer.Key, o) },
	}})
}

// takeAnswer trusts the key that was asked about, or goes on to the next.
func (s *Screen) takeAnswer(a trustAnswer) screen.Out {
	switch {
	case a.load != s.add.load || a.key != s.add.next:
		return screen.Out{}
	case !a.yes:
		return s.askNext()
	}
	return screen.Do(s.trust(s.add.offers[s.add.next].Key))
}

func (s *Screen) trust(key engine.KeyInfo) tea.Cmd {
	load, prefix := s.add.load, s.add.prefix()
	return func() tea.Msg {
		change, err := s.engine.Trust(prefix, key)
		return trusted{load, change, err}
	}
}

// takeTrusted goes on to the next key. Where one could not be trusted it is still
// the next: what stands in the way may be mended.
func (s *Screen) takeTrusted(m trusted) screen.Out {
	if m.load != s.add.load {
		return screen.Say(Changed{}) // whoever asked has gone on, and it counts all the same
	}
	if m.err != nil {
		s.add.err, s.add.ready, s.add.asking = m.err, false, false
		return screen.Out{}
	}
	s.add.trusted = append(s.add.trusted, s.add.offers[s.add.next].Key.Fingerprint)
	out := s.askNext()
	out.Cmd = func() tea.Msg { return counts{} } // whatever becomes of the others
	return out
}

// askNext asks about the key after this one, and ends with the last.
func (s *Screen) askNext() screen.Out {
	if s.add.next++; s.add.next < len(s.add.offers) {
		return s.ask()
	}
	done, all, prefix := s.add.trusted, s.add.offers, s.add.prefix()
	s.stopAdding()
	s.add.path.Set("")
	if len(done) == 0 {
		return screen.Say(screen.Notice{Text: "nothing was trusted"})
	}
	s.want = entry{key: &engine.TrustedKey{KeyInfo: engine.KeyInfo{Fingerprint: done[0]}, Scope: prefix}}.id()
	words := number(len(done)) + " of " + text.Count(len(all), "key")
	if len(all) == 1 {
		words = keycard.Name(all[0].Key)
	}
	return screen.Say(Changed{screen.Notice{Text: "trusted for " + scopeWords(prefix) + ": " + words}})
}
