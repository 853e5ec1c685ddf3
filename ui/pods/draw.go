package pods

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/table"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// The columns, in their order.
const (
	uuidColumn = iota
	stateColumn
	appsColumn
	imageColumn
	ageColumn
	causeColumn
)

var columns = []table.Column{
	uuidColumn:  {Title: "pod", Width: 8},
	stateColumn: {Title: "state", Width: 10},
	appsColumn:  {Title: "apps"},
	imageColumn: {Title: "image", Width: 22, Most: 40, Drop: 3},
	ageColumn:   {Title: "age", Width: 6, Right: true, Drop: 1},
	causeColumn: {Title: "", Width: 20, Most: 60, Drop: 2},
}

// Draw draws the screen into a rectangle.
func (s *Screen) Draw(w, h int) string {
	p, t := draw.New(w, h), s.env.Theme
	p.To(1)
	p.Put(t.Dim, "pods of this host")
	if s.loaded && s.err == nil {
		p.Right(t.Dim, text.Count(len(s.all), "pod")+" ")
	}
	p.Next()
	if h > 6 {
		p.Next()
	}
	if s.err == nil && len(s.all) > 0 {
		p.Block(s.table.Draw(t, w, p.Rows(), s.fill))
		return p.String()
	}
	p.Next()
	p.To(4)
	switch {
	case s.err != nil:
		p.Put(t.Wrong, "✗ ")
		p.Put(t.Text, s.err.Error())
	case !s.loaded:
		p.Put(t.Dim, "looking …")
	default:
		p.Line(t.Text, "No pods.")
		p.To(4)
		key, _ := s.env.Keys.Hint(keymap.GoCompose)
		p.Put(t.Dim, key+" composes one")
	}
	return p.String()
}

// fill is what one row of the list says.
func (s *Screen) fill(i int, r *table.Row) {
	t, p := s.env.Theme, s.all[i]
	r.Cells[uuidColumn] = table.Cell{Text: p.UUID[:min(len(p.UUID), 8)]}
	r.Cells[stateColumn] = table.Cell{Text: state(p), Style: style(t, p)}
	why := cause(p)
	if s.env.Stopped(p.UUID) && p.State == poddir.Exited && stages.BySignal(p.Exit) {
		r.Cells[stateColumn] = table.Cell{Text: "stopped", Style: t.Dim}
		why = ""
	}
	names := make([]string, len(p.Apps))
	for i, a := range p.Apps {
		names[i] = a.Name
	}
	r.Cells[appsColumn] = table.Cell{Text: strings.Join(names, " ")}
	if slices.ContainsFunc(p.Apps, func(a poddir.AppStatus) bool { return a.Unverified }) {
		r.Cells[appsColumn].End, r.Cells[appsColumn].EndStyle = " "+stages.NotVerified, t.Waiting
	}
	r.Cells[imageColumn] = table.Cell{Text: image(p), Style: t.Dim}
	r.Cells[ageColumn] = table.Cell{Text: age(p, s.env.Now()), Style: t.Dim}
	r.Cells[causeColumn] = table.Cell{Text: why, Style: t.Dim}
}

// state is where a pod is, or its status in words.
func state(p poddir.Status) string {
	if p.State == poddir.Exited && p.Exit != nil {
		return "exited " + strconv.Itoa(*p.Exit)
	}
	return string(p.State)
}

func style(t *theme.Theme, p poddir.Status) theme.Style {
	switch {
	case p.State == poddir.Running:
		return t.Good
	case p.State == poddir.Failed, p.Exit != nil && *p.Exit != 0:
		return t.Wrong
	case p.State == poddir.Preparing:
		return t.Waiting
	}
	return t.Dim
}

// image is what a pod's image is called, or how many different ones it has.
func image(p poddir.Status) string {
	var all []string
	for _, a := range p.Apps {
		if !slices.Contains(all, a.Image) {
			all = append(all, a.Image)
		}
	}
	if len(all) > 1 {
		return text.Count(len(all), "image")
	}
	return strings.Join(all, "")
}

// age is how long a pod runs, or how long ago it ended.
func age(p poddir.Status, now time.Time) string {
	switch {
	case !p.Ended.IsZero():
		return text.Ago(now.Sub(p.Ended))
	case !p.Started.IsZero():
		return text.Ago(now.Sub(p.Started))
	}
	return text.Ago(now.Sub(p.Created))
}

// cause is the pod's own, or that of the first app that failed.
func cause(p poddir.Status) string {
	if p.Cause != "" {
		return p.Cause
	}
	for _, a := range p.Apps {
		if a.Exit != nil && *a.Exit != 0 {
			return a.Name + ": " + stages.Ending(a.Exit, a.Cause)
		}
	}
	return ""
}

// Footer is the actions that matter now.
func (s *Screen) Footer() []keymap.Action {
	if p, ok := s.current(); ok {
		if p.State == poddir.Running || p.State == poddir.Preparing && s.start(p.UUID) {
			return []keymap.Action{keymap.PodsOpen, keymap.PodsStop}
		}
		return []keymap.Action{keymap.PodsOpen}
	}
	return []keymap.Action{keymap.GoCompose}
}
