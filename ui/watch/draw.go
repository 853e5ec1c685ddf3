package watch

import (
	"slices"
	"strings"
	"time"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/logview"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
)

// Draw draws the screen into a rectangle: the stages, then the output.
func (s *Screen) Draw(w, h int) string {
	p, t := draw.New(w, h), s.env.Theme
	s.tabs.Begin(p) // none yet
	if s.halted {
		s.drawHalted(p)
		return p.String()
	}
	rows := s.stages.Rows(w)
	if s.uuid != "" {
		rows = min(rows, max(h/3, 2))
	}
	rows = min(rows, h)
	p.Block(s.stages.Draw(t, w, rows, s.env.Now()))
	s.drawFailure(p)
	s.drawEnd(p)
	if s.uuid == "" || p.Rows() < 3 {
		return p.String()
	}
	p.Next()
	s.drawTabs(p)
	s.drawOutput(p)
	return p.String()
}

// drawFailure says what stopped the pod, unless a stage says so already, and
// what can be done now.
func (s *Screen) drawFailure(p *draw.Page) {
	if s.err == nil {
		return
	}
	t := s.env.Theme
	p.Next()
	if !s.stages.Failed() {
		for i, row := range text.Wrap(text.Escape(s.err.Error()), max(p.Width()-4, 1)) {
			p.To(1)
			if i == 0 {
				p.Put(t.Wrong, "✗ ")
			}
			p.To(3)
			p.Line(t.Text, row)
		}
	}
	if err := s.refused(); err != nil {
		for _, row := range text.Wrap(dialog.Mend(err), max(p.Width()-4, 1)) {
			p.To(3)
			p.Line(t.Text, row)
		}
	}
	if s.here && s.uuid == "" {
		s.drawWays(p)
	}
}

// drawTabs draws whose output is shown, and where in it one is; while somebody
// types, what is searched for.
func (s *Screen) drawTabs(p *draw.Page) {
	t := s.env.Theme
	state := s.position()
	s.tabs.Begin(p)
	p.To(1)
	if s.find.open {
		p.Put(t.Accent, "/ ")
		s.find.line.Draw(p, t, p.Room()-text.Width(state)-4)
	} else {
		s.drawApps(p, p.Width()-text.Width(state)-4)
	}
	if s.panes.how == whole || s.find.open || s.logErr != nil { // else each window says it
		p.Right(t.Dim, state+" ")
	}
	p.Next()
}

func (s *Screen) drawApps(p *draw.Page, room int) {
	t := s.env.Theme
	for i, name := range slices.Insert(slices.Clone(s.output.Apps()), 0, "") {
		shown, style := "all", t.Dim
		if i > 0 {
			shown = text.Truncate(text.Escape(name), 20)
		}
		if name == s.window().App() {
			style = t.Tab
		}
		if p.X()+text.Width(shown) > room {
			p.Put(t.Dim, "…")
			return
		}
		s.tabs.Put(p, style, shown)
		p.To(p.X() + 3)
	}
}

// position tells whether the output is followed, and how much there is.
func (s *Screen) position() string {
	if s.logErr != nil {
		return "! " + s.logErr.Error()
	}
	return s.place(s.window())
}

// place is that of one window.
func (s *Screen) place(v *logview.View) string {
	top, n := v.Position()
	lines := text.Count(n, "line")
	if !s.since.IsZero() {
		lines += " since " + s.since.Format(time.TimeOnly)
	}
	switch at, of := v.Matches(); {
	case v.Searched() != "" && of == 0:
		return "no match in " + lines
	case v.Searched() != "":
		return text.Number(at) + " of " + text.Number(of) + " found"
	case !v.Follows():
		end, _ := s.env.Keys.Hint(keymap.End)
		return text.Number(top) + " of " + lines + " · " + end + " follows"
	case s.preparing, s.Prepared():
		return "not running yet"
	case s.stages.Exit != nil:
		return lines
	}
	return "following · " + lines
}

// Where tells what is on the screen, for its first line: how it is first, since
// the end is what is cut.
func (s *Screen) Where() string {
	switch {
	case s.halted && s.starting:
		return "stopping · " + s.Name()
	case s.halted:
		return "stopped · " + s.Name()
	case s.starting:
		return "starting · " + s.Name()
	case s.uuid == "":
		return "did not start · " + s.Name()
	case s.stages.Exit != nil && s.stages.Stopped(s.stages.Exit):
		return "stopped · " + s.called()
	case s.stages.Exit != nil:
		return stages.Ending(s.stages.Exit, "") + " · " + s.called()
	case s.stopping:
		return "stopping · " + s.called()
	case s.ended:
		return s.called()
	case s.Prepared():
		return "prepared · " + s.called()
	case s.preparing, s.status.Before != "":
		return "starting · " + s.called()
	}
	if next, waits := stages.NextStart(s.status); waits {
		return stages.Restarting(next, s.env.Now()) + " · " + s.called()
	}
	return "running · " + s.called()
}

// called names the pod where there is little room.
func (s *Screen) called() string { return strings.TrimSpace(s.Name() + " " + stages.ShortUUID(s.uuid)) }

// Warning is the engine's last one, for the line above the footer.
func (s *Screen) Warning() string {
	if retry := s.stages.Retry(); retry != "" {
		return retry
	}
	if n := len(s.stages.Warnings); n > 0 {
		return s.stages.Warnings[n-1]
	}
	return ""
}

// Footer is the actions that matter now.
func (s *Screen) Footer() []keymap.Action {
	var actions []keymap.Action
	switch {
	case s.Prepared():
		return []keymap.Action{keymap.WatchRun, keymap.Back}
	case !s.ended:
		actions = append(actions, keymap.WatchStop)
	}
	if s.ended && (s.here || s.uuid != "") && s.status.State != poddir.Running {
		actions = append(actions, s.ways()...)
	}
	if s.uuid != "" {
		actions = append(actions, s.outputKeys()...)
	}
	return append(actions, keymap.Back)
}

// outputKeys are those for what the apps write. How it is drawn is changed seldom:
// the help has the keys for that.
func (s *Screen) outputKeys() []keymap.Action {
	var actions []keymap.Action
	if s.window().Searched() != "" {
		actions = append(actions, keymap.WatchNext, keymap.WatchPrev)
	}
	if !s.window().Follows() {
		actions = append(actions, keymap.End)
	}
	if len(s.output.Apps()) > 1 {
		actions = append(actions, keymap.WatchNextApp, keymap.WatchSplit)
	}
	return append(actions, keymap.WatchSearch, keymap.WatchSave)
}
