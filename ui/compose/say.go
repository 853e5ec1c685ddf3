package compose

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/text"
)

// Say implements screen.Speaker.
func (s *Screen) Say() screen.Spoken {
	if s.written != nil {
		return s.sayWritten()
	}
	said := screen.Spoken{Name: "compose", About: text.Count(len(s.draft.pod.Apps), "app")}
	if n := len(s.problems); n > 0 {
		said.About += ", " + text.Count(n, "problem")
	}
	if !s.right {
		all := sections(&s.draft.pod)
		said.Of = len(all)
		for i, c := range all {
			if c == s.at {
				said.Key, said.Item, said.At = "section "+strconv.Itoa(i), s.Row(i), i+1
			}
		}
		return said
	}
	said.Name = "compose, " + strings.ReplaceAll(s.heading(), " · ", ", ")
	said.Of = len(s.rows)
	r := s.current()
	if r == nil {
		return said
	}
	said.Key, said.Item, said.At = r.key, s.Row(s.cursor), s.cursor+1
	if s.editing != nil {
		said.Field = s.sayField()
	}
	return said
}

// Row implements screen.Speaker: a part of the pod, or, among fields, a field with its
// value and where that comes from.
func (s *Screen) Row(i int) string {
	if s.written != nil {
		return ""
	}
	if !s.right {
		if all := sections(&s.draft.pod); i < len(all) {
			return s.saySection(all[i])
		}
		return ""
	}
	if i >= len(s.rows) {
		return ""
	}
	r := s.rowAt(i)
	words := s.labelOf(i) + ": " + r.value
	if r.value == "" {
		words = s.labelOf(i) + ": empty"
	}
	if r.differs() {
		words += ", changed"
	}
	for _, more := range []string{r.note, strings.TrimPrefix(r.alert, "! ")} {
		if more != "" {
			words += ", " + more
		}
	}
	if p := s.problemOf(r); p != nil {
		words += ", problem: " + p.text
	}
	for _, below := range r.below {
		words += ", " + strings.TrimSpace(below)
	}
	return words
}

// labelOf is what a field is called: where rows share a label the first has it.
func (s *Screen) labelOf(i int) string {
	for ; i >= 0; i-- {
		if label := s.rowAt(i).label; label != "" {
			return strings.TrimSpace(label)
		}
	}
	return "field"
}

func (s *Screen) saySection(c section) string {
	var words string
	switch c.kind {
	case appSection:
		words = "app " + strconv.Itoa(c.app+1) + ", " + s.appName(c.app) + ", " + cmp.Or(s.draft.pod.Apps[c.app].Image, "no image")
	case addSection:
		words = "add an app"
	case podSection:
		words = "the pod, what all its apps share"
	case volumesSection:
		words = "volumes, " + text.Number(len(s.draft.pod.Volumes))
	case networkSection:
		words = strings.TrimSpace("network" + strings.ReplaceAll(s.networkMark(), " · ", ", "))
	}
	if n := s.differences(c); n > 0 && (c.kind == appSection || c.kind == podSection) {
		words += ", " + text.Count(n, "field") + " changed"
	}
	if s.hasProblem(c) {
		words += ", has a problem"
	}
	return words
}

// sayField says the field that is typed into. A secret is not said.
func (s *Screen) sayField() *screen.SpokenField {
	f := &screen.SpokenField{Name: s.labelOf(s.cursor), Value: s.path.Value(), Note: s.hint(), Fits: s.candidates()}
	if at := s.hides(); at >= 0 {
		f.Value = f.Value[:at] + "a secret"
	}
	return f
}

// sayWritten says the pod in other words.
func (s *Screen) sayWritten() screen.Spoken {
	f := s.written.forms[s.written.at]
	said := screen.Spoken{Name: "the pod as " + f.name, About: f.use}
	body := f.body
	if f.shows != "" {
		body = f.shows
	}
	if body != "" {
		said.Text = strings.Split(strings.TrimRight(body, "\n"), "\n")
	}
	for _, note := range f.notes {
		said.Text = append(said.Text, "note: "+note)
	}
	return said
}

// Point implements screen.Speaker.
func (s *Screen) Point(i int) screen.Out {
	if all := sections(&s.draft.pod); !s.right && i < len(all) {
		s.open(all[i], false)
	} else if s.right {
		s.moveTo(i)
	}
	return screen.Out{}
}
