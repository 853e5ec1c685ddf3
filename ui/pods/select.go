package pods

import (
	"slices"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
)

// current is the pod under the cursor, nil if there is none.
func (s *Screen) current() *pod {
	if i := s.table.Cursor(); i >= 0 && i < len(s.rows) {
		return s.rows[i]
	}
	return nil
}

// chosen is what an action is for: the pods that are selected, or else the one
// under the cursor. What a search hides nobody sees, and nothing is done to it.
func (s *Screen) chosen() []*pod {
	var all []*pod
	for _, p := range s.rows {
		if p.marked {
			all = append(all, p)
		}
	}
	if under := s.current(); len(all) == 0 && under != nil {
		all = append(all, under)
	}
	return all
}

// count counts what each drawing tells.
func (s *Screen) count() {
	s.running, s.marks = 0, 0
	for _, p := range s.all {
		if p.State == poddir.Running {
			s.running++
		}
		if p.marked {
			s.marks++
		}
	}
}

// hidden is how many of those that are selected a search does not show.
func (s *Screen) hidden() int {
	n := s.marks
	for _, p := range s.rows {
		if p.marked {
			n--
		}
	}
	return n
}

// mark selects the pod under the cursor, or no longer, and goes on to the next.
func (s *Screen) mark() {
	if p := s.current(); p != nil {
		p.marked = !p.marked
		s.count()
		s.table.Move(keymap.Down)
	}
}

// markAll selects all that are shown, or none if they are.
func (s *Screen) markAll() {
	every := !slices.ContainsFunc(s.rows, func(p *pod) bool { return !p.marked })
	for _, p := range s.rows {
		p.marked = !every
	}
	s.count()
}

// invert selects what is shown and was not selected, and nothing else of it.
func (s *Screen) invert() {
	for _, p := range s.rows {
		p.marked = !p.marked
	}
	s.count()
}

// unmark selects none of some pods.
func (s *Screen) unmark(pods []*pod) {
	for _, p := range pods {
		p.marked = false
	}
	s.count()
}
