package compose

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/spec"
)

// people are those that an image has names for.
type people struct {
	engine.People
	read bool // they are known
}

// peopleRead is the answer whom an image knows.
type peopleRead struct {
	id string
	engine.People
	err error
}

// seePeople returns the work of reading whom the images of the draft know, of those
// that nobody has asked yet.
func (s *Screen) seePeople() tea.Cmd {
	var cmds []tea.Cmd
	for i := range s.draft.pod.Apps {
		k := s.of(i)
		id := k.image.ID
		if !k.found || s.people[id] != nil {
			continue
		}
		s.people[id] = &people{}
		cmds = append(cmds, func() tea.Msg {
			all, err := s.engine.People(id)
			return peopleRead{id, all, err}
		})
	}
	return tea.Batch(cmds...)
}

func (s *Screen) takePeople(m peopleRead) {
	s.people[m.id] = &people{m.People, m.err == nil}
	s.refresh()
}

// knows are those whom the image of app i has names for: nobody, as long as they
// are not read.
func (s *Screen) knows(i int) people {
	if k := s.of(i); k.found && s.people[k.image.ID] != nil {
		return *s.people[k.image.ID]
	}
	return people{}
}

// strangers are the user and the group of app i if the image has no such name. A
// number, and who owns a file, need none.
func (s *Screen) strangers(i int) []spec.Problem {
	known := s.knows(i)
	if !known.read {
		return nil
	}
	var problems []spec.Problem
	e := s.draft.pod.ResolveApp(i, s.manifest(i), spec.Surroundings{})
	for _, t := range []struct {
		field, file, name string
		all               []engine.Person
	}{
		{"user", "/etc/passwd", e.User.Value, known.Users},
		{"group", "/etc/group", e.Group.Value, known.Groups},
	} {
		named := func(p engine.Person) bool { return p.Name == t.name }
		if t.name == "" || t.name[0] == '/' || isNumber(t.name) || slices.ContainsFunc(t.all, named) {
			continue
		}
		problems = append(problems, spec.Problem{
			Path:    fmt.Sprintf("apps[%d].%s", i, t.field),
			Message: fmt.Sprintf("%s %q: there is none of that name in the image's %s%s", t.field, t.name, t.file, perhaps(t.name, t.all)),
		})
	}
	return problems
}

func isNumber(s string) bool { return strings.Trim(s, "0123456789") == "" }

// perhaps is a name that is like the one that was typed.
func perhaps(name string, all []engine.Person) string {
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.Name
	}
	if guess := spec.Nearest(name, names); guess != "" {
		return fmt.Sprintf("; perhaps %q is meant", guess)
	}
	return ""
}

// named offers names, each with its number.
func named(all []engine.Person) func() []offer {
	return func() []offer {
		list := make([]offer, len(all))
		for i, p := range all {
			list[i] = offer{p.Name, strconv.Itoa(p.ID)}
		}
		return list
	}
}
