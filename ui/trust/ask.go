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

// choice is what the user says to one of the keys.
type choice int

const (
	stop choice = iota // to this one, and those after it are not asked about
	skip
	take
)

// trustAnswer is a choice for the key that was shown, and for no other.
type trustAnswer struct {
	load, key int
	choice    choice
}

// trusted is the engine's answer.
type trusted struct {
	load   int
	change engine.TrustChange
	err    error
}

// counts says that a key counts now, while the next is asked about.
type counts struct{}

// ask asks about the next key.
func (s *Screen) ask() screen.Out {
	next := len(s.add.verdicts)
	offer := s.add.offers[next]
	s.add.asking, s.add.chance = true, s.foresee(offer.Key)
	key := s.add.chance.key
	o := keycard.Options{Source: offer.Source, TLS: offer.TLS, Now: s.env.Now()}
	title, body := s.question()
	answer := func(c choice) tea.Msg { return trustAnswer{s.add.load, next, c} }
	d := &dialog.Card{
		Confirm: *dialog.NewConfirm(s.env.Now(), title, "trust", answer(take), body...),
		No:      answer(stop),
		Rows:    func(w int) int { return keycard.Rows(key, o, w) },
		Show:    func(p *draw.Page, t *theme.Theme) { keycard.Draw(p, t, key, o) },
		Told:    func() []string { return keycard.Say(key, o) },
	}
	if s.add.chance.revokes != nil {
		d.Action = "revoke"
	}
	several := len(s.add.offers) > 1
	if several {
		d.Title = number(next+1) + " of " + text.Count(len(s.add.offers), "key") + ": " + title
		d.Leave, d.Also, d.Else = "stop", "skip this key", answer(skip)
	}
	switch hopeless := s.add.chance.why != ""; {
	case hopeless && several:
		d.Action, d.Yes, d.Also = "go on", answer(skip), ""
	case hopeless:
		d.Action, d.Leave = "", "close"
	}
	return screen.Say(screen.Ask{Dialog: d})
}

// question is what is asked about the key, and what an answer means.
func (s *Screen) question() (title string, body []string) {
	const compare = "Compare the fingerprint with what its owner told you in another way."
	switch c := s.add.chance; {
	case c.why != "":
		return "This key can't be trusted.", []string{c.mend}
	case c.revokes != nil:
		return "Take over the revocation of " + keycard.Name(c.key) + "?", []string{
			"It is trusted here for " + scopesOf(c.revokes) + ", and would count for nothing any more. That is not undone by an older copy.",
			willStop(c.lost),
		}
	case s.add.all:
		return "Trust this key for ALL images?", []string{"Whoever holds it can have anything run here, whatever it is called. " + compare}
	}
	return "Trust this key for " + s.add.prefix() + " and what is below it?",
		[]string{compare + " Whoever holds the key can have images of these names run here."}
}

// takeAnswer trusts the key that was asked about, goes on to the next, or ends.
func (s *Screen) takeAnswer(a trustAnswer) screen.Out {
	switch {
	case a.load != s.add.load || a.key != len(s.add.verdicts):
		return screen.Out{}
	case a.choice == take:
		return screen.Do(s.trust(s.add.offers[a.key].Key))
	case a.choice == skip:
		return s.askNext(s.skipped())
	}
	return s.finish()
}

func (s *Screen) trust(key engine.KeyInfo) tea.Cmd {
	load, prefix := s.add.load, s.add.prefix()
	return func() tea.Msg {
		change, err := s.engine.Trust(prefix, key)
		return trusted{load, change, err}
	}
}

// takeTrusted goes on to the next key. Where one could not be trusted nobody is
// asked about the others: the same stands in their way.
func (s *Screen) takeTrusted(m trusted) screen.Out {
	if m.load != s.add.load {
		return screen.Say(Changed{}) // whoever asked has gone on, and it counts all the same
	}
	if m.err != nil {
		s.add.err = m.err
		s.add.verdicts = append(s.add.verdicts, verdict{words: m.err.Error()})
		return s.finish()
	}
	out := s.askNext(s.done(m.change))
	out.Cmd = func() tea.Msg { return counts{} } // whatever becomes of the others
	return out
}

// askNext asks about the key after this one, and ends with the last.
func (s *Screen) askNext(v verdict) screen.Out {
	s.add.verdicts = append(s.add.verdicts, v)
	if len(s.add.verdicts) < len(s.add.offers) {
		return s.ask()
	}
	return s.finish()
}
