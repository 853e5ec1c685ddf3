package compose

import (
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/screen"
)

// drawn is what was drawn where, for the mouse.
type drawn struct {
	sections []section // from the second row on
	fields   []int     // of each row, -1: none
}

// click puts the cursor on what is under the mouse. A field that is open is left as
// with an arrow: what was typed is kept, or stays open if it can't be.
func (s *Screen) click(c screen.Click) screen.Out {
	left := c.X < listWidth(s.width)
	if left && (c.Y < 1 || c.Y > len(s.drawn.sections)) || !left && (c.Y >= len(s.drawn.fields) || s.drawn.fields[c.Y] < 0) {
		return screen.Out{}
	}
	var out screen.Out
	if s.editing != nil {
		if out = s.endEdit(0); s.editing != nil {
			return out
		}
	}
	s.waiting, s.opened = false, 0
	if left {
		s.open(s.drawn.sections[c.Y-1].within(&s.draft.pod), false)
		return out
	}
	s.focus(true)
	s.moveTo(s.drawn.fields[c.Y])
	return out
}

// wheel moves on the side that the mouse is over. Nothing is scrolled away from
// under who types.
func (s *Screen) wheel(w screen.Wheel) screen.Out {
	if s.editing != nil {
		return screen.Out{}
	}
	s.focus(w.X >= listWidth(s.width))
	a := keymap.Down
	if w.By < 0 {
		a, w.By = keymap.Up, -w.By
	}
	for range w.By {
		s.move(a)
	}
	return screen.Out{}
}
