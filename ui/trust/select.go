package trust

import "github.com/podtui/podtui/keymap"

// listed are the entries that a search shows, in their order.
func (s *Screen) listed() (all []entry) {
	for _, r := range s.rows {
		if r.heading == "" {
			all = append(all, s.all[r.entry])
		}
	}
	return all
}

// mark selects the entry under the cursor, or no longer, and goes on to the next.
func (s *Screen) mark() {
	if e, ok := s.current(); ok {
		s.toggle(e)
		s.table.Move(keymap.Down)
	}
}

func (s *Screen) toggle(e entry) {
	if s.marked[e.id()] {
		delete(s.marked, e.id())
	} else {
		s.marked[e.id()] = true
	}
}

// markAll selects all that are shown, or none of them if they are.
func (s *Screen) markAll() {
	all, every := s.listed(), true
	for _, e := range all {
		every = every && s.marked[e.id()]
	}
	for _, e := range all {
		if every == s.marked[e.id()] {
			s.toggle(e)
		}
	}
}

// invert selects what is shown and was not selected, and nothing else of it.
func (s *Screen) invert() {
	for _, e := range s.listed() {
		s.toggle(e)
	}
}

// chosen is what is removed: the entries that are selected, or else the one under the
// cursor. What a search hides nobody sees, and nothing is done to it.
func (s *Screen) chosen() []entry {
	var all []entry
	for _, e := range s.listed() {
		if s.marked[e.id()] {
			all = append(all, e)
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
	for _, e := range s.listed() {
		if s.marked[e.id()] {
			hidden--
		}
	}
	words := number(len(s.marked)) + " selected"
	if hidden > 0 {
		words += " (" + number(hidden) + " hidden)"
	}
	return words + " · "
}

// dropMarks forgets what is selected and gone.
func (s *Screen) dropMarks() {
	there := map[string]bool{}
	for _, e := range s.all {
		if s.marked[e.id()] {
			there[e.id()] = true
		}
	}
	s.marked = there
}
