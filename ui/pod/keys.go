package pod

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/screen"
)

func (s *Screen) key(k tea.KeyPressMsg) screen.Out {
	return s.Act(s.env.Keys.Action(k, keymap.PodPage, keymap.Pod, keymap.List, keymap.Everywhere))
}

// Act does what an action says, whatever it came by.
func (s *Screen) Act(a keymap.Action) screen.Out {
	if s.move(a) {
		return screen.Out{}
	}
	switch a {
	case keymap.Back, keymap.Quit:
		return screen.Say(screen.Leave{})
	case keymap.PageNext:
		s.at = (s.at + 1) % sections
	case keymap.PagePrev:
		s.at = (s.at + sections - 1) % sections
	case keymap.PageCopy:
		return s.copy()
	case keymap.PageLogs:
		if !s.state.Gone {
			return screen.Say(Logs{s.UUID(), s.app()})
		}
	case keymap.PageStop, keymap.PageKill, keymap.PageRun, keymap.PageRemove:
		return screen.Say(Act{a, s.UUID(), ""})
	case keymap.PodAttach, keymap.PodEnter:
		return screen.Say(Act{a, s.UUID(), s.app()})
	}
	return screen.Out{}
}

// wheel moves by rows.
func (s *Screen) wheel(by int) {
	a := keymap.Down
	if by < 0 {
		a, by = keymap.Up, -by
	}
	for range by {
		s.move(a)
	}
}

// move does what a movement key says in the section that is shown.
func (s *Screen) move(a keymap.Action) bool {
	if s.at == apps {
		return s.table.Move(a)
	}
	if s.at == network && s.choosePort(a) {
		return true
	}
	top, page := &s.tops[s.at], max(s.pages[s.at]-1, 1)
	switch a {
	case keymap.Up:
		*top--
	case keymap.Down:
		*top++
	case keymap.PageUp:
		*top -= page
	case keymap.PageDown:
		*top += page
	case keymap.Home:
		*top = 0
	case keymap.End:
		*top = len(s.rows[s.at])
	default:
		return false
	}
	s.hold(s.at)
	return true
}

// hold keeps a section's window in it.
func (s *Screen) hold(at section) {
	s.tops[at] = max(min(s.tops[at], len(s.rows[at])-s.pages[at]), 0)
}

// app is the app under the cursor, where there is one.
func (s *Screen) app() string {
	if i := s.table.Cursor(); s.at == apps && i >= 0 && i < len(s.state.Status.Apps) {
		return s.state.Status.Apps[i].Name
	}
	return ""
}

// copy puts what the section shows into the clipboard.
func (s *Screen) copy() screen.Out {
	var rows []string
	switch s.at {
	case apps:
		return screen.Say(screen.Copy{Text: s.UUID(), What: "the UUID"})
	case network:
		return s.copyNetwork()
	case command:
		return screen.Say(screen.Copy{Text: spec.Quote(s.words()), What: "the command line"})
	case manifest:
		return screen.Say(screen.Copy{Text: s.json, What: "the manifest"})
	}
	for _, r := range s.rows[s.at] {
		rows = append(rows, strings.TrimSpace(r.head+"  "+r.text))
	}
	return screen.Say(screen.Copy{Text: strings.Join(rows, "\n"), What: "the section"})
}

// Footer is the actions that matter now.
func (s *Screen) Footer() []keymap.Action {
	actions := []keymap.Action{keymap.PageLogs, keymap.PageNext}
	switch {
	case s.state.Gone:
		return []keymap.Action{keymap.PageNext, keymap.Back}
	case s.state.Status.State == poddir.Running:
		actions = append(actions, keymap.PageStop, keymap.PodAttach, keymap.PodEnter, keymap.PageRun)
	default:
		actions = append(actions, keymap.PageRun, keymap.PageRemove)
	}
	if s.at == network { // where it is what one comes for
		return slices.Concat([]keymap.Action{keymap.PageCopy}, actions, []keymap.Action{keymap.Back})
	}
	return append(actions, keymap.PageCopy, keymap.Back)
}
