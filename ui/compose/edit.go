package compose

import (
	"cmp"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/screen"
)

// editing is a field that is being typed into. Each key makes the draft anew
// from what it was before, so that the command line and the problems follow;
// the rows stand still until it ends.
type editing struct {
	row  row
	base spec.Pod // the draft before
	open bool     // a quote is open
	from *stand   // where to go back to if nothing comes of it; nil: it stays here
}

func (s *Screen) startEdit() tea.Cmd {
	r := s.current()
	s.editing = &editing{row: *r, base: s.draft.pod}
	s.path.Set(r.edit.start)
	if r.edit.below != nil { // of what it holds at first
		s.editing.row.below = r.edit.below(&s.draft.pod)
	}
	if r.edit.variable {
		s.editing.row.below = s.spread(r.edit.start)
	}
	if !r.edit.path {
		return nil
	}
	s.path.Forget()
	return s.path.Refresh()
}

// editKey takes a keystroke while a field is typed into.
func (s *Screen) editKey(k tea.KeyPressMsg) screen.Out {
	a := s.env.Keys.Action(k, keymap.Edit, keymap.Everywhere)
	completes := a == keymap.EditNext && s.completes()
	switch {
	case a == keymap.EditCancel || a == keymap.Cancel:
		return s.cancelEdit()
	case s.path.Hold(k, completes && s.editing.row.edit.path):
		return screen.Out{}
	}
	switch a {
	case keymap.EditAccept:
		return s.endEdit(0)
	case keymap.EditDown:
		return s.endEdit(1)
	case keymap.EditUp:
		return s.endEdit(-1)
	case keymap.EditPrev:
		return s.turn(-1)
	case keymap.EditNext:
		if completes {
			if s.complete() {
				return s.typed()
			}
			if len(s.candidates()) > 1 {
				return screen.Out{} // they are on the screen: typing goes on
			}
		}
		return s.turn(1)
	case keymap.EditReset:
		return s.resetEdit()
	case keymap.EditBackspace:
		if s.path.Value() == "" {
			return s.resetEdit()
		}
	}
	if s.path.Line.Key(k, s.env.Keys) {
		return s.typed()
	}
	return screen.Out{}
}

// paste inserts text as it is; a line break at its end was not meant.
func (s *Screen) paste(content string) screen.Out {
	if s.editing == nil {
		return s.takePasted(content)
	}
	if s.path.Hold(tea.PasteMsg{Content: content}, false) {
		return screen.Out{}
	}
	s.path.Insert(strings.TrimRight(content, "\r\n"))
	return s.typed()
}

// typed puts what is typed into the draft. It becomes a change that can be
// undone when it ends.
func (s *Screen) typed() screen.Out {
	e := s.editing
	pod := clone(e.base)
	value := s.path.Value()
	e.row.edit.set(&pod, value)
	if e.row.edit.below != nil {
		e.row.below = e.row.edit.below(&pod)
	}
	if e.row.edit.variable {
		e.row.below = s.spread(value)
	}
	_, e.open = field.Words(value)
	e.open = e.open && e.row.key == "args"
	s.draft.pod = pod
	s.refresh()
	if e.row.edit.path {
		return screen.Do(tea.Batch(s.path.Refresh(), s.pause()))
	}
	if e.row.edit.rests {
		return screen.Do(s.pause())
	}
	return screen.Out{}
}

// warning is what deserves a look in what is typed, or "".
func (s *Screen) warning() string {
	warn := s.editing.row.edit.warn
	if warn == nil {
		return ""
	}
	return warn(s.path.Value())
}

// hint is how the field that is open is written, or what deserves a look in it.
func (s *Screen) hint() string { return cmp.Or(s.warning(), s.editing.row.edit.hint) }

// refused is why what is typed can't be kept, or "".
func (s *Screen) refused() string {
	if e := s.editing; e == nil || !e.row.edit.hard {
		return ""
	}
	return strings.TrimPrefix(s.warning(), "! ")
}

// keepTyping leaves open what can't be kept.
func (s *Screen) keepTyping() screen.Out {
	return screen.Say(screen.Notice{Text: s.refused(), Wrong: true})
}

// endEdit keeps what was typed, and goes on to a field nearby, not to edit it.
func (s *Screen) endEdit(by int) screen.Out {
	if s.refused() != "" {
		return s.keepTyping()
	}
	s.commit()
	s.moveTo(s.cursor + by)
	return screen.Do(s.follow())
}

// turn keeps what was typed and opens the next field that takes text, or the
// one before: who fills in a form from tab to tab goes on typing, and what he
// types must not become commands. At the end it stays in the field.
func (s *Screen) turn(by int) screen.Out {
	if s.refused() != "" {
		return s.keepTyping()
	}
	s.commit()
	look := s.follow()
	for i := s.cursor + by; i >= 0 && i < len(s.rows); i += by {
		if s.rows[i].edit != nil {
			s.cursor = i
			break
		}
	}
	if r := s.current(); r == nil || r.edit == nil {
		return screen.Do(look)
	}
	return screen.Do(tea.Batch(look, s.startEdit()))
}

// commit makes one change of all that was typed.
func (s *Screen) commit() {
	e, typed := s.editing, s.draft.pod
	s.editing = nil
	s.draft.pod = e.base
	if !s.draft.replace(typed) {
		return
	}
	s.refresh()
	switch {
	case e.row.key == newApp:
		s.open(section{app: len(s.draft.pod.Apps) - 1}, false)
	case e.row.key == newVar: // it joins those that were given here, which is elsewhere
		s.stay(varKey(parseVar(s.path.Value())))
	case e.row.key != "" && !strings.HasSuffix(e.row.key, " new"):
		s.stay(e.row.key)
	}
}

// cancelEdit makes the field what it was; redo brings back what was typed.
func (s *Screen) cancelEdit() screen.Out {
	s.path.Forget()
	before, from := len(s.draft.past), s.editing.from
	s.commit()
	if len(s.draft.past) > before {
		s.draft.undo()
	}
	look := s.follow()
	if from != nil {
		s.open(from.section, from.right)
		s.stay(from.key)
	}
	return screen.Do(look)
}

// resetEdit gives the field back to the image, and removes it if it is not of
// the image.
func (s *Screen) resetEdit() screen.Out {
	e := s.editing
	s.editing = nil
	s.draft.pod = e.base
	if e.row.reset != nil {
		s.draft.change(e.row.reset)
	}
	return screen.Do(s.follow())
}
