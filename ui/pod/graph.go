package pod

import (
	"time"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/graph"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
)

// The graphs of a page: of the last five minutes, as far as somebody looked.
const (
	graphCells = 36 // fit into 80 columns with the words beside them
	graphSpan  = graphCells * 8 * time.Second
)

// drawn is a row with a graph, and in words what it ends with and the most that there
// was. A measure that is small is drawn as small: floor is the least that fills it.
func (s *Screen) drawn(head string, r *graph.Ring, top, floor float64, words func(float64) string) row {
	most := r.Most()
	if most < 0 {
		return row{head: head, text: "…", style: dim}
	}
	if top <= 0 {
		top = max(most*9/8, floor)
	}
	drawn := r.Draw(s.env.Now(), graphSpan, graphCells, top)
	if last := r.Last(); last >= 0 {
		drawn += "  " + words(last) + " · most " + words(most)
	}
	return row{head: head, text: drawn}
}

// graphs are what an app that runs used.
func (s *Screen) graphs(a poddir.AppStatus) []row {
	h := s.state.History
	if h == nil || a.Exit != nil || a.Started.IsZero() {
		return nil
	}
	limit := 0.0
	if u, _, ok := s.load.App(a.Name); ok {
		limit = float64(u.MemoryLimit)
	}
	app := h.App(a.Name)
	const tenth, little = stages.OneCore / 10, 1 << 20
	return []row{
		s.drawn("cpu use", &app.CPU, 0, tenth, stages.Percent),
		s.drawn("mem use", &app.Memory, limit, little, func(n float64) string { return text.Bytes(int64(n)) }),
	}
}

// rates are what goes through the interfaces of a pod that runs and has some.
func (s *Screen) rates() []row {
	h, status := s.state.History, s.state.Status
	if h == nil || len(status.Interfaces) == 0 {
		return nil
	}
	const little = 1000
	rate := func(n float64) string { return text.Bytes(int64(n)) + "/s" }
	return []row{
		s.drawn("in", &h.In, 0, little, rate),
		s.drawn("out", &h.Out, 0, little, rate),
	}
}
