package watch

import (
	"time"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// pager shows a window of a ring. It follows the newest line until somebody
// scrolls up; then it is anchored at the number of its topmost line, and moves
// for nothing that comes. It follows again at the end.
type pager struct {
	ring  ring
	app   int // whose lines are shown, or all
	wrap  bool
	times bool

	away bool // it doesn't follow: anchor counts
	top  int  // the number of the topmost line
	rows int  // at the last drawing
}

// move does what a movement key says, and reports whether it was one.
func (g *pager) move(a keymap.Action) bool {
	page := max(g.rows-1, 1)
	switch a {
	case keymap.Up:
		g.scroll(-1)
	case keymap.Down:
		g.scroll(1)
	case keymap.PageUp:
		g.scroll(-page)
	case keymap.PageDown:
		g.scroll(page)
	case keymap.Home:
		g.scroll(-g.ring.count(g.app))
	case keymap.End:
		g.away = false
	default:
		return false
	}
	return true
}

// scroll moves the topmost line. Reaching the end follows again.
func (g *pager) scroll(by int) {
	n := g.ring.count(g.app)
	last := max(n-g.rows, 0) // the topmost line when the newest is the lowest
	if n == 0 || by > 0 && !g.away {
		return
	}
	from := last
	if g.away {
		from = g.ring.index(g.app, g.top)
	}
	to := max(from+by, 0)
	if by > 0 && to >= last {
		g.away = false
		return
	}
	g.away = true
	g.top = g.ring.at(g.app, min(to, n-1))
}

// show changes whose lines are shown; where one was reading stays in view.
func (g *pager) show(app int) { g.app = app }

// arrange puts the apps in order. The tab that was open stays open, also where it
// was only a guess: then it is the one in its place.
func (g *pager) arrange(apps []string) {
	now := g.ring.arrange(apps)
	switch {
	case g.app == all:
	case now[g.app] >= 0:
		g.app = now[g.app]
	case g.app >= len(g.ring.apps):
		g.app = all
	}
}

// draw draws the window.
func (g *pager) draw(t *theme.Theme, w, h int) string {
	g.rows = h
	p := draw.New(w, h)
	from, skip := g.start(w, h)
	for i := from; i < g.ring.count(g.app) && p.Rows() > 0; i++ {
		g.drawLine(p, t, g.ring.line(g.ring.at(g.app, i)), skip)
		skip = 0
	}
	return p.String()
}

// start is the line that the window begins with, and how many of its rows are
// above the window.
func (g *pager) start(w, h int) (line, skip int) {
	n := g.ring.count(g.app)
	if g.away {
		return g.ring.index(g.app, g.top), 0
	}
	if !g.wrap {
		return max(n-h, 0), 0
	}
	rows := 0
	for i := n - 1; i >= 0; i-- {
		rows += len(g.wrapped(g.ring.line(g.ring.at(g.app, i)), w))
		if rows >= h {
			return i, rows - h
		}
	}
	return 0, 0
}

// head is the cells before a line's text: a space, the time, the app.
func (g *pager) head() int {
	n := 1
	if g.times {
		n += len("15:04:05.000 ")
	}
	if g.app == all && len(g.ring.apps) > 1 {
		n += g.nameWidth() + 2
	}
	return n
}

func (g *pager) nameWidth() int {
	n := 0
	for _, a := range g.ring.apps {
		n = max(n, text.Width(text.Escape(a)))
	}
	return min(n, 16)
}

func (g *pager) wrapped(e *entry, w int) []string {
	return text.Wrap(text.EscapeLine(e.Text), max(w-g.head(), 8))
}

func (g *pager) drawLine(p *draw.Page, t *theme.Theme, e *entry, skip int) {
	style := t.Text
	if e.Lost() {
		style = t.Dim // it is our word, not the app's
	}
	if !g.wrap {
		g.drawHead(p, t, e)
		p.PutLine(style, cutBytes(e.Text, 4*p.Width()))
		p.Next()
		return
	}
	for i, row := range g.wrapped(e, p.Width()) {
		if i < skip {
			continue
		}
		if i == 0 {
			g.drawHead(p, t, e)
		}
		p.To(g.head())
		p.Line(style, row)
	}
}

// cutBytes bounds the work for a line of which only the start is seen.
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n]
}

func (g *pager) drawHead(p *draw.Page, t *theme.Theme, e *entry) {
	p.To(1)
	if g.times {
		var clock [16]byte
		p.Put(t.Dim, string(e.Time.In(time.Local).AppendFormat(clock[:0], "15:04:05.000")))
		p.To(p.X() + 1)
	}
	if g.app == all && len(g.ring.apps) > 1 {
		p.PutIn(t.App(e.app), e.App, g.nameWidth())
		p.To(p.X() + 2)
	}
}
