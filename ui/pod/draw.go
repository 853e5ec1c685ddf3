package pod

import (
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
)

// Draw draws the page into a rectangle.
func (s *Screen) Draw(w, h int) string {
	p := draw.New(w, h)
	s.drawHead(p)
	if h > 8 {
		p.Next()
	}
	s.drawTabs(p)
	if h > 8 {
		p.Next()
	}
	if s.at == apps {
		s.drawApps(p)
	} else {
		s.drawRows(p)
	}
	return p.String()
}

// drawHead draws what the pod is called and how it is.
func (s *Screen) drawHead(p *draw.Page) {
	t, status := s.env.Theme, s.state.Status
	p.To(1)
	p.Put(t.Strong, s.Name())
	p.To(p.X() + 2)
	switch {
	case s.state.Gone:
		p.Put(t.Dim, "removed")
	case s.state.Doing != "":
		p.Put(t.Waiting, s.state.Doing+" …")
	case status.State == poddir.Exited && s.env.Stopped(status.UUID) && stages.BySignal(status.Exit):
		p.Put(t.Dim, "stopped")
	default:
		p.Put(stages.PodStyle(t, status), stages.PodState(status, s.env.Now()))
	}
	p.Put(t.Dim, " · "+text.Ago(s.env.Now().Sub(stages.PodSince(status))))
	if status.Runs > 1 {
		p.Put(t.Dim, " · run "+text.Number(status.Runs)+" times")
	}
	if len(status.Insecure) > 0 {
		p.Put(t.Waiting, " · ! not strict about "+strings.Join(status.Insecure, ", "))
	}
	p.Next()
}

// sectionNames are what the sections are called.
func sectionNames() [sections]string {
	return [sections]string{"apps", "network", "volumes", "events", "manifest", "command line"}
}

// drawTabs draws which sections there are.
func (s *Screen) drawTabs(p *draw.Page) {
	t := s.env.Theme
	names := sectionNames()
	p.To(1)
	s.tabs.Begin(p)
	for i, name := range names {
		style := t.Dim
		if section(i) == s.at {
			style = t.Tab
		}
		if p.X()+text.Width(name) > p.Width()-1 {
			break
		}
		s.tabs.Put(p, style, name)
		p.To(p.X() + 3)
	}
	if n := len(s.rows[s.at]); s.at != apps && n > s.pages[s.at] && s.pages[s.at] > 0 {
		p.Right(t.Dim, text.Number(min(s.tops[s.at]+s.pages[s.at], n))+" of "+text.Number(n)+" ")
	}
	p.Next()
}

// drawRows draws a section that is only read.
func (s *Screen) drawRows(p *draw.Page) {
	t := s.env.Theme
	if s.at == command {
		s.rows[command] = nil
		if len(s.pod.Apps) > 0 {
			for _, line := range dialog.ShellRows(s.words(), min(p.Width()-5, 116)) {
				s.rows[command] = append(s.rows[command], row{text: line})
			}
		}
	}
	rows := s.rows[s.at]
	switch {
	case s.why[s.at] != nil:
		for _, line := range text.Wrap(text.Escape("✗ "+s.why[s.at].Error()), max(p.Width()-5, 1)) {
			p.To(4)
			p.Line(t.Wrong, line)
		}
		return
	case len(rows) == 0:
		p.To(4)
		p.Put(t.Dim, [...]string{"", "reading …", "no volumes", "nothing yet", "reading …", "reading …"}[s.at])
		return
	}
	s.pages[s.at] = p.Rows()
	s.hold(s.at)
	head := 0
	for _, r := range rows {
		head = max(head, text.Width(text.Escape(r.head)))
	}
	head = min(head, p.Width()/3)
	for _, r := range rows[s.tops[s.at]:min(s.tops[s.at]+p.Rows(), len(rows))] {
		if r.port > 0 && r.port == s.pick+1 {
			p.To(2)
			p.Put(t.Accent, "▌")
		}
		p.To(4)
		if head > 0 {
			p.PutIn(t.Dim, r.head, head)
			p.To(4 + head + 2)
		}
		if r.port > 0 {
			s.drawPort(p, r)
			continue
		}
		style := t.Text
		if r.style != nil {
			style = r.style(t)
		}
		p.Put(style, r.text)
		p.Next()
	}
}

// words are the command line that runs the same pod without a screen.
func (s *Screen) words() []string {
	words := append(slices.Clone(s.called), "--batch")
	lax := slices.Clone(s.state.Status.Insecure)
	doubted := slices.ContainsFunc(s.state.Status.Apps, func(a poddir.AppStatus) bool { return a.Unverified })
	if doubted && !slices.Contains(lax, "image") {
		lax = append(lax, "image")
	}
	if len(lax) > 0 {
		words = append(words, "--insecure-options="+strings.Join(lax, ","))
	}
	words = append(words, "run")
	return append(words, s.pod.CommandLine()...)
}
