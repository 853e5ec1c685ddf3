package watch

import (
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
)

// drawHalted tells of a start that was stopped from here: how far its images
// were. Nothing is under way, and nothing went wrong.
func (s *Screen) drawHalted(p *draw.Page) {
	t := s.env.Theme
	p.To(1)
	p.Put(t.Waiting, "– ")
	p.Line(t.Text, "stopped before it ran")
	width := 0
	for _, img := range s.stages.Images {
		width = max(width, text.Width(text.Escape(s.imageName(img.Ref))))
	}
	for _, img := range s.stages.Images {
		if p.Rows() < 4 {
			break
		}
		p.To(3)
		p.PutTail(t.Dim, s.imageName(img.Ref), min(width, max(p.Width()/2, 8)))
		p.To(p.X() + 2)
		p.Line(t.Dim, reached(img))
	}
	p.To(3)
	p.Line(t.Dim, "what was downloaded is kept")
	s.drawWays(p)
}

// reached tells how far an image was.
func reached(img *stages.Image) string {
	switch {
	case img.Unpack.State == event.Done, img.Fetch.State == "" && img.ID != "":
		return "in the store"
	case img.Fetch.Bytes > 0:
		return "stopped at " + text.Part(img.Fetch.Bytes, img.Fetch.Total)
	case waits(img):
		return "not begun"
	}
	return "stopped"
}
