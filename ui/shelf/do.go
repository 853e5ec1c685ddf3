package shelf

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/screen"
)

// named is a name that was typed: for a pod that is to be saved, or another one for
// one that is.
type named struct {
	of      *Screen
	over    any // the screen that was shown when it was asked for
	name    string
	draft   drafts.Draft
	from    string // the name before; "": the pod is saved
	replace bool
}

// done is how something went.
type done struct {
	of  *Screen
	did string
	err error
	ask *named // the name is taken: it is asked again
}

// AskSave asks, over some screen, under which name a pod is to be saved.
func (s *Screen) AskSave(over any, draft drafts.Draft, offer string) screen.Out {
	if s.drafts == nil {
		return screen.Say(screen.Notice{Text: "nothing is kept here", Wrong: true})
	}
	d := &dialog.Prompt{
		Title: "Save the pod as", Body: []string{"It is kept on this host until it is removed, and is found with " + s.keyOf(keymap.ComposeShelf) + "."},
		Check:  drafts.CheckName,
		Answer: func(name string) tea.Msg { return named{of: s, over: over, name: name, draft: draft} },
	}
	return screen.Say(screen.Ask{Dialog: d.Refused(offer, "")})
}

func (s *Screen) keyOf(a keymap.Action) string {
	key, _ := s.env.Keys.Hint(a)
	return key
}

func (s *Screen) askRename(it item) screen.Out {
	if it.kind != savedPod {
		return screen.Say(screen.Notice{Text: "only what is saved has a name; " + s.keyOf(keymap.ShelfDuplicate) + " saves it under one"})
	}
	d := &dialog.Prompt{
		Title: "Call the pod " + it.name + " instead", Check: drafts.CheckName,
		Answer: func(name string) tea.Msg { return named{of: s, name: name, from: it.name} },
	}
	return screen.Say(screen.Ask{Dialog: d.Refused(it.name, "")})
}

// takeNamed saves or renames.
func (s *Screen) takeNamed(m named) screen.Out {
	if m.of != s {
		return screen.Out{}
	}
	return screen.Do(func() tea.Msg {
		if m.from != "" {
			return done{of: s, did: m.from + " is called " + m.name + " now", err: s.drafts.Rename(m.from, m.name)}
		}
		err := s.drafts.Save(m.name, m.draft, m.replace)
		if errors.Is(err, drafts.ErrExists) {
			return done{of: s, ask: &m}
		}
		return done{of: s, did: "saved as " + m.name, err: err}
	})
}

// askReplace asks whether another pod is to have the name of one.
func (s *Screen) askReplace(m named) screen.Out {
	m.replace = true
	return screen.Say(screen.Ask{
		Dialog: dialog.NewConfirm(s.env.Now(), "Replace the pod "+m.name+"?", "replace", m, "Another one is saved under that name, and would be lost."),
		Over:   m.over, Unasked: true,
		Else: screen.Notice{Text: "nothing was saved: there is a pod " + m.name + " already", Wrong: true},
	})
}

// removeAnswer is the user's yes.
type removeAnswer struct{ item item }

func (s *Screen) askRemove(it item) screen.Out {
	if it.other.Live {
		return screen.Say(screen.Notice{Text: drafts.ErrLive.Error(), Wrong: true})
	}
	title, verb := "Remove "+it.label()+"?", "remove"
	body := "It can't be brought back."
	if it.kind == ranPod {
		title, verb, body = "Forget "+it.label()+"?", "forget", "The pod itself stays as it is, and so do its logs."
	}
	return screen.Say(screen.Ask{Dialog: dialog.NewConfirm(s.env.Now(), title, verb, removeAnswer{it}, body)})
}

func (s *Screen) remove(it item) tea.Cmd {
	return func() tea.Msg {
		d := done{of: s, did: "removed " + it.label()}
		switch it.kind {
		case savedPod:
			d.err = s.drafts.Remove(drafts.Saved{Name: it.name, At: it.at})
		case leftDraft:
			d.err = s.drafts.Forget(it.other)
		default:
			d.did, d.err = "forgot "+it.label(), s.drafts.ForgetRun(it.run.UUID)
		}
		return d
	}
}

// takeDone says how it went, and reads the shelf anew.
func (s *Screen) takeDone(m done) screen.Out {
	switch {
	case m.of != s:
		return screen.Out{}
	case m.ask != nil:
		return s.askReplace(*m.ask)
	}
	out := screen.Say(screen.Notice{Text: m.did})
	if m.err != nil {
		out = screen.Say(screen.Notice{Text: m.err.Error(), Wrong: true})
	}
	out.Cmd = s.load
	return out
}
