package pods

import (
	"time"

	"github.com/podtui/podtui/ui/stages"
)

// The graph of a pod's processor time in its row, where the list is wide: of the last
// minute or two.
const (
	graphCell  = 12 * time.Second // what a cell of it stands for
	graphsFrom = 120              // columns of the screen
)

// graphCells are those that a graph takes of a row.
func graphCells(w int) int {
	if w < 160 {
		return 6
	}
	return 10
}

// graph draws what a pod used of the processors, of one core, or the most that it used:
// so that rows can be held against each other.
func (s *Screen) graph(p *pod) string {
	if p.past == nil {
		return ""
	}
	cells := s.table.Columns[graphColumn].Width
	return p.past.CPU.Draw(s.env.Now(), time.Duration(cells)*graphCell, cells, max(p.past.CPU.Most(), stages.OneCore))
}
