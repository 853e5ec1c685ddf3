package pods

import (
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/table"
	"github.com/podtui/podtui/ui/text"
)

// The columns, in their order.
const (
	nameColumn = iota
	stateColumn
	appsColumn
	imageColumn
	ageColumn
	cpuColumn
	graphColumn
	memoryColumn
	portsColumn
	causeColumn
)

var columns = [...]table.Column{
	nameColumn:   {Title: "pod"},
	stateColumn:  {Title: "state"},
	appsColumn:   {Title: "apps"},
	imageColumn:  {Title: "image", Drop: 4},
	ageColumn:    {Title: "age", Width: 6, Right: true, Drop: 1},
	cpuColumn:    {Title: "cpu", Width: 6, Right: true, Drop: 2},
	graphColumn:  {Title: "", Drop: 7},
	memoryColumn: {Title: "mem", Width: 7, Right: true, Drop: 3},
	portsColumn:  {Title: "ports", Drop: 5},
	causeColumn:  {Title: "", Drop: 6},
}

// Draw draws the screen into a rectangle.
func (s *Screen) Draw(w, h int) string {
	p := draw.New(w, h)
	s.drawSearch(p)
	if h > 6 {
		p.Next()
	}
	if len(s.rows) == 0 || s.err != nil {
		s.drawNothing(p)
		return p.String()
	}
	details := s.details(h)
	s.fit(w)
	s.listAt = p.Height() - p.Rows()
	peeking := s.peekRows(h)
	p.Block(s.table.Draw(s.env.Theme, w, max(p.Rows()-len(details)-peeking, 1), s.fill))
	for _, d := range details {
		p.To(1)
		p.Put(s.env.Theme.Dim, d.Head)
		p.Line(s.env.Theme.Text, d.Text)
	}
	if peeking > 0 {
		s.drawPeek(p)
	}
	return p.String()
}

// drawSearch draws the first row: what is searched for, and how many there are.
func (s *Screen) drawSearch(p *draw.Page) {
	t, count := s.env.Theme, s.tally()
	p.To(1)
	switch {
	case s.filtering:
		p.Put(t.Accent, "/ ")
		s.filter.Draw(p, t, max(p.Width()-text.Width(count)-8, 8))
	case s.filter.Value() != "":
		p.Put(t.Accent, "/ ")
		p.Put(t.Strong, s.filter.Value())
	default:
		key, does := s.env.Keys.Hint(keymap.PodsFilter)
		p.Put(t.Dim, "pods of this host · "+key+" "+does)
	}
	p.Right(t.Dim, count+" ")
	p.Next()
}

// tally tells how many there are, and how many of them are shown and selected.
func (s *Screen) tally() string {
	if !s.loaded && len(s.all) == 0 || s.err != nil {
		return ""
	}
	words := text.Count(len(s.all), "pod")
	if !s.query.Empty() {
		words = text.Number(len(s.rows)) + " of " + words
	}
	if s.marks > 0 {
		words += " · " + text.Number(s.marks) + " selected"
		if hidden := s.hidden(); hidden > 0 {
			words += " (" + text.Number(hidden) + " hidden)"
		}
	}
	return words + " · by " + s.sortedBy()
}

// drawNothing says why there is no list, and what to do about it.
func (s *Screen) drawNothing(p *draw.Page) {
	t := s.env.Theme
	p.Next()
	p.To(gutter)
	switch {
	case s.err != nil:
		p.Put(t.Wrong, "✗ ")
		for i, row := range text.Wrap(text.Escape(s.err.Error()), max(p.Width()-gutter-3, 1)) {
			p.To(gutter + 2*min(i, 1))
			p.Line(t.Text, row)
		}
	case !s.loaded:
		p.Put(t.Dim, "looking …")
	case len(s.all) == 0:
		p.Line(t.Text, "No pods.")
		p.To(gutter)
		key, _ := s.env.Keys.Hint(keymap.GoCompose)
		p.Put(t.Dim, key+" composes one")
	default:
		back, _ := s.env.Keys.Hint(keymap.Back)
		p.Put(t.Dim, "nothing matches; "+back+" shows all again")
	}
}

// fill is what one row of the list says.
func (s *Screen) fill(i int, r *table.Row) {
	t, p := s.env.Theme, s.rows[i]
	if p.marked {
		r.Mark = "✓"
	}
	name := &r.Cells[nameColumn]
	name.Text = p.words.name
	if !s.query.Empty() {
		name.Marks = s.matched(p, name.Marks)
	}
	words, style := s.state(p)
	r.Cells[stateColumn] = table.Cell{Text: words, Style: style}
	if rest, waits := strings.CutPrefix(words, "restarting "); waits { // in 3 s
		r.Cells[stateColumn].Spare = len(words) - len(rest)
	}
	apps := &r.Cells[appsColumn]
	apps.Text = p.words.apps
	if p.words.doubtful {
		apps.End, apps.EndStyle = " "+stages.NotVerified, t.Waiting
	}
	r.Cells[imageColumn] = table.Cell{Text: p.words.image, Style: t.Dim}
	r.Cells[ageColumn] = table.Cell{Text: p.ageAt(s.env.Now()), Style: t.Dim}
	if p.State == poddir.Running {
		r.Cells[cpuColumn].Text, r.Cells[memoryColumn].Text = p.words.cpu, p.words.memory
		r.Cells[graphColumn] = table.Cell{Text: s.graph(p), Style: t.Dim}
	}
	r.Cells[portsColumn].Text = p.words.ports
	why, style := s.why(p)
	r.Cells[causeColumn] = table.Cell{Text: why, Style: style}
}

// matched appends the bytes of a pod's name that the search has found.
func (s *Screen) matched(p *pod, marks []int) []int {
	all := s.query.Positions(p.words.folded, marks)
	return slices.DeleteFunc(all, func(at int) bool { return at >= len(p.words.name) })
}

// Footer is the actions that matter now.
func (s *Screen) Footer() []keymap.Action {
	if s.filtering {
		return []keymap.Action{keymap.EditAccept, keymap.EditCancel}
	}
	p := s.current()
	if p == nil {
		return []keymap.Action{keymap.GoCompose}
	}
	const most = 11
	actions := append(make([]keymap.Action, 0, most), keymap.PodsOpen)
	switch {
	case p.start && p.State == poddir.Preparing:
		actions = append(actions, keymap.PodsStop)
	case p.start:
	case p.State == poddir.Running:
		actions = append(actions, keymap.PodInspect, keymap.PodsStop, keymap.PodAttach, keymap.PodEnter, keymap.PodsRun)
	default:
		actions = append(actions, keymap.PodInspect, keymap.PodsRun, keymap.PodsRemove)
	}
	return append(actions, keymap.PodsPeek, keymap.PodsMark, keymap.PodsFilter, keymap.PodsSort, keymap.PodsCollect)
}
