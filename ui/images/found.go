package images

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/ui/screen"
)

// What is found from elsewhere: by whoever searches everything at once.

// Stored are the images as they stand in the list now, and what a search looks at of
// each: what it is called, and more beside it.
func (s *Screen) Stored() (all []engine.Entry, folded func(i int) string) {
	looks := s.looks
	return s.all[:len(looks)], func(i int) string { return looks[i].folded }
}

// Label is what an image is called in lists.
func Label(img engine.Entry) string { return label(img) }

// Find shows an image, whatever was searched for before.
func (s *Screen) Find(id string) tea.Cmd {
	s.filtering, s.adding, s.fetches.focus, s.fetches.open = false, false, false, false
	work := s.search("")
	s.selectID(id)
	return join(work, s.follow())
}

// Fetch fetches what a reference names, as if it had been found by a search.
func (s *Screen) Fetch(reference string) screen.Out {
	s.fetches.open = false
	return s.after(s.fetch(reference))
}

// Fetchable is the reference that is typed, if it says by itself where an image is: a
// word is none, for it may be half of anything.
func Fetchable(typed string) (ref string, ok bool) {
	p := planOf(typed)
	switch {
	case p.direct != "":
		return p.direct, true
	case isPath(strings.TrimSpace(typed)):
		typed = strings.TrimSpace(typed)
		return reference(typed), !strings.HasSuffix(typed, "/")
	case len(p.wants) == 0:
		return "", false
	}
	_, err := imageref.Parse(strings.TrimSpace(typed), nil)
	return strings.TrimSpace(typed), err == nil
}
