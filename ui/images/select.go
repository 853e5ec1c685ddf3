package images

import (
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/text"
)

// mark selects the image under the cursor, or no longer, and goes on to the
// next, so that holding the key selects many.
func (s *Screen) mark() {
	img, ok := s.current()
	if !ok {
		return
	}
	if s.marked[img.ID] {
		delete(s.marked, img.ID)
	} else {
		s.marked[img.ID] = true
	}
	s.table.Move(keymap.Down)
}

// markAll selects all that are shown, or none of them if they are.
func (s *Screen) markAll() {
	every := true
	for _, i := range s.rows {
		every = every && s.marked[s.all[i].ID]
	}
	for _, i := range s.rows {
		if every {
			delete(s.marked, s.all[i].ID)
		} else {
			s.marked[s.all[i].ID] = true
		}
	}
}

// invert selects what is shown and was not selected, and nothing else of it.
func (s *Screen) invert() {
	for _, i := range s.rows {
		if id := s.all[i].ID; s.marked[id] {
			delete(s.marked, id)
		} else {
			s.marked[id] = true
		}
	}
}

// chosen is what an action is for that can't be undone: the images that are selected,
// or else the one under the cursor. What a search hides nobody sees, and nothing is
// done to it.
func (s *Screen) chosen() []engine.Entry {
	var all []engine.Entry
	for _, i := range s.rows {
		if s.marked[s.all[i].ID] {
			all = append(all, s.all[i])
		}
	}
	if under, ok := s.current(); ok && len(all) == 0 {
		all = append(all, under)
	}
	return all
}

// selected tells how many are, and how many of them a search does not show.
func (s *Screen) selected() string {
	if len(s.marked) == 0 {
		return ""
	}
	hidden := len(s.marked)
	for _, i := range s.rows {
		if s.marked[s.all[i].ID] {
			hidden--
		}
	}
	words := text.Number(len(s.marked)) + " selected"
	if hidden > 0 {
		words += " (" + text.Number(hidden) + " hidden)"
	}
	return words
}
