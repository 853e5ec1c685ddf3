package pods

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/feed"
	"github.com/podtui/podtui/ui/logview"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
)

// peek shows what the pod under the cursor writes below the list, without leaving it.
type peek struct {
	on     bool
	uuid   string // whose output is shown
	runs   int    // how often it had been run then: one that runs anew has more to say
	asked  int    // counts pods that the cursor came to
	lines  *feed.Lines
	output logview.View
	err    error
}

const (
	rest     = 120 * time.Millisecond // that the cursor stays before anything is read
	peekKept = 500                    // lines that are read
	peekFrom = 14                     // rows of the screen
)

// peekAt is the time to read what the pod under the cursor writes.
type peekAt struct{ asked int }

// togglePeek begins to show it, or ends that.
func (s *Screen) togglePeek() {
	s.peek.on = !s.peek.on
	if !s.peek.on {
		s.endPeek()
	}
}

// endPeek reads no more.
func (s *Screen) endPeek() {
	if s.peek.lines != nil {
		s.peek.lines.Stop()
	}
	s.peek = peek{on: s.peek.on, asked: s.peek.asked + 1}
}

// peeked follows the cursor: of who passes by nothing is read.
func (s *Screen) peeked(out screen.Out) screen.Out {
	p := s.current()
	switch {
	case !s.peek.on || !s.shown:
		return out
	case p == nil || p.start:
		s.endPeek()
		return out
	case p.UUID == s.peek.uuid && p.Runs == s.peek.runs:
		return out
	}
	s.endPeek()
	s.peek.uuid, s.peek.runs, s.peek.output = p.UUID, p.Runs, logview.New()
	s.peek.output.Arrange(stages.AppNames(p.Status))
	asked := s.peek.asked
	out.Cmd = tea.Batch(out.Cmd, tea.Tick(rest, func(time.Time) tea.Msg { return peekAt{asked} }))
	return out
}

// readPeek reads the last lines, and goes on with what comes.
func (s *Screen) readPeek(m peekAt) screen.Out {
	if m.asked != s.peek.asked || s.peek.uuid == "" || !s.shown {
		return screen.Out{}
	}
	uuid := s.peek.uuid
	s.peek.lines = feed.NewLines(s.ctx)
	return screen.Do(s.peek.lines.From(func(ctx context.Context, put func([]poddir.LogLine) error) error {
		return s.engine.Logs(ctx, uuid, engine.LogOptions{Follow: true, Last: peekKept}, put)
	}))
}

func (s *Screen) takePeek(m feed.Output) screen.Out {
	if m.From != s.peek.lines {
		return screen.Out{}
	}
	s.peek.output.Add(m.Lines)
	if m.More {
		return screen.Do(m.From.Read(false))
	}
	if s.peek.lines != nil && s.ctx.Err() == nil {
		s.peek.err = m.Err
	}
	return screen.Out{}
}

// peekRows are those that the output takes below the list; 0: there is no room, or nobody
// wants it.
func (s *Screen) peekRows(h int) int {
	if !s.peek.on || h < peekFrom {
		return 0
	}
	return h / 2
}

// drawPeek draws it, with what there is of it above.
func (s *Screen) drawPeek(p *draw.Page) {
	t := s.env.Theme
	p.To(1)
	if s.peek.uuid == "" {
		p.Put(t.Dim, "nothing is known of it yet")
		return
	}
	_, n := s.peek.output.Position()
	switch {
	case s.peek.err != nil:
		p.Put(t.Wrong, "✗ "+s.peek.err.Error())
	case s.peek.lines == nil:
		p.Put(t.Dim, "…")
	case n == 0:
		p.Put(t.Dim, "it has written nothing")
	default:
		p.Put(t.Dim, "the last of its output")
		p.Right(t.Dim, text.Count(n, "line")+" ")
	}
	p.Next()
	p.Block(s.peek.output.Draw(t, p.Width(), p.Rows()))
}
