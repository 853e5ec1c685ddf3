package logview

import (
	"time"

	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// Draw draws the window.
func (v *View) Draw(t *theme.Theme, w, h int) string {
	v.rows = h
	v.catchUp()
	p := draw.New(w, h)
	from, skip := v.start(w, h)
	v.drawn = span{}
	for i := from; i < v.ring.count(v.app) && p.Rows() > 0; i++ {
		number := v.ring.at(v.app, i)
		if v.drawn.to = number + 1; i == from {
			v.drawn.from = number
		}
		v.drawLine(p, t, number, skip)
		skip = 0
	}
	return p.String()
}

// start is the line that the window begins with, and how many of its rows are
// above the window.
func (v *View) start(w, h int) (line, skip int) {
	n := v.ring.count(v.app)
	if v.away {
		return v.ring.index(v.app, v.top), 0
	}
	if !v.Wrap {
		return max(n-h, 0), 0
	}
	rows := 0
	for i := n - 1; i >= 0; i-- {
		rows += len(v.wrapped(v.ring.line(v.ring.at(v.app, i)), w))
		if rows >= h {
			return i, rows - h
		}
	}
	return 0, 0
}

// head is the cells before a line's text: a space, the time, the app.
func (v *View) head() int {
	n := 1
	if v.Times {
		n += len("15:04:05.000 ")
	}
	if v.app == all && len(v.ring.apps) > 1 {
		n += v.nameWidth() + 2
	}
	return n
}

func (v *View) nameWidth() int {
	n := 0
	for _, a := range v.ring.apps {
		n = max(n, text.Width(text.Escape(a)))
	}
	return min(n, 16)
}

func (v *View) wrapped(e *entry, w int) []string {
	return text.Wrap(text.EscapeLine(e.Text), max(w-v.head(), 8))
}

func (v *View) drawLine(p *draw.Page, t *theme.Theme, number, skip int) {
	e := v.ring.line(number)
	style := t.Text
	if e.Lost() {
		style = t.Dim // it is our word, not the app's
	}
	if v.search.is(number) {
		p.Put(t.Accent, "▌")
	}
	if !v.Wrap {
		v.drawHead(p, t, e)
		v.putMarked(p, t, style, text.EscapeLine(cutBytes(e.Text, 4*p.Width())))
		p.Next()
		return
	}
	for i, row := range v.wrapped(e, p.Width()) {
		if i < skip {
			continue
		}
		if i == 0 {
			v.drawHead(p, t, e)
		}
		p.To(v.head())
		v.putMarked(p, t, style, row)
		p.Next()
	}
}

// putMarked draws a row with what is searched for marked, as far as it stands in
// the row as it is drawn.
func (v *View) putMarked(p *draw.Page, t *theme.Theme, style theme.Style, row string) {
	for {
		from, to := v.search.find(row)
		if from < 0 || p.Room() < 2 {
			p.PutEscaped(style, row)
			return
		}
		p.PutEscaped(style, row[:from])
		p.PutEscaped(t.Match, row[from:to])
		row = row[to:]
	}
}

// cutBytes bounds the work for a line of which only the start is seen.
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n]
}

func (v *View) drawHead(p *draw.Page, t *theme.Theme, e *entry) {
	p.To(1)
	if v.Times {
		var clock [16]byte
		p.Put(t.Dim, string(e.Time.In(time.Local).AppendFormat(clock[:0], "15:04:05.000")))
		p.To(p.X() + 1)
	}
	if v.app == all && len(v.ring.apps) > 1 {
		p.PutIn(t.App(e.app), e.App, v.nameWidth())
		p.To(p.X() + 2)
	}
}
