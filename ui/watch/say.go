package watch

import (
	"strconv"
	"strings"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
)

// Say implements screen.Speaker. What apps write is asked for by Heard.
func (s *Screen) Say() screen.Spoken {
	how, _, found := strings.Cut(s.Where(), " · ")
	if !found { // what it is called, and how it ended is not known yet
		how = ""
	}
	said := screen.Spoken{Name: "watch " + s.Name(), About: how}
	if s.find.open {
		said.Field = &screen.SpokenField{Name: "search the output", Value: s.find.line.Value()}
	}
	if app := s.window().App(); app != "" {
		said.Name += ", output of app " + app
	}
	_, said.Of = s.window().Position()
	if s.window().Searched() != "" {
		if l, n, ok := s.window().Match(); ok {
			said.Key, said.Item = "line "+strconv.Itoa(n), "found "+sayLine(l)
		}
		said.About = strings.TrimPrefix(said.About+", ", ", ") + strings.ReplaceAll(s.place(s.window()), " · ", ", ")
	}
	for _, line := range s.stages.Say(s.env.Now()) {
		said.Going = append(said.Going, screen.Going{Key: line.Key, Words: line.Words})
	}
	add := func(key, words string) {
		if words != "" {
			said.Going = append(said.Going, screen.Going{Key: key, Words: words})
		}
	}
	if s.err != nil && !s.stages.Failed() {
		add("failure", s.err.Error())
	}
	if err := s.refused(); err != nil {
		add("mend", dialog.Mend(err))
	}
	if s.logErr != nil {
		add("log", s.logErr.Error())
	}
	if a := s.culprit(); a != nil {
		add("means", stages.Meaning(a.Status, a.Cause))
	}
	return said
}

// Row implements screen.Speaker: one of the lines of output.
func (s *Screen) Row(i int) string {
	l, ok := s.window().Line(i)
	if !ok {
		return ""
	}
	return sayLine(l)
}

// Heard is what apps have written since an earlier call, which returned next; at most so
// many lines, each with its app, and how many were left out.
func (s *Screen) Heard(since, most int) (lines []string, left, next int) {
	all, left, next := s.window().Since(since, most)
	for _, l := range all {
		lines = append(lines, sayLine(l))
	}
	return lines, left, next
}

func sayLine(l poddir.LogLine) string {
	if l.App == "" {
		return l.Text
	}
	return l.App + ": " + l.Text
}

// Point implements screen.Speaker.
func (s *Screen) Point(_ int) screen.Out {
	return screen.Out{}
}
