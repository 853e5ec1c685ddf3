// Package shelf is the screen of what was composed before: pods with names, drafts
// that other sessions left, and what was run. One of them goes into the form, or is
// run again from there, with the form's questions; nothing is run from here.
//
// What is on the shelf is kept by package drafts; how the pods that were run are now
// is told by the root.
package shelf

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/match"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/table"
)

// Open is the wish to have a pod in the form.
type Open struct {
	Draft drafts.Draft
	What  string // what it is called in a message
}

// Run is the wish to run a pod again, by way of the form.
type Run Open

// States tells how a pod of this host is now.
type States func(uuid string) (poddir.Status, bool)

// Screen is the shelf.
type Screen struct {
	env    *screen.Env
	drafts *drafts.Drafts // nil: nothing is kept
	states States

	all    []item
	rows   []row
	err    error // why a part of it is missing
	loaded bool
	table  table.Table
	listAt int // the row where the table was drawn

	filtering bool
	filter    field.Line
	query     match.Query
}

// New returns the screen; Show fills it.
func New(env *screen.Env, all *drafts.Drafts, states States) *Screen {
	s := &Screen{env: env, drafts: all, states: states}
	s.table = table.Table{Columns: slices.Clone(columns), Fixed: func(i int) bool { return s.rows[i].heading != "" }}
	return s
}

// Typing reports whether letters go into a field.
func (s *Screen) Typing() bool { return s.filtering }

// Problem is what stands in the way of the list, or of the pod under the cursor.
func (s *Screen) Problem() string {
	switch it := s.current(); {
	case s.err != nil:
		return s.err.Error()
	case it != nil && it.err != nil:
		return it.label() + " can't be read: " + it.err.Error()
	}
	return ""
}

// Show is said when the screen is gone to. It returns the work of reading.
func (s *Screen) Show() tea.Cmd { return s.load }

// loaded is what is on the shelf.
type loaded struct {
	of    *Screen
	saved []drafts.Saved
	left  []drafts.Other
	past  []drafts.Run
	err   error
}

func (s *Screen) load() tea.Msg {
	m := loaded{of: s}
	if s.drafts == nil {
		return m
	}
	var failed error
	m.saved, m.err = s.drafts.Saved()
	m.left = s.drafts.Others()
	if m.past, failed = s.drafts.History(); m.err == nil {
		m.err = failed
	}
	return m
}

// Update takes a message.
func (s *Screen) Update(msg tea.Msg) screen.Out {
	switch msg := msg.(type) {
	case loaded:
		if msg.of == s {
			s.take(msg)
		}
	case named:
		return s.takeNamed(msg)
	case removeAnswer:
		return screen.Do(s.remove(msg.item))
	case done:
		return s.takeDone(msg)
	case tea.PasteMsg:
		if s.filtering {
			s.filter.Insert(oneLine(msg.Content))
			s.search(s.filter.Value())
		}
	case tea.KeyPressMsg:
		return s.key(msg)
	case screen.Click:
		if s.table.Click(msg.Y - s.listAt) {
			s.filtering = false
		}
	case screen.Wheel:
		s.table.Select(s.table.Place() + msg.By)
	}
	return screen.Out{}
}

func (s *Screen) key(k tea.KeyPressMsg) screen.Out {
	if s.filtering {
		s.filterKey(k)
		return screen.Out{}
	}
	return s.Act(s.env.Keys.Action(k, keymap.Shelf, keymap.List, keymap.Everywhere))
}

// Act does what an action says, whatever it came by.
func (s *Screen) Act(a keymap.Action) screen.Out {
	if s.table.Move(a) {
		return screen.Out{}
	}
	switch a {
	case keymap.ShelfFilter:
		s.filtering = true
	case keymap.Back, keymap.Quit:
		if s.filter.Value() == "" {
			return screen.Say(screen.Leave{})
		}
		s.search("")
	default:
		if it := s.current(); it != nil {
			return s.act(a, *it)
		}
	}
	return screen.Out{}
}

// act does something with the item under the cursor.
func (s *Screen) act(a keymap.Action, it item) screen.Out {
	switch a {
	case keymap.ShelfRemove:
		return s.askRemove(it)
	case keymap.ShelfRename:
		return s.askRename(it)
	case keymap.ShelfOpen, keymap.ShelfRun, keymap.ShelfDuplicate:
		if why := it.empty(); why != "" {
			return screen.Say(screen.Notice{Text: why, Wrong: true})
		}
	}
	switch a {
	case keymap.ShelfOpen:
		return screen.Say(Open{it.draft, it.label()})
	case keymap.ShelfRun:
		return screen.Say(Run{it.whole(), it.label()})
	case keymap.ShelfDuplicate:
		return s.AskSave(s, it.whole(), it.copyName(s.taken))
	}
	return screen.Out{}
}

// taken reports whether a pod is saved under a name, as far as is known.
func (s *Screen) taken(name string) bool {
	return slices.ContainsFunc(s.all, func(it item) bool { return it.kind == savedPod && it.name == name })
}

// Footer is the actions that matter now.
func (s *Screen) Footer() []keymap.Action {
	if s.filtering {
		return []keymap.Action{keymap.EditAccept, keymap.EditCancel}
	}
	it := s.current()
	if it == nil {
		return []keymap.Action{keymap.Back}
	}
	actions := []keymap.Action{keymap.ShelfOpen, keymap.ShelfRun, keymap.ShelfDuplicate}
	if it.kind == savedPod {
		actions = append(actions, keymap.ShelfRename)
	}
	return append(actions, keymap.ShelfRemove, keymap.ShelfFilter, keymap.Back)
}

// Name is what a pod is saved under unless somebody says otherwise: what it is called,
// or else what its first app is.
func Name(pod spec.Pod) string {
	switch {
	case pod.Name != "":
		return pod.Name
	case len(pod.Apps) == 0:
		return ""
	}
	return appName(pod.Apps[0])
}
