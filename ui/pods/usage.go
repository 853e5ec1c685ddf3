package pods

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
)

// looked is what pods use.
type looked struct {
	look int
	n    int                       // how many looks came before it
	uses map[string][]engine.Usage // by UUID
}

// again is the time to look again.
type again struct{ look, n int }

// measure is the work of looking at what running pods use: those in view, and all
// of them where that is what they are sorted by.
func (s *Screen) measure(n int) tea.Cmd {
	var uuids []string
	rows := s.rows
	if s.sort != byCPU && s.sort != byMemory {
		from, to := s.table.Visible()
		rows = rows[from:to]
	}
	for _, p := range rows {
		if p.State == poddir.Running && !p.start {
			uuids = append(uuids, p.UUID)
		}
	}
	look := s.look
	return func() tea.Msg {
		uses := make(map[string][]engine.Usage, len(uuids))
		for _, uuid := range uuids {
			if u, err := s.engine.PodUsage(uuid); err == nil { // else it has just ended
				uses[uuid] = u
			}
		}
		return looked{look, n, uses}
	}
}

// takeLooks keeps what was seen, and lets some time pass until the next look. Time
// passes even where nothing runs: ages are shown too.
func (s *Screen) takeLooks(l looked) screen.Out {
	if l.look != s.look || !s.shown {
		return screen.Out{}
	}
	for uuid, uses := range l.uses {
		if p := s.known[uuid]; p != nil && p.State == poddir.Running {
			p.load.Add(uses)
			s.History(uuid).AddLoad(&p.load)
			p.words.cpu, p.words.memory = stages.Percent(p.load.CPU()), stages.MemoryWords(p.load.Memory())
		}
	}
	if under := s.current(); under != nil && (s.sort == byCPU || s.sort == byMemory) {
		s.arrange(under.UUID)
	}
	wait := stages.Every
	switch {
	case l.n < 2: // nothing was in view before the first
		wait = stages.Soon
	case s.counting():
		wait = time.Second
	}
	return screen.Do(tea.Tick(wait, func(time.Time) tea.Msg { return again{l.look, l.n + 1} }))
}

// counting reports whether seconds are counted on the screen.
func (s *Screen) counting() bool {
	from, to := s.table.Visible()
	for _, p := range s.rows[from:to] {
		if _, waits := stages.NextStart(p.Status); waits {
			return true
		}
	}
	return false
}
