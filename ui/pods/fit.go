package pods

import (
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
)

const (
	gutter  = 4 // where the first column begins
	between = 2
)

// widthsOf are the cells that the words of some pods take at most. They don't
// follow a search, or the columns would move with each key.
func widthsOf(all []*pod) (w [len(columns)]int) {
	for _, p := range all {
		w[nameColumn] = max(w[nameColumn], len(p.words.name))
		w[appsColumn] = max(w[appsColumn], len(p.words.apps))
		if p.words.doubtful {
			w[appsColumn] = max(w[appsColumn], len(p.words.apps)+1+len(stages.NotVerified))
		}
		w[imageColumn] = max(w[imageColumn], len(p.words.image))
		w[portsColumn] = max(w[portsColumn], text.Width(p.words.ports))
		w[causeColumn] = max(w[causeColumn], len(p.words.cause))
		w[stateColumn] = max(w[stateColumn], len(p.words.state))
		if _, waits := stages.NextStart(p.Status); waits {
			w[stateColumn] = len("restarting in 59 s")
		}
	}
	return w
}

// fit gives the columns their widths: each a little of what its words need, the
// image, the cause and ports only where there is room; and then, of what is left, the
// cause comes first, since it is what a list is read for. What is too wide the
// table drops: such are columns in which nothing stands.
func (s *Screen) fit(w int) {
	widths := columns
	columns := s.table.Columns
	room := w - gutter + 1 - between
	for _, c := range []int{ageColumn, cpuColumn, memoryColumn} {
		if columns[c].Width = widths[c].Width; s.running == 0 && c != ageColumn {
			columns[c].Width = w
			continue
		}
		room -= columns[c].Width + between
	}
	give := func(c, least, most int) {
		columns[c].Width = max(min(s.widths[c], most), least)
		room -= columns[c].Width + between
	}
	give(nameColumn, 8, 12)
	give(stateColumn, 10, 10)
	give(appsColumn, 10, 20)
	const least, leastPorts = 14, 6
	most := 22
	if s.widths[portsColumn] > 0 { // they too want some
		most = least
	}
	for _, c := range []int{imageColumn, causeColumn} {
		if columns[c].Width = w; room >= least && s.widths[c] > 0 {
			give(c, min(least, room), min(most, room))
		}
	}
	if columns[portsColumn].Width = w; room >= leastPorts && s.widths[portsColumn] > 0 {
		give(portsColumn, leastPorts, min(14, room))
	}
	if columns[graphColumn].Width = w; s.running > 0 && w >= graphsFrom && room >= graphCells(w)+between {
		give(graphColumn, graphCells(w), graphCells(w))
	}
	grow := func(c, most int) {
		if more := min(s.widths[c], most) - columns[c].Width; more > 0 && columns[c].Width < w {
			more = min(more, room)
			columns[c].Width += more
			room -= more
		}
	}
	grow(appsColumn, 32)
	if s.widths[stateColumn]-columns[stateColumn].Width <= room { // else it is said shorter
		grow(stateColumn, w)
	}
	grow(causeColumn, w)
	for _, c := range []int{portsColumn, appsColumn, nameColumn, imageColumn} {
		grow(c, w)
	}
	if room > 0 && columns[causeColumn].Width < w {
		columns[causeColumn].Width += room
	}
}
