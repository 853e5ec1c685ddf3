package compose

import (
	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/screen"
)

// Act does what an action says while nothing is typed into a field, whatever it came by.
func (s *Screen) Act(a keymap.Action) screen.Out {
	s.waiting, s.opened = false, 0
	if s.written != nil {
		return s.actWritten(a)
	}
	return s.act(a)
}

// act is Act for one that leads to another.
func (s *Screen) act(a keymap.Action) screen.Out {
	switch a {
	case keymap.Up, keymap.Down, keymap.PageUp, keymap.PageDown, keymap.Home, keymap.End:
		s.move(a)
	case keymap.ComposeOther:
		s.focus(!s.right)
	case keymap.ComposeLeft:
		s.focus(false)
	case keymap.ComposeRight:
		s.focus(true)
	case keymap.ComposeEdit:
		return s.enter()
	case keymap.ComposeAddApp:
		if why := s.fixed(); why != "" {
			return screen.Say(screen.Notice{Text: why})
		}
		return screen.Say(AddApp{})
	case keymap.ComposeRun:
		return s.run()
	case keymap.ComposeLine:
		out := s.showAs()
		out.Cmd = tea.Batch(out.Cmd, s.writeSecrets()) // for who takes the line away
		return out
	case keymap.ComposePaste:
		return s.askPaste()
	case keymap.ComposeMake:
		return s.askMake()
	case keymap.ComposeNetwork:
		return s.switchNetwork()
	case keymap.ComposeProblem:
		return s.toProblem()
	case keymap.Back, keymap.Quit:
		return s.back()
	default:
		return s.alter(a)
	}
	return screen.Out{}
}

// alter does what changes the draft.
func (s *Screen) alter(a keymap.Action) screen.Out {
	if why := s.fixed(); why != "" && s.movesApps(a) {
		return screen.Say(screen.Notice{Text: why})
	}
	switch a {
	case keymap.ComposeUndo:
		return s.undo()
	case keymap.ComposeRedo:
		return s.redo()
	case keymap.ComposeNew:
		return s.Replace(drafts.Draft{})
	case keymap.ComposeRemove:
		s.remove()
	case keymap.ComposeReset:
		s.apply(func(r *row) func(*spec.Pod) { return r.reset })
	case keymap.ComposeToggle:
		return s.toggle()
	case keymap.ComposeEarlier:
		s.shift(-1)
	case keymap.ComposeLater:
		s.shift(1)
	default:
		return s.amend(a)
	}
	return screen.Do(s.follow())
}

// toggle switches the field under the cursor, which stays there though others come.
func (s *Screen) toggle() screen.Out {
	key := ""
	if r := s.current(); s.right && r != nil {
		key = r.key
	}
	s.apply(func(r *row) func(*spec.Pod) { return r.toggle })
	look := s.follow()
	s.stay(key)
	return screen.Do(look)
}

// movesApps reports whether a key would remove an app, make it another, or put it
// elsewhere.
func (s *Screen) movesApps(a keymap.Action) bool {
	switch a {
	case keymap.ComposeRemove:
		return s.at.kind == appSection && !s.right
	case keymap.ComposeEarlier, keymap.ComposeLater, keymap.ComposeDuplicate, keymap.ComposeResetApp:
		return s.at.kind == appSection
	}
	return false
}

// move moves the cursor of the side that has the focus.
func (s *Screen) move(a keymap.Action) {
	const page = 10
	step := map[keymap.Action]int{keymap.Up: -1, keymap.Down: 1, keymap.PageUp: -page, keymap.PageDown: page,
		keymap.Home: -1 << 20, keymap.End: 1 << 20}[a]
	if s.right {
		s.moveTo(s.cursor + step)
		return
	}
	all, at := sections(&s.draft.pod), 0
	for i, c := range all {
		if c == s.at {
			at = i
		}
	}
	s.open(all[max(min(at+step, len(all)-1), 0)], false)
}

func (s *Screen) focus(right bool) { s.right = right && len(s.rows) > 0 }

// enter goes from the list into the fields, adds an app, or edits the field.
func (s *Screen) enter() screen.Out {
	switch {
	case s.at.kind == addSection && !s.right:
		return screen.Say(AddApp{})
	case !s.right:
		s.focus(true)
		return screen.Out{}
	}
	r := s.current()
	switch {
	case r == nil:
	case r.leads != nil:
		s.goTo(*r.leads)
	case r.folds != nil:
		s.unfold(r.folds)
	case r.edit != nil:
		return screen.Do(s.startEdit())
	case r.toggle != nil:
		return s.alter(keymap.ComposeToggle)
	}
	return screen.Out{}
}

// back goes from the fields to the list, and then leaves.
func (s *Screen) back() screen.Out {
	if s.right {
		s.right = false
		return screen.Out{}
	}
	return screen.Say(screen.Leave{})
}

// apply makes the change that the row under the cursor has for a key.
func (s *Screen) apply(of func(*row) func(*spec.Pod)) {
	r := s.current()
	if !s.right || r == nil {
		return
	}
	if f := of(r); f != nil {
		s.draft.change(f)
	}
}

// remove removes the row under the cursor, or the app. It does not ask: undo
// brings it back.
func (s *Screen) remove() {
	if s.right {
		s.apply(func(r *row) func(*spec.Pod) { return r.remove })
		return
	}
	if s.at.kind == appSection && s.at.app < len(s.draft.pod.Apps) {
		i := s.at.app
		s.draft.change(func(p *spec.Pod) { p.Apps = append(p.Apps[:i], p.Apps[i+1:]...) })
	}
}

// shift moves the app among the apps, or what the cursor is on in its list.
func (s *Screen) shift(by int) {
	if r := s.current(); s.right && r != nil && r.shift != nil {
		if s.draft.change(func(p *spec.Pod) { r.shift(p, by) }) {
			s.cursor += by
		}
		return
	}
	i := s.at.app
	j := i + by
	if s.at.kind != appSection || j < 0 || j >= len(s.draft.pod.Apps) {
		return
	}
	s.draft.change(func(p *spec.Pod) { p.Apps[i], p.Apps[j] = p.Apps[j], p.Apps[i] })
	s.at.app = j
}
