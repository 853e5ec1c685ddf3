package compose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/screen"
)

// problem is something that stops the pod from running, and its field.
type problem struct{ path, text string }

// check collects what package spec says of the draft, and what a look at images
// and host adds to it.
func (s *Screen) check() []problem {
	pod := &s.draft.pod
	if len(pod.Apps) == 0 {
		return nil // an empty form is no mistake yet
	}
	var all []problem
	seen := map[string]bool{}
	add := func(path, text string) {
		if path == "ports" { // it is of all of them, and said at the first
			path = "ports[0]"
		}
		if !seen[path+text] && !s.unfinished(path) {
			seen[path+text] = true
			all = append(all, problem{path, text})
		}
	}
	for _, p := range pod.Check() {
		add(p.Path, p.Message)
	}
	for _, p := range engine.CheckIsolation(*pod) {
		add(p.Path, p.Message)
	}
	for _, p := range s.resolveProblems() {
		add(p.Path, p.Message)
	}
	for i := range pod.Apps {
		if err := s.of(i).err; err != nil {
			add(fmt.Sprintf("apps[%d].image", i), err.Error())
		}
	}
	for _, p := range s.otherApps() {
		add(p.Path, p.Message)
	}
	for _, p := range s.refuted() {
		add(p.Path, p.Message)
	}
	for i := range pod.Apps {
		for _, p := range s.strangers(i) {
			add(p.Path, p.Message)
		}
	}
	return all
}

// order puts problems into the order of their fields, as somebody who mends one after
// the other comes by them.
func (s *Screen) order(all []problem) {
	if len(all) < 2 {
		return
	}
	list, rows := sections(&s.draft.pod), make(map[section][]row)
	place := func(p problem) (section, field int) {
		c := sectionOf(p.path)
		if _, built := rows[c]; !built {
			rows[c] = s.build(c)
		}
		return slices.Index(list, c), rowAt(rows[c], p.path)
	}
	slices.SortStableFunc(all, func(a, b problem) int {
		sectionA, fieldA := place(a)
		sectionB, fieldB := place(b)
		return cmp.Or(cmp.Compare(sectionA, sectionB), cmp.Compare(fieldA, fieldB))
	})
}

// rowAt is the row of a field; one after all of them if it has none.
func rowAt(rows []row, path string) int {
	i := slices.IndexFunc(rows, func(r row) bool { return r.path != "" && hasPrefix(path, r.path) })
	if i < 0 {
		i = slices.IndexFunc(rows, func(r row) bool { return r.also != "" && hasPrefix(path, r.also) })
	}
	if i < 0 {
		return len(rows)
	}
	return i
}

// unfinished reports whether a field is being typed into and holds part of a word:
// what is wrong with that is no news.
func (s *Screen) unfinished(path string) bool {
	e := s.editing
	return e != nil && e.row.edit.offer != nil && e.row.path != "" && hasPrefix(path, e.row.path) && s.completes()
}

// resolveProblems are those that only the images show. Of images that are not
// known yet it says nothing.
func (s *Screen) resolveProblems() []spec.Problem {
	images := s.manifests()
	_, problems := s.draft.pod.Resolve(images, s.around())
	var known []spec.Problem
	for _, p := range problems {
		if i, ok := appOf(p.Path); ok && images[i].Manifest == nil {
			continue
		}
		known = append(known, p)
	}
	return known
}

// problemOf is the first problem of a row. Ports that are not published have one path,
// that of the next: while one is typed it is that row's alone.
func (s *Screen) problemOf(r *row) *problem {
	if e := s.editing; e != nil && r.path != "" && r.path == e.row.path && e.row.key != r.key {
		return nil
	}
	for i := range s.problems {
		p := &s.problems[i]
		if r.path != "" && hasPrefix(p.path, r.path) || r.also != "" && hasPrefix(p.path, r.also) {
			return p
		}
	}
	return nil
}

// hasProblem reports whether a section has one.
func (s *Screen) hasProblem(c section) bool {
	for _, p := range s.problems {
		if sectionOf(p.path) == c {
			return true
		}
	}
	return false
}

// toProblem opens the section of the first problem and puts the cursor on its
// field; of several, pressed again, on the next. Where nothing is wrong it goes to what
// deserves a look.
func (s *Screen) toProblem() screen.Out {
	if len(s.problems) == 0 {
		if s.toNext(func(r *row) bool { return r.alert != "" }) {
			return screen.Say(screen.Notice{Text: "nothing stops the pod, but look: " + strings.TrimPrefix(s.current().alert, "! ")})
		}
		return screen.Say(screen.Notice{Text: "no problems"})
	}
	next := 0
	if r := s.current(); s.right && r != nil {
		for i, p := range s.problems {
			if sectionOf(p.path) == s.at && r.path != "" && hasPrefix(p.path, r.path) {
				next = (i + 1) % len(s.problems)
			}
		}
	}
	p := s.problems[next]
	s.open(sectionOf(p.path), true)
	if i := rowAt(s.rows, p.path); i < len(s.rows) {
		s.cursor = i
	}
	return screen.Out{}
}

// Problem is what is wrong, for the line above the footer.
func (s *Screen) Problem() string {
	if s.editing != nil && s.editing.open {
		return "a quote is open"
	}
	if why := s.refused(); why != "" {
		return why
	}
	if len(s.problems) == 0 {
		return ""
	}
	text := s.problems[0].text
	if r := s.current(); s.right && r != nil {
		if p := s.problemOf(s.rowAt(s.cursor)); p != nil {
			text = p.text
			if free := s.freeInstead(p.path); free > 0 {
				text += fmt.Sprintf("; %d is free", free)
			}
		}
		if r.make != "" && s.editing == nil { // else the key is a letter
			key, _ := s.env.Keys.Hint(keymap.ComposeMake)
			text += "; " + key + " creates it"
		}
	}
	if n := len(s.problems) - 1; n > 0 {
		text += fmt.Sprintf("  (and %d more)", n)
	}
	return text
}
