package pod

import (
	"strings"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
)

// Say implements screen.Speaker.
func (s *Screen) Say() screen.Spoken {
	said := screen.Spoken{Name: s.Name() + ", " + s.at.name()}
	switch {
	case s.state.Gone:
		said.About = "removed"
	case s.state.Doing != "":
		said.About = s.state.Doing
	default:
		said.About = stages.PodState(s.state.Status, s.env.Now())
	}
	if s.at == apps {
		said.Of = len(s.state.Status.Apps)
		if i := s.table.Cursor(); i >= 0 {
			said.Key, said.Item, said.At = s.state.Status.Apps[i].Name, s.Row(i), i+1
		}
		return said
	}
	said.Text = s.sayRows()
	return said
}

// sayRows says a section that is only read.
func (s *Screen) sayRows() []string {
	if why := s.why[s.at]; why != nil {
		return []string{why.Error()}
	}
	if s.at == command {
		if len(s.pod.Apps) == 0 {
			return nil
		}
		return []string{spec.Quote(s.words())}
	}
	var lines []string
	head := ""
	for _, r := range s.rows[s.at] {
		words := strings.TrimLeft(r.text, "→! ✗")
		if s.at == manifest {
			words = r.text
		}
		if r.head != "" {
			head = r.head + " "
		}
		if s.at == manifest || s.at == events {
			lines = append(lines, strings.TrimRight(r.head+" "+words, " "))
			continue
		}
		lines = append(lines, head+words)
	}
	return lines
}

// Row implements screen.Speaker.
func (s *Screen) Row(i int) string {
	if s.at != apps || i >= len(s.state.Status.Apps) {
		return ""
	}
	return s.table.Say(i, "app", s.fill)
}

// name is what a section is called.
func (s section) name() string { return sectionNames()[s] }

// Point implements screen.Speaker.
func (s *Screen) Point(i int) screen.Out {
	s.table.Select(i)
	return screen.Out{}
}
