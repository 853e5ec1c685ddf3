// Package logview shows what the apps of a pod write: the last hundred thousand
// lines, all together or of one app, followed until somebody scrolls up, searched,
// with the matches marked. It draws only what is seen, and lines that come cost
// the same however many there are.
//
// It reads nothing: whoever has lines adds them.
package logview

import (
	"slices"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
)

// View shows a window of a ring. It follows the newest line until somebody
// scrolls up; then it is anchored at the number of its topmost line, and moves
// for nothing that comes. It follows again at the end.
type View struct {
	Wrap  bool
	Times bool

	ring   *ring
	app    int // whose lines are shown, or all
	search search
	seen   int // the number of the first line that was not searched yet

	away bool // it doesn't follow: top counts
	top  int  // the number of the topmost line
	rows int  // at the last drawing

	drawn span
}

// span are the numbers of lines: the first, and that after the last.
type span struct{ from, to int }

// New returns an empty view that shows all apps, with times.
func New() View { return View{ring: &ring{}, app: all, Times: true} }

// Add appends lines, in their order.
func (v *View) Add(lines []poddir.LogLine) {
	v.ring.add(lines)
	v.catchUp()
}

// Apps are the apps that there are tabs for, in their order.
func (v *View) Apps() []string { return v.ring.apps }

// Spoken are the apps that have written something.
func (v *View) Spoken() []string { return v.ring.spoken() }

// App is the app whose lines are shown, "" if all are.
func (v *View) App() string {
	if v.app == all {
		return ""
	}
	return v.ring.apps[v.app]
}

// Turn shows the next tab, or with -1 the one before: all, then each app. Where
// one was reading stays in view.
func (v *View) Turn(by int) {
	n := len(v.ring.apps) + 1
	v.app = (v.app+1+by+n)%n - 1
	v.searchAnew()
}

// Show shows the tab of an app, if there is one.
func (v *View) Show(app string) {
	if i := slices.Index(v.ring.apps, app); i >= 0 {
		v.app = i
		v.searchAnew()
	}
}

// ShowTab shows the n-th tab: all, then each app.
func (v *View) ShowTab(n int) {
	v.app = max(min(n, len(v.ring.apps)), 0) - 1
	v.searchAnew()
}

// Follows reports whether the newest line is shown.
func (v *View) Follows() bool { return !v.away }

// Position is how many lines there are of what is shown, and which of them is the
// topmost, counted from 1.
func (v *View) Position() (top, of int) {
	return v.ring.index(v.app, v.top) + 1, v.ring.count(v.app)
}

// Move does what a movement key says, and reports whether it was one.
func (v *View) Move(a keymap.Action) bool {
	page := max(v.rows-1, 1)
	switch a {
	case keymap.Up:
		v.Scroll(-1)
	case keymap.Down:
		v.Scroll(1)
	case keymap.PageUp:
		v.Scroll(-page)
	case keymap.PageDown:
		v.Scroll(page)
	case keymap.Home:
		v.Scroll(-v.ring.count(v.app))
	case keymap.End:
		v.away = false
	default:
		return false
	}
	return true
}

// Scroll moves the topmost line. Reaching the end follows again.
func (v *View) Scroll(by int) {
	n := v.ring.count(v.app)
	last := max(n-v.rows, 0) // the topmost line when the newest is the lowest
	if n == 0 || by > 0 && !v.away {
		return
	}
	from := last
	if v.away {
		from = v.ring.index(v.app, v.top)
	}
	to := max(from+by, 0)
	if by > 0 && to >= last {
		v.away = false
		return
	}
	v.away = true
	v.top = v.ring.at(v.app, min(to, n-1))
}

// Arrange puts the apps in order. The tab that was open stays open, also where it
// was only a guess: then it is the one in its place.
func (v *View) Arrange(apps []string) {
	now := v.ring.arrange(apps)
	switch {
	case v.app == all:
	case now[v.app] >= 0:
		v.app = now[v.app]
	case v.app >= len(v.ring.apps):
		v.app = all
	}
	v.searchAnew()
}

// Last are the last lines that an app has written, as many as n, in their order.
func (v *View) Last(app string, n int) []poddir.LogLine {
	i := slices.Index(v.ring.apps, app)
	if i < 0 {
		return nil
	}
	count := v.ring.count(i)
	lines := make([]poddir.LogLine, 0, n)
	for at := max(count-n, 0); at < count; at++ {
		lines = append(lines, v.ring.line(v.ring.at(i, at)).LogLine)
	}
	return lines
}
