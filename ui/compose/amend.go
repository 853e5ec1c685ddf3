package compose

import (
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/screen"
)

// amend does what changes more than one field, or says more than that it was done.
func (s *Screen) amend(a keymap.Action) screen.Out {
	switch a {
	case keymap.ComposeChanged:
		return s.toDifference()
	case keymap.ComposeResetApp:
		return s.resetApp()
	case keymap.ComposeDuplicate:
		return s.duplicate()
	case keymap.ComposeAddHere:
		return s.addHere()
	case keymap.ComposeSecret:
		return s.mark()
	case keymap.ComposeShowSecrets:
		return s.uncover()
	}
	return screen.Out{}
}

// undo takes the last change back, and says which that was.
func (s *Screen) undo() screen.Out {
	was := s.draft.moment
	if !s.draft.undo() {
		return screen.Say(screen.Notice{Text: "nothing to undo"})
	}
	return s.travelled("undone: " + s.tellMoment(s.draft.moment, was))
}

func (s *Screen) redo() screen.Out {
	was := s.draft.moment
	if !s.draft.redo() {
		return screen.Say(screen.Notice{Text: "nothing to redo"})
	}
	return s.travelled("done again: " + s.tellMoment(was, s.draft.moment))
}

func (s *Screen) travelled(words string) screen.Out {
	return screen.Out{Cmd: s.follow(), Wish: screen.Notice{Text: words}}
}

// duplicate adds an app that is as the one that is open, behind it, under a name that
// is free.
func (s *Screen) duplicate() screen.Out {
	if s.at.kind != appSection || s.at.app >= len(s.draft.pod.Apps) {
		return screen.Say(screen.Notice{Text: "this duplicates an app: go to one"})
	}
	i := s.at.app
	s.draft.change(func(p *spec.Pod) {
		app := clone(spec.Pod{Apps: p.Apps[i : i+1]}).Apps[0]
		app.Name = s.freeName(p, s.appName(i))
		p.Apps = append(p.Apps[:i+1], append([]spec.App{app}, p.Apps[i+1:]...)...)
	})
	cursor, right := s.cursor, s.right
	s.open(section{app: i + 1}, right) // the same field of the other: it is what is changed next
	s.moveTo(cursor)
	return screen.Out{Cmd: s.follow(), Wish: screen.Notice{Text: s.appName(i) + " is here twice; this one is " + s.appName(i+1)}}
}
