package pods

import (
	"strings"

	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/table"
)

// Say implements screen.Speaker.
func (s *Screen) Say() screen.Spoken {
	said := screen.Spoken{Name: "pods", About: strings.ReplaceAll(s.tally(), " · ", ", "), Of: len(s.rows)}
	if s.filtering {
		said.Field = &screen.SpokenField{Name: "search", Value: s.filter.Value(), Note: "a name, an app, an image, a state"}
	}
	switch {
	case s.err != nil:
		said.About = s.err.Error()
	case !s.loaded:
	case len(s.all) == 0:
		said.About = "no pods"
	case len(s.rows) == 0:
		said.About += ", nothing matches"
	}
	if p := s.current(); p != nil {
		i := s.table.Cursor()
		said.Key, said.Item, said.At = p.UUID, s.Row(i), i+1
	}
	const most = 200 // of those in the list; more change than anybody hears
	for _, p := range s.rows[:min(len(s.rows), most)] {
		words, _ := s.state(p)
		said.Going = append(said.Going, screen.Going{
			Key: "pod " + p.UUID, Words: stages.PodLabel(p.Status) + " " + words, Known: true,
		})
	}
	return said
}

// Row implements screen.Speaker. The picture of the load is nothing to be heard.
func (s *Screen) Row(i int) string {
	if i >= len(s.rows) {
		return ""
	}
	return s.table.Say(i, "pod", func(i int, r *table.Row) {
		s.fill(i, r)
		r.Cells[graphColumn].Text = ""
	})
}

// Point implements screen.Speaker.
func (s *Screen) Point(i int) screen.Out {
	s.table.Select(i)
	return screen.Out{}
}
