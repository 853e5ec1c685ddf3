package pod

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/table"
	"github.com/podtui/podtui/ui/text"
)

// The columns of the apps, in their order.
const (
	nameColumn = iota
	stateColumn
	pidColumn
	restartsColumn
	ageColumn
	cpuColumn
	memoryColumn
)

var columns = []table.Column{
	nameColumn:     {Title: "app"},
	stateColumn:    {Title: "state", Width: 17},
	pidColumn:      {Title: "pid", Width: 7, Right: true, Drop: 4},
	restartsColumn: {Title: "again", Width: 5, Right: true, Drop: 3},
	ageColumn:      {Title: "age", Width: 6, Right: true, Drop: 5},
	cpuColumn:      {Title: "cpu", Width: 6, Right: true, Drop: 1},
	memoryColumn:   {Title: "mem", Width: 7, Right: true, Drop: 2},
}

// drawApps draws the list of apps, and below it all of the one under the cursor.
func (s *Screen) drawApps(p *draw.Page) {
	t, all := s.env.Theme, s.state.Status.Apps
	if len(all) == 0 {
		p.To(4)
		p.Put(t.Dim, "no apps yet")
		return
	}
	details := s.details(max(s.table.Cursor(), 0))
	room := max(p.Rows()-len(details)-1, min(len(all)+1, (p.Rows()+1)/2), 1)
	s.appsAt = p.Height() - p.Rows()
	p.Block(s.table.Draw(t, p.Width(), min(room, max(len(all)+1, 3)), s.fill))
	p.Next()
	s.drawSpans(p, details)
}

func (s *Screen) drawSpans(p *draw.Page, rows []row) {
	t := s.env.Theme
	for _, r := range rows {
		if p.Rows() == 0 {
			return
		}
		p.To(4)
		p.PutIn(t.Dim, r.head, 10)
		p.To(16)
		style := t.Text
		if r.style != nil {
			style = r.style(t)
		}
		p.Put(style, r.text)
		p.Next()
	}
}

// fill is what the row of one app says.
func (s *Screen) fill(i int, r *table.Row) {
	t, a := s.env.Theme, s.state.Status.Apps[i]
	r.Cells[nameColumn].Text = a.Name
	if a.Unverified {
		r.Cells[nameColumn].End, r.Cells[nameColumn].EndStyle = " "+stages.NotVerified, t.Waiting
	}
	state := &r.Cells[stateColumn]
	running := s.state.Status.State == poddir.Running
	switch {
	case running && !a.Next.IsZero():
		state.Text, state.Style = stages.Restarting(a.Next, s.env.Now()), t.Waiting
	case a.Exit != nil:
		state.Text, state.Style = "exited "+strconv.Itoa(*a.Exit), t.Dim
		if *a.Exit != 0 {
			state.Style = t.Wrong
		}
	case running && !a.Started.IsZero():
		state.Text, state.Style = "running", t.Good
	default:
		state.Text, state.Style = "–", t.Dim
	}
	if a.Restarts > 0 {
		r.Cells[restartsColumn].Text = text.Number(a.Restarts) + "×"
	}
	if since := a.Ended; !since.IsZero() || !a.Started.IsZero() {
		if since.IsZero() {
			since = a.Started
		}
		r.Cells[ageColumn] = table.Cell{Text: text.Ago(s.env.Now().Sub(since)), Style: t.Dim}
	}
	if use, cpu, ok := s.load.App(a.Name); ok && running && a.Exit == nil {
		r.Cells[pidColumn].Text = strconv.Itoa(a.PID)
		r.Cells[cpuColumn].Text, r.Cells[memoryColumn].Text = stages.Percent(cpu), stages.MemoryWords(use.Memory)
	} else if running && a.Exit == nil && a.PID > 0 {
		r.Cells[pidColumn].Text = strconv.Itoa(a.PID)
	}
}

// details are all of one app.
func (s *Screen) details(i int) []row {
	a := s.state.Status.Apps[i]
	rows := []row{{head: "image", text: a.Image}}
	if a.ImageID != "" {
		rows = append(rows, row{text: a.ImageID, style: dim})
	}
	if a.Unverified {
		rows = append(rows, row{text: stages.NotVerified + ": nobody vouched for it when it was started", style: waiting})
	} else {
		rows = append(rows, row{text: "verified when it was started", style: dim})
	}
	if why := a.Cause; why != "" {
		rows = append(rows, row{head: "cause", text: why, style: wrong})
	} else if s.state.Status.Cause != "" {
		rows = append(rows, row{head: "cause", text: s.state.Status.Cause, style: wrong})
	}
	user := fmt.Sprintf("%d:%d", a.UID, a.GID)
	if len(a.Groups) > 0 {
		user += " and groups " + strings.Trim(fmt.Sprint(a.Groups), "[]")
	}
	rows = append(rows, row{head: "user", text: user})
	switch {
	case a.Terminal:
		rows = append(rows, row{head: "input", text: "a terminal"})
	case a.Input:
		rows = append(rows, row{head: "input", text: "open"})
	}
	return slices.Concat(rows, s.decided(i), s.uses(a.Name), s.graphs(a))
}

// decided are what was asked for one app.
func (s *Screen) decided(i int) []row {
	if i >= len(s.pod.Apps) {
		return nil
	}
	var rows []row
	app := s.pod.Apps[i]
	for _, r := range []row{
		{head: "memory", text: app.Memory}, {head: "cpu", text: app.CPU}, {head: "restart", text: app.Restart},
		{head: "stop", text: strings.TrimSpace(app.StopSignal + " " + app.StopTimeout)},
	} {
		if r.text != "" {
			rows = append(rows, r)
		}
	}
	return rows
}

// uses are what one app uses beyond what its row tells.
func (s *Screen) uses(name string) []row {
	u, _, ok := s.load.App(name)
	if !ok {
		return nil
	}
	var words []string
	say := func(n int64, word string) {
		if n >= 0 {
			words = append(words, word)
		}
	}
	if u.MemoryLimit > 0 {
		say(u.Memory, text.Part(u.Memory, u.MemoryLimit)+" of memory")
	}
	say(u.PIDs, text.Count(int(u.PIDs), "task"))
	say(u.Read, "read "+text.Bytes(u.Read))
	say(u.Written, "written "+text.Bytes(u.Written))
	if len(words) == 0 {
		return nil
	}
	return []row{{head: "uses", text: strings.Join(words, " · ")}}
}
