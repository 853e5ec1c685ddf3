package images

import (
	"github.com/podtui/podtui/ui/screen"
)

// click puts the cursor on what is under the mouse: an image, an offer, a fetch.
// Where a path is typed it does nothing: that ends with a key.
func (s *Screen) click(c screen.Click) screen.Out {
	f := &s.fetches
	switch i := c.Y - f.at; {
	case s.adding || f.open || !s.loaded:
	case len(f.list) > 0 && i >= 0 && i < f.rows:
		s.filtering, f.focus, f.cursor = false, true, f.first+i
	case s.table.Click(c.Y - s.listAt):
		s.filtering, f.focus = false, false
	}
	return screen.Out{}
}

// wheel moves in the list, or in the fetches below it.
func (s *Screen) wheel(w screen.Wheel) screen.Out {
	f := &s.fetches
	switch {
	case s.adding:
	case len(f.list) > 0 && (f.open || w.Y >= f.at):
		f.cursor += w.By
		f.current()
	default:
		s.table.Select(s.table.Place() + w.By)
	}
	return screen.Out{}
}
