package watch

import (
	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/field"
)

// finder is the line that what is searched for in the output is typed into.
type finder struct {
	open   bool
	line   field.Line
	before string // what was searched for when it was opened
}

// openFinder begins a new search; leaving it gives the one before back.
func (s *Screen) openFinder() {
	if s.uuid == "" {
		return
	}
	s.find.open, s.find.before = true, s.window().Searched()
	s.find.line.Set("")
	s.search("")
}

// Typing reports whether letters go into a field.
func (s *Screen) Typing() bool { return s.find.open }

// findKey takes a keystroke for the line. What is typed is found at once.
func (s *Screen) findKey(k tea.KeyPressMsg) {
	switch s.env.Keys.Action(k, keymap.Edit, keymap.Everywhere) {
	case keymap.EditAccept:
		s.find.open = false
	case keymap.EditCancel, keymap.Cancel:
		s.find.open = false
		s.search(s.find.before)
	case keymap.EditUp:
		s.window().NextMatch(-1)
	case keymap.EditDown:
		s.window().NextMatch(1)
	default:
		if s.find.line.Key(k, s.env.Keys) {
			s.search(s.find.line.Value())
		}
	}
}

// paste takes what is pasted while one types.
func (s *Screen) paste(content string) {
	if s.find.open {
		s.find.line.Insert(content)
		s.search(s.find.line.Value())
	}
}
