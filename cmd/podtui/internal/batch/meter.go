package batch

import (
	"os"
	"slices"
	"strings"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/ui/text"
)

// meter shows on a terminal how far things have come that take time, in a line
// for each that goes away when it is over. Several may be under way at once:
// images, and the layers of each, which are counted together.
type meter struct {
	file  *os.File // nil: no terminal
	lines []*gauge // in the order in which they began
	paid  time.Time
	shown int // lines that are on the screen now
}

// gauge is one thing under way.
type gauge struct {
	what         string // it is done to: an image as it was asked for
	verb         string
	begun        time.Time
	bytes, total int64
	rate         rate
	fetched      bool // its bytes are all here, so that what is left is to unpack them
}

const (
	// patience is how long a step may take before people want to see that it moves.
	patience = 300 * time.Millisecond
	// redraw is the least time between two pictures.
	redraw = 100 * time.Millisecond
)

func newMeter(file *os.File) *meter {
	if !IsTerminal(file) || os.Getenv("TERM") == "dumb" {
		return &meter{}
	}
	return &meter{file: file}
}

// event takes what is told of an image. Fetching and unpacking overlap, and what
// people wait for is the network; of layers the whole image's events tell the
// sum.
func (m *meter) event(e event.Event) {
	if e.Layer != "" || e.Type != event.ImageFetch && e.Type != event.ImageUnpack {
		return
	}
	switch {
	case e.Progress() && e.Type == event.ImageFetch:
		m.progress("fetching", e.Image, e.Bytes, e.Total, e.Time)
	case e.Progress():
		if g := m.find(e.Image); g == nil || g.fetched {
			m.progress("unpacking", e.Image, e.Bytes, e.Total, e.Time)
		}
	case e.State == event.Done && e.Type == event.ImageFetch:
		if g := m.find(e.Image); g != nil {
			g.fetched = true
		}
	case e.State != event.Started:
		m.over(e.Image)
	}
}

// progress takes how far something is.
func (m *meter) progress(verb, what string, bytes, total int64, now time.Time) {
	if m.file == nil {
		return
	}
	g := m.find(what)
	if g == nil {
		g = &gauge{what: what, begun: now}
		m.lines = append(m.lines, g)
	}
	if g.verb != verb {
		g.verb, g.rate = verb, rate{}
	}
	g.bytes, g.total = bytes, total
	g.rate.add(now, bytes)
	if now.Sub(m.paid) >= redraw {
		m.paid = now
		m.draw(now)
	}
}

// over takes something's line away.
func (m *meter) over(what string) {
	n := len(m.lines)
	m.lines = slices.DeleteFunc(m.lines, func(g *gauge) bool { return g.what == what })
	if len(m.lines) < n {
		m.clear()
	}
}

func (m *meter) find(what string) *gauge {
	for _, g := range m.lines {
		if g.what == what {
			return g
		}
	}
	return nil
}

// draw puts the lines in the place of those that are there. None is longer than
// a row, or it could not be taken away.
func (m *meter) draw(now time.Time) {
	columns, rows := terminalSize(m.file)
	var lines []string
	for _, g := range m.lines {
		if now.Sub(g.begun) >= patience && len(lines) < rows-1 {
			lines = append(lines, g.line(columns-1))
		}
	}
	if len(lines) == 0 {
		return
	}
	_, _ = m.file.WriteString(m.upwards() + strings.Join(lines, "\n"))
	m.shown = len(lines)
}

// clear leaves the cursor where the first line was.
func (m *meter) clear() {
	if m.shown > 0 {
		_, _ = m.file.WriteString(m.upwards())
		m.shown = 0
	}
}

// upwards moves to the first line, and takes all away.
func (m *meter) upwards() string { return strings.Repeat("\x1b[A", max(0, m.shown-1)) + "\r\x1b[J" }

// line is the gauge in so many cells. What is told last is what changes, so the
// name gives way.
func (g *gauge) line(width int) string {
	before, after := "podtui: "+g.verb+" ", ": "+text.Part(g.bytes, g.total)
	if words := g.rate.words(g.total - g.bytes); words != "" {
		after += ", " + words
	}
	name := text.Truncate(text.Escape(g.what), max(10, width-text.Width(before+after)))
	return text.Truncate(before+name+after, width)
}
