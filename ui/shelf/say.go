package shelf

import (
	"strings"

	"github.com/podtui/podtui/ui/screen"
)

// Say implements screen.Speaker.
func (s *Screen) Say() screen.Spoken {
	said := screen.Spoken{Name: s.Where(), About: strings.ReplaceAll(s.count(), " · ", ", "), Of: len(s.rows)}
	if s.filtering {
		said.Field = &screen.SpokenField{Name: "search", Value: s.filter.Value(), Note: "a name, an app, an image"}
	}
	switch {
	case s.drafts == nil:
		said.About = "nothing is kept here"
	case s.loaded && len(s.all) == 0:
		said.About = "nothing yet"
	case s.loaded && len(s.rows) == 0:
		said.About += ", nothing matches"
	}
	if it := s.current(); it != nil {
		i := s.table.Cursor()
		said.Key, said.Item, said.At = it.id(), s.Row(i), i+1
	}
	return said
}

// Row implements screen.Speaker.
func (s *Screen) Row(i int) string {
	if i >= len(s.rows) {
		return ""
	}
	return s.table.Say(i, "pod", s.fill)
}

// Point implements screen.Speaker.
func (s *Screen) Point(i int) screen.Out {
	s.table.Select(i)
	return screen.Out{}
}
