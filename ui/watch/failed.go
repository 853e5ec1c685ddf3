package watch

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
)

// culprit is the app that the end of a pod came from, nil if it goes on or ended
// well.
func (s *Screen) culprit() *stages.App {
	if s.uuid == "" || !s.ended {
		return nil
	}
	return s.stages.Culprit()
}

// Pointed is the app that keys for one app are about, "" if that has to be asked: whose
// output is shown, or who failed.
func (s *Screen) Pointed() string {
	if app := s.window().App(); app != "" {
		return app
	}
	if a := s.culprit(); a != nil {
		return a.Name
	}
	return ""
}

// drawEnd says of a pod that ended badly what that means, what the app that failed
// wrote last, and what can be done now.
func (s *Screen) drawEnd(p *draw.Page) {
	a := s.culprit()
	if a == nil {
		return
	}
	t := s.env.Theme
	if means := stages.Meaning(a.Status, a.Cause); means != "" {
		for _, row := range text.Wrap(means, max(p.Width()-4, 1)) {
			p.To(3)
			p.Line(t.Dim, row)
		}
	}
	s.drawLast(p, a.Name)
	s.drawWays(p)
}

// drawLast draws the last lines of an app, unless they stand at the end of the output
// below as well.
func (s *Screen) drawLast(p *draw.Page, app string) {
	t, whose := s.env.Theme, s.window().App()
	below := p.Rows() / 4
	if (len(s.output.Apps()) == 1 || whose == app) && s.window().Follows() || below < 1 {
		return
	}
	last := s.output.Last(app, min(below, 5))
	p.To(3)
	if len(last) == 0 {
		p.Line(t.Dim, app+" wrote nothing")
		return
	}
	p.Line(t.Dim, "the last that "+app+" wrote:")
	for _, l := range last {
		p.To(5)
		p.Put(t.Dim, l.Time.In(time.Local).Format("15:04:05.000"))
		p.To(p.X() + 2)
		p.PutLine(t.Text, l.Text)
		p.Next()
	}
}

// ways are the keys that lead on from a pod that did not start, or ended badly, in the
// order of use.
func (s *Screen) ways() []keymap.Action {
	var ways []keymap.Action
	switch {
	case s.uuid != "":
		return s.waysOn()
	case s.halted:
		return []keymap.Action{keymap.WatchRun, keymap.WatchForm}
	}
	if err := s.refused(); err != nil {
		if dialog.Reviewable(err) {
			ways = append(ways, keymap.WatchReview)
		}
		return append(ways, keymap.WatchUnverified, keymap.WatchForm, keymap.WatchRun)
	}
	if s.field() != "" { // as it is, it fails again
		return []keymap.Action{keymap.WatchForm, keymap.WatchRun}
	}
	return []keymap.Action{keymap.WatchRun, keymap.WatchForm}
}

// waysOn lead on from a pod that has run.
func (s *Screen) waysOn() []keymap.Action {
	if s.gone {
		return nil
	}
	ways := []keymap.Action{keymap.WatchRun, keymap.PodEdit}
	if s.here {
		ways[1] = keymap.WatchForm
	}
	if s.culprit() != nil && s.field() != "" {
		slices.Reverse(ways)
	}
	return append(ways, keymap.PodEnter, keymap.WatchRemove)
}

// drawWays draws the keys that lead on, in the words that fit here.
func (s *Screen) drawWays(p *draw.Page) {
	t := s.env.Theme
	p.To(3)
	for i, a := range s.env.Keys.Bound(s.ways()) {
		key, does := s.env.Keys.Hint(a)
		switch a {
		case keymap.WatchForm:
			does = "back to the form, nothing lost"
		case keymap.PodEdit:
			does = "edit and run another"
		case keymap.PodEnter:
			does = "save its root"
		case keymap.WatchRun:
			does = s.again()
		}
		need := text.Width(key) + 1 + text.Width(does)
		if i > 0 {
			need += 3
		}
		if need > p.Room()-1 { // whole, or in a row of its own
			p.Next()
			p.To(3)
		} else if i > 0 {
			p.Put(t.Dim, " · ")
		}
		p.Put(t.Accent, key)
		p.Put(t.Dim, " "+does)
	}
	p.Next()
}

// again is what running it once more begins with.
func (s *Screen) again() string {
	if n := s.stages.Kept(); s.uuid == "" && n > 0 && s.refused() == nil {
		return "go on from " + text.Bytes(n)
	}
	return "run again"
}

// field is the field of the form that the pod has failed for, or "".
func (s *Screen) field() string {
	if path := s.refutedField(); path != "" {
		return path
	}
	a := s.culprit()
	if !s.here || a == nil {
		return ""
	}
	i := slices.Index(s.apps, a.Name)
	if i < 0 {
		return ""
	}
	path := "apps[" + strconv.Itoa(i) + "]."
	switch {
	case a.Status != nil && (*a.Status == 126 || *a.Status == 127):
		return path + "exec"
	case a.OutOfMemory():
		return path + "memory"
	}
	return ""
}

// refutedField is the field that a start has failed for.
func (s *Screen) refutedField() string {
	if !s.Failed() {
		return ""
	}
	if path := problemPath(s.err); path != "" {
		return path
	}
	if s.stages.Network.State == event.Failed {
		return "network"
	}
	return s.execField()
}

// execField is the field of the program that could not be executed, if that was it. The
// engine has words for whose it is, and no more: of several apps they are asked.
func (s *Screen) execField() string {
	var start *engine.StartError
	if !errors.As(s.err, &start) || start.Status != 126 && start.Status != 127 {
		return ""
	}
	for i, name := range s.apps {
		if len(s.apps) == 1 || strings.Contains(start.Message, "app "+strconv.Quote(name)+":") {
			return "apps[" + strconv.Itoa(i) + "].exec"
		}
	}
	return ""
}
