package shelf

import (
	"slices"
	"strconv"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/table"
	"github.com/podtui/podtui/ui/text"
)

const gutter = 4 // where the first column begins

// The columns, in their order.
const (
	titleColumn = iota
	imagesColumn
	whoColumn
	ageColumn
	stateColumn
)

var columns = []table.Column{
	titleColumn:  {Title: "pod", Width: 20, Most: 36},
	imagesColumn: {Title: "images"},
	whoColumn:    {Title: "by", Width: 8, Drop: 2},
	ageColumn:    {Title: "age", Width: 6, Right: true, Drop: 1},
	stateColumn:  {Title: "", Width: 12},
}

// Draw draws the screen into a rectangle.
func (s *Screen) Draw(w, h int) string {
	p := draw.New(w, h)
	s.drawSearch(p)
	if h > 6 {
		p.Next()
	}
	if s.table.Len() == 0 {
		s.drawNothing(p)
		return p.String()
	}
	lines := s.line(w)
	below := 0
	if h >= 12 && len(lines) > 0 {
		below = min(len(lines)+1, h/3)
	}
	s.listAt = p.Height() - p.Rows()
	p.Block(s.table.Draw(s.env.Theme, w, max(p.Rows()-below, 1), s.fill))
	if below > 0 {
		p.Next()
		for _, line := range lines[:below-1] {
			p.To(gutter)
			p.Line(s.env.Theme.Dim, line)
		}
	}
	return p.String()
}

// line is the command line of the pod under the cursor, in rows. Which variables are
// secret only the form knows: here no value is shown.
func (s *Screen) line(w int) []string {
	it := s.current()
	if it == nil || it.err != nil || len(it.draft.Pod.Apps) == 0 {
		return nil
	}
	return dialog.ShellRows(append([]string{"podtui", "run"}, masked(it.draft.Pod).CommandLine()...), min(max(w-gutter-1, 12), 116))
}

// masked is a pod without the values of its variables.
func masked(p spec.Pod) spec.Pod {
	hidden := func(vars []spec.Var) []spec.Var {
		vars = slices.Clone(vars)
		for i := range vars {
			vars[i].Value = "…"
		}
		return vars
	}
	p.Apps = slices.Clone(p.Apps)
	for i := range p.Apps {
		p.Apps[i].Env = hidden(p.Apps[i].Env)
	}
	p.Env = hidden(p.Env)
	return p
}

// drawSearch draws the first row: what is searched for, and how much there is.
func (s *Screen) drawSearch(p *draw.Page) {
	t, count := s.env.Theme, s.count()
	p.To(1)
	switch {
	case s.filtering:
		p.Put(t.Accent, "/ ")
		s.filter.Draw(p, t, max(p.Width()-text.Width(count)-8, 8))
	case s.filter.Value() != "":
		p.Put(t.Accent, "/ ")
		p.Put(t.Strong, s.filter.Value())
	default:
		key, does := s.env.Keys.Hint(keymap.ShelfFilter)
		p.Put(t.Dim, key+" "+does)
	}
	p.Right(t.Dim, count+" ")
	p.Next()
}

// count tells how much there is, and how much of it is shown.
func (s *Screen) count() string {
	if !s.loaded {
		return ""
	}
	var n [kinds]int
	for _, it := range s.all {
		n[it.kind]++
	}
	if !s.query.Empty() {
		shown := 0
		for _, r := range s.rows {
			if r.heading == "" {
				shown++
			}
		}
		return text.Number(shown) + " of " + text.Number(len(s.all))
	}
	return text.Number(n[savedPod]) + " saved · " + text.Count(n[leftDraft], "draft") + " · " + text.Number(n[ranPod]) + " run"
}

// drawNothing says why there is no list, and what would be in it.
func (s *Screen) drawNothing(p *draw.Page) {
	t := s.env.Theme
	p.Next()
	p.To(gutter)
	switch {
	case s.drafts == nil:
		p.Put(t.Text, "Nothing is kept here.")
	case !s.loaded:
		p.Put(t.Dim, "reading …")
	case len(s.all) > 0:
		p.Put(t.Dim, "nothing matches; "+s.keyOf(keymap.Back)+" shows all again")
	default:
		p.Line(t.Text, "Nothing yet. What is run is remembered here, and what a session leaves behind.")
		p.To(gutter)
		p.Line(t.Dim, s.keyOf(keymap.ComposeSave)+" in the form saves a pod under a name")
	}
}

// fill is what the row of one item says.
func (s *Screen) fill(i int, r *table.Row) {
	t := s.env.Theme
	if h := s.rows[i].heading; h != "" {
		r.Line = table.Cell{Text: h, Style: t.Dim}
		return
	}
	it := &s.all[s.rows[i].item]
	r.Cells[titleColumn].Text = it.title()
	r.Cells[imagesColumn] = table.Cell{Text: it.images, Style: t.Dim}
	r.Cells[whoColumn] = table.Cell{Text: it.run.Who, Style: t.Dim}
	r.Cells[ageColumn] = table.Cell{Text: text.Ago(s.env.Now().Sub(it.at)), Style: t.Dim}
	state := &r.Cells[stateColumn]
	state.Style = t.Dim
	switch {
	case it.err != nil:
		state.Text, state.Style = "! damaged", t.Waiting
	case it.kind == ranPod:
		s.fillState(it, state)
	case it.other.Live:
		state.Text, state.Style = "in use", t.Good
	case it.other.Aside:
		state.Text = "set aside"
	}
}

// fillState says how a pod is that was run: as it is now, or, when it is gone, as far
// as is remembered.
func (s *Screen) fillState(it *item, cell *table.Cell) {
	t := s.env.Theme
	if p, ok := s.states(it.run.UUID); ok {
		if cell.Text = stages.PodState(p, s.env.Now()); p.State != poddir.Exited {
			cell.Style = stages.PodStyle(t, p)
		} else if p.Exit != nil && *p.Exit != 0 {
			cell.Style = t.Wrong
		}
		return
	}
	cell.Text = "removed"
	if it.run.Exit != nil {
		cell.Text = "exited " + strconv.Itoa(*it.run.Exit)
	}
}

// Where says which screen this is, beside the name of the form's.
func (s *Screen) Where() string { return "composed before" }
