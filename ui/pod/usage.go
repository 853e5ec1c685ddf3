package pod

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
)

// looked is what the apps use, and again the time to look again.
type looked struct {
	of   *Screen
	look int
	n    int
	uses []engine.Usage

	traffic []engine.Traffic
}

type again struct {
	of      *Screen
	look, n int
}

// Show returns the work of looking at what the apps use, as long as the page is
// on the screen.
func (s *Screen) Show() tea.Cmd {
	s.shown = true
	s.look++
	return s.measure(0)
}

// Hide stops looking.
func (s *Screen) Hide() { s.shown = false }

func (s *Screen) measure(n int) tea.Cmd {
	look, uuid, runs := s.look, s.UUID(), s.state.Status.State == poddir.Running
	return func() tea.Msg {
		if !runs {
			return looked{of: s, look: look, n: n}
		}
		uses, err := s.engine.PodUsage(uuid)
		if err != nil { // it has just ended
			uses = nil
		}
		traffic, err := s.engine.PodTraffic(uuid)
		if err != nil {
			traffic = nil
		}
		return looked{s, look, n, uses, traffic}
	}
}

// wait lets some time pass until the next look.
func (s *Screen) wait(n int) screen.Out {
	wait, look := stages.Every, s.look
	_, waits := stages.NextStart(s.state.Status)
	switch {
	case n == 0:
		wait = stages.Soon
	case waits:
		wait = time.Second
	}
	return screen.Do(tea.Tick(wait, func(time.Time) tea.Msg { return again{s, look, n + 1} }))
}
