package trust

import (
	"strings"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/keycard"
	"github.com/podtui/podtui/ui/text"
)

// drawAdding draws what is asked of a key that is on its way in.
func (s *Screen) drawAdding(p *draw.Page) {
	t := s.env.Theme
	p.To(1)
	p.Put(t.Accent, "add key ")
	p.To(1 + labels)
	if s.add.step == addSource {
		s.add.path.Draw(p, t, p.Room()-2)
		p.Next()
		s.drawSource(p)
		return
	}
	p.Put(t.Text, s.add.path.Value())
	p.Next()
	s.drawScope(p)
	if p.Rows() > 4 {
		p.Next()
	}
	s.drawRead(p)
}

// drawScope draws for which images the key shall be: a line to type in, and beside
// it the choice of all.
func (s *Screen) drawScope(p *draw.Page) {
	t := s.env.Theme
	key, _ := s.env.Keys.Hint(keymap.TrustForAll)
	p.To(1)
	p.Put(t.Accent, "for")
	p.To(1 + labels)
	if s.add.all {
		p.Put(t.Waiting, "! ")
		p.Put(t.Strong, "ALL images")
		p.Next()
		p.To(1 + labels)
		p.Put(t.Text, "Whoever holds the key can have anything run here.")
		p.Next()
		p.To(1 + labels)
		p.Line(t.Dim, key+" names some instead")
		return
	}
	s.add.scope.Draw(p, t, p.Room()-2)
	p.Next()
	p.To(1 + labels)
	p.Line(t.Dim, "how the images' names begin, such as example.com/app")
	p.To(1 + labels)
	p.Line(t.Dim, key+" trusts it for all images instead")
}

// drawRead draws what was found so far where the key is said to be.
func (s *Screen) drawRead(p *draw.Page) {
	t := s.env.Theme
	if s.add.offers == nil {
		if s.add.fault == nil {
			p.To(1 + labels)
			p.Line(t.Dim, "reading …")
		}
		return
	}
	for i, o := range s.add.offers {
		p.To(1)
		if i == 0 {
			p.PutIn(t.Dim, text.Count(len(s.add.offers), "key"), labels)
		}
		p.To(1 + labels)
		if p.Rows() == 1 && i < len(s.add.offers)-1 {
			p.Line(t.Dim, "… "+number(len(s.add.offers)-i)+" more")
			return
		}
		p.PutIn(t.Text, keycard.Short(o.Key.Fingerprint), 11)
		s.drawMark(p, o.Key)
		p.Line(t.Text, keycard.Name(o.Key))
	}
}

// drawMark draws before the name of a key that it can't be trusted, or what else it
// is here for.
func (s *Screen) drawMark(p *draw.Page, k engine.KeyInfo) {
	t := s.env.Theme
	switch c := s.foresee(k); {
	case c.why != "":
		what, _, _ := strings.Cut(c.why, ":")
		p.Put(t.Wrong, "✗ "+what+"  ")
	case c.revokes != nil:
		p.Put(t.Waiting, "! revoked  ")
	}
}

// drawSource draws what can be typed, or is done with what was.
func (s *Screen) drawSource(p *draw.Page) {
	t := s.env.Theme
	switch {
	case s.add.opening:
		p.To(1 + labels)
		p.Line(t.Dim, "reading …")
		return
	case s.add.path.Value() == "":
		tab, _ := s.env.Keys.Hint(keymap.SearchComplete)
		p.To(1 + labels)
		p.Line(t.Dim, "a file or an https URL; "+tab+" completes a file's name")
	case isAddress(s.add.path.Value()):
		return
	}
	s.drawCandidates(p)
}

// drawCandidates draws what the typed path could become.
func (s *Screen) drawCandidates(p *draw.Page) {
	t := s.env.Theme
	if err := s.add.path.Err(); err != nil {
		p.To(1 + labels)
		p.Line(t.Wrong, "✗ "+err.Error())
		return
	}
	fit, rows := s.add.path.Candidates(), min(p.Rows(), 12)
	for i, name := range fit[:min(len(fit), rows)] {
		p.To(1 + labels)
		if i == rows-1 && len(fit) > rows {
			p.Line(t.Dim, "… "+number(len(fit)-i)+" more, "+number(len(fit))+" in all")
			return
		}
		p.Line(t.Text, name)
	}
}
