package watch

import (
	"slices"

	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/logview"
	"github.com/podtui/podtui/ui/text"
)

// split is how the output of several apps is shown at once.
type split int

const (
	whole   split = iota // one window
	beside               // a window for each app, side by side
	stacked              // one below the other
	splits
)

// What a window of a split takes at least: its head, and what can still be read.
const (
	paneColumns = 32
	paneRows    = 4
)

// panes are the windows of a split, one an app, and which of them the keys are for.
type panes struct {
	how   split
	list  []*logview.View
	focus int
	spots []spot // where they were drawn
}

// spot is where a window was drawn.
type spot struct{ pane, x, y, w, h int }

// at is the window at a place of the screen, -1 if there is none.
func (p *panes) at(x, y int) int {
	for _, s := range p.spots {
		if p.how != whole && s.pane < len(p.list) && x >= s.x && x < s.x+s.w && y >= s.y && y < s.y+s.h {
			return s.pane
		}
	}
	return -1
}

// nextSplit goes on to the next way to show the output.
func (s *Screen) nextSplit() {
	if len(s.output.Apps()) < 2 {
		return
	}
	app := s.window().App()
	s.panes.how = (s.panes.how + 1) % splits
	if s.panes.how == whole {
		s.output.Show(app)
	}
	s.openPanes(app)
}

// openPanes makes a window for each app, if the output is split. The keys are for that
// of an app.
func (s *Screen) openPanes(app string) {
	s.panes.list, s.panes.focus = nil, 0
	apps := s.output.Apps()
	if s.panes.how == whole || len(apps) < 2 {
		s.panes.how = whole
		return
	}
	s.panes.focus = max(slices.Index(apps, app), 0)
	for _, name := range apps {
		s.panes.list = append(s.panes.list, s.output.Beside(name))
	}
}

// window is the one that the keys are for.
func (s *Screen) window() *logview.View {
	if s.panes.how == whole || len(s.panes.list) == 0 {
		return &s.output
	}
	return s.panes.list[s.panes.focus]
}

// windows are all that there are.
func (s *Screen) windows() []*logview.View { return append(s.panes.list, &s.output) }

// search looks for what is typed in every window, and goes to it in the one that the keys
// are for.
func (s *Screen) search(typed string) {
	for _, v := range s.windows() {
		if v == s.window() {
			v.Search(typed)
			continue
		}
		v.Mark(typed)
	}
}

// turn goes to the next app, or with -1 to the one before: its tab, or its window.
func (s *Screen) turn(by int) {
	if n := len(s.panes.list); s.panes.how != whole && n > 0 {
		s.panes.focus = (s.panes.focus + by + n) % n
		return
	}
	s.output.Turn(by)
}

// showTab is for a click on a tab: all in one window, or that of an app.
func (s *Screen) showTab(i int) {
	switch {
	case s.panes.how == whole:
		s.output.ShowTab(i)
	case i == 0:
		s.panes.how = whole
		s.output.ShowTab(0)
	case i <= len(s.panes.list):
		s.panes.focus = i - 1
	}
}

// drawOutput draws what the apps write, in one window or several.
func (s *Screen) drawOutput(p *draw.Page) {
	w, h := p.Width(), p.Rows()
	s.panes.spots = s.panes.spots[:0]
	if s.panes.how == whole || len(s.panes.list) == 0 {
		p.Block(s.output.Draw(s.env.Theme, w, h))
		return
	}
	if s.panes.how == stacked {
		s.drawStacked(p, w, h)
		return
	}
	from, to := s.inView(w / paneColumns)
	rule := draw.New(1, h)
	for range h {
		rule.Line(s.env.Theme.Rule, "│")
	}
	between := rule.String()
	y, width := p.Height()-h, (w+1)/(to-from)-1 // each with a line after it, but for the last
	x := w - (width+1)*(to-from-1)
	block := s.drawPane(spot{from, 0, y, x, h})
	for i := from + 1; i < to; i++ {
		block = draw.Beside(draw.Beside(block, between), s.drawPane(spot{i, x + 1, y, width, h}))
		x += width + 1
	}
	p.Block(block)
}

// drawStacked draws the windows one below the other.
func (s *Screen) drawStacked(p *draw.Page, w, h int) {
	from, to := s.inView(h / paneRows)
	for i := from; i < to; i++ {
		p.Block(s.drawPane(spot{i, 0, p.Height() - p.Rows(), w, p.Rows() / (to - i)}))
	}
}

// inView are the windows that have room, which is for so many: the one that the keys are
// for among them.
func (s *Screen) inView(room int) (from, to int) {
	n := len(s.panes.list)
	room = max(min(room, n), 1)
	from = max(min(s.panes.focus-room/2, n-room), 0)
	return from, from + room
}

// drawPane draws one window, with whose it is above.
func (s *Screen) drawPane(at spot) string {
	s.panes.spots = append(s.panes.spots, at)
	p, t, v := draw.New(at.w, at.h), s.env.Theme, s.panes.list[at.pane]
	style, mark := t.Dim, " "
	if at.pane == s.panes.focus {
		style, mark = t.Tab, "▌"
	}
	p.Put(t.Accent, mark)
	where := s.place(v)
	p.Put(style, text.Truncate(text.Escape(v.App()), max(at.w-text.Width(where)-4, 6)))
	p.Right(t.Dim, where+" ")
	p.Next()
	p.Block(v.Draw(t, at.w, p.Rows()))
	return p.String()
}
