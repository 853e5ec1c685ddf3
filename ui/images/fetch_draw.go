package images

import (
	"net/url"
	"strings"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
)

// mostFetches is how many rows fetches take below the list.
const mostFetches = 5

// fetchRows is how many rows drawFetches takes, its heading included.
func (s *Screen) fetchRows(h int) int {
	n := len(s.fetches.list)
	if n == 0 {
		return 0
	}
	return 1 + min(n, max(min(mostFetches, h/4), 1))
}

// drawFetches draws a row for each fetch, those around the cursor if there are
// many.
func (s *Screen) drawFetches(p *draw.Page) {
	f, t := &s.fetches, s.env.Theme
	if len(f.list) == 0 {
		return
	}
	rows := s.fetchRows(p.Height()) - 1
	first := max(min(f.cursor-rows+1, len(f.list)-rows), 0)
	p.To(gutter)
	p.Put(t.Dim, f.head())
	p.Next()
	f.at, f.first, f.rows = p.Height()-p.Rows(), first, rows
	most := max(p.Width()*2/5, 16)
	width := f.nameWidth(most)
	for i, one := range f.list[first : first+rows] {
		p.To(1)
		if f.focus && first+i == f.cursor {
			p.Put(t.Accent, "▌")
		}
		p.To(gutter - 2)
		s.drawSign(p, one)
		p.To(gutter)
		p.PutIn(t.Text, shortName(one.reference, most), width)
		p.To(p.X() + 2)
		s.drawState(p, one)
		p.Next()
	}
}

// head counts fetches by what becomes of them.
func (f *fetches) head() string {
	var n [failed + 1]int
	for _, one := range f.list {
		n[one.state]++
	}
	var all []string
	say := func(n int, what string) {
		if n > 0 {
			all = append(all, text.Number(n)+" "+what)
		}
	}
	say(n[running]+n[stopping], "on the way")
	say(n[stopped], "stopped")
	say(n[failed], "failed")
	return "fetches · " + strings.Join(all, ", ")
}

func (f *fetches) nameWidth(most int) int {
	n := 0
	for _, one := range f.list {
		n = max(n, text.Width(text.Escape(shortName(one.reference, most))))
	}
	return n
}

// shortName is a reference in so many cells. What it loses first is its scheme,
// then its middle, and its tag never as long as that fits. Of a path the end tells
// more.
func shortName(reference string, width int) string {
	switch {
	case text.Width(text.Escape(reference)) <= width:
		return reference
	case isPath(reference):
		return text.TruncateLeft(text.Escape(reference), width)
	}
	_, name, ok := strings.Cut(reference, "://")
	if !ok {
		name = reference
	}
	tag := name[max(strings.LastIndexByte(name, ':'), strings.LastIndexByte(name, '/'), 0):]
	return text.TruncateMiddle(text.Escape(name), width, text.Width(text.Escape(tag)))
}

func (s *Screen) drawSign(p *draw.Page, one *fetching) {
	t := s.env.Theme
	switch one.state {
	case failed:
		p.Put(t.Wrong, "✗")
	case stopped, stopping:
		p.Put(t.Waiting, "–")
	default:
		p.Put(t.Waiting, one.stages.Beat())
	}
}

// drawState draws how far a fetch is, in what is left of a row.
func (s *Screen) drawState(p *draw.Page, one *fetching) {
	t := s.env.Theme
	switch one.state {
	case failed:
		p.Put(t.Text, one.because())
	case stopping:
		p.Put(t.Dim, "stopping …")
	case stopped:
		p.Put(t.Dim, one.kept())
	default:
		p.Put(t.Dim, one.now(s.env.Now(), p.Room()-1))
	}
}

// cause is why a fetch failed. The engine's errors name the image as well.
func (f *fetching) cause() string {
	return strings.TrimPrefix(f.err.Error(), "image "+f.reference+": ")
}

// because is the cause in a row that says what it is of.
func (f *fetching) because() string {
	cause := strings.TrimPrefix(f.cause(), f.reference+": ")
	of, why, ok := strings.Cut(cause, ": ")
	if u, err := url.Parse(of); ok && err == nil && u.Host != "" && u.Host == hostOf(f.reference) {
		return why
	}
	return cause
}

// drawOpen gives one fetch the whole screen.
func (s *Screen) drawOpen(w, h int) string {
	p := draw.New(w, h)
	s.drawFetch(p, s.fetches.current())
	return p.String()
}

// drawFetch draws each stage and layer of a fetch, and what can be done about it.
func (s *Screen) drawFetch(p *draw.Page, one *fetching) {
	if one == nil {
		return
	}
	t := s.env.Theme
	p.To(1)
	p.Put(t.Strong, one.reference)
	if style := t.Dim; p.Room() > 20 {
		if one.state == failed {
			style = t.Wrong
		}
		p.Right(style, " "+one.words()+" ")
	}
	p.Next()
	advice := s.advice(one, p.Width()-6)
	p.Block(one.stages.DrawSteps(t, p.Width(), max(min(one.stages.StepRows(p.Width()), p.Rows()-len(advice)), 1), s.env.Now()))
	for _, a := range advice {
		p.To(3)
		for _, part := range a {
			p.Put(part.style, part.text)
		}
		p.Next()
	}
}

// words tell what becomes of a fetch.
func (f *fetching) words() string {
	if f.state == running && f.from > 0 && f.stages.Kept() == 0 {
		return f.goingOn()
	}
	return [...]string{"on its way", "stopping …", "stopped", "failed"}[f.state]
}

func (s *Screen) fetchesFooter() []keymap.Action {
	one := s.fetches.current()
	var actions []keymap.Action
	if !s.fetches.open {
		actions = append(actions, keymap.FetchesOpen)
	}
	switch {
	case one == nil:
	case one.under():
		actions = append(actions, keymap.FetchesStop)
	case one.refused() != nil:
		if dialog.Reviewable(one.refused()) {
			actions = append(actions, keymap.FetchesReview)
		}
		actions = append(actions, keymap.FetchesUnverified, keymap.FetchesAgain, keymap.FetchesRemove)
	default:
		actions = append(actions, keymap.FetchesAgain, keymap.FetchesSearch, keymap.FetchesRemove)
	}
	return append(actions, keymap.FetchesLeave, keymap.Back)
}
