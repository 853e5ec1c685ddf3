package pods

import (
	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
)

func (s *Screen) key(k tea.KeyPressMsg) screen.Out {
	if s.filtering {
		s.filterKey(k)
		return screen.Out{}
	}
	return s.act(s.env.Keys.Action(k, keymap.Pods, keymap.Pod, keymap.List, keymap.Everywhere))
}

// Act does what an action says, whatever it came by.
func (s *Screen) Act(a keymap.Action) screen.Out { return s.peeked(s.act(a)) }

func (s *Screen) act(a keymap.Action) screen.Out {
	if s.table.Move(a) {
		s.want = ""
		return screen.Out{}
	}
	switch a {
	case keymap.Back, keymap.Quit:
		return s.back()
	case keymap.PodsOpen:
		return s.open()
	case keymap.PodInspect:
		return s.inspect()
	case keymap.PodsMark:
		s.mark()
	case keymap.PodsPeek:
		s.togglePeek()
	case keymap.PodsMarkAll:
		s.markAll()
	case keymap.PodsInvert:
		s.invert()
	case keymap.PodsFilter:
		s.filtering, s.before = true, s.filter.Value()
		s.search("")
	case keymap.PodsSort:
		s.nextOrder()
	case keymap.PodsReverse:
		s.turn()
	case keymap.PodsCollect:
		return s.askCollect()
	case keymap.PodAttach, keymap.PodEnter:
		if p := s.current(); p != nil {
			return s.terminal(a, p, "")
		}
	default:
		return s.ask(a, s.chosen())
	}
	return screen.Out{}
}

// back leaves the search, the selection, the peek, the screen.
func (s *Screen) back() screen.Out {
	switch {
	case s.filter.Value() != "":
		s.search("")
	case s.marks > 0:
		s.unmark(s.all)
	case s.peek.on:
		s.togglePeek()
	default:
		return screen.Say(screen.Leave{})
	}
	return screen.Out{}
}

// Under is the pod under the cursor, "" if there is none that is more than a start.
func (s *Screen) Under() string {
	if p := s.current(); p != nil && !p.start {
		return p.UUID
	}
	return ""
}

func (s *Screen) open() screen.Out {
	p := s.current()
	if p == nil {
		return screen.Out{}
	}
	images := make(map[string]string, len(p.Apps))
	for _, a := range p.Apps {
		images[a.ImageID] = a.Image
	}
	return screen.Say(Open{p.UUID, stages.AppNames(p.Status), images, p.State == poddir.Preparing})
}

// inspect wishes for the page of the pod under the cursor. Of a start there is
// nothing but its screen.
func (s *Screen) inspect() screen.Out {
	switch p := s.current(); {
	case p == nil:
		return screen.Out{}
	case p.start:
		return s.open()
	default:
		return screen.Say(Inspect{p.UUID})
	}
}
