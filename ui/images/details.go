package images

import (
	"strconv"
	"strings"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/keycard"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// fact is one thing that an image says of itself, or that is known of it.
type fact struct{ name, value string }

// style is what a fact is drawn in: what needs a look begins with a sign.
func (f fact) style(t *theme.Theme) theme.Style {
	if strings.HasPrefix(f.value, "! ") && f.name == trustFact {
		return t.Waiting
	}
	return t.Text
}

// The facts that are podtui's own, and no claim of the image's.
const (
	trustFact = "trust"
	laxFact   = "came"
)

// facts are in the order in which somebody asks about an image. Until they are
// read there are none.
func (s *Screen) facts() []fact {
	img := s.under.image
	if s.under.err != nil {
		return []fact{{"problem", s.under.err.Error()}}
	}
	if img.Manifest == nil {
		return nil
	}
	facts := []fact{{trustFact, s.under.vouched()}}
	if lax := laxness(img.Insecure); lax != "" {
		facts = append(facts, fact{laxFact, lax})
	}
	app := img.Manifest.App
	if app == nil {
		return append(facts, fact{"exec", "none: it needs one to run"})
	}
	return append(facts, []fact{
		{"exec", spec.Quote(app.Exec)},
		{"user", app.User + ":" + app.Group},
		{"env", environment(img)},
		{"mounts", mounts(img)},
		{"ports", ports(img)},
		{"used", text.Ago(s.env.Now().Sub(img.Used)) + " ago"},
	}...)
}

// vouched tells who vouches for an image today: with the fingerprint first, for
// the name is whatever the key's owner has thought of. If nobody does, it tells why.
func (d *details) vouched() string {
	const room = 120
	switch v := d.image.Verified; {
	case v == nil && d.doubt.Plain():
		return stages.NotVerified + ": " + refusal.NoSignature.String()
	case v == nil:
		return stages.NotVerified + ": " + d.doubt.Text
	case v.Key == "":
		return v.By
	default:
		return keycard.Short(v.Key) + " " + stages.Signer(v.By, "", room)
	}
}

// laxness tells what an image came without, in words.
func laxness(words []string) string {
	var all []string
	for _, w := range words {
		switch w {
		case "image":
			w = "no signature was asked for"
		case "tls":
			w = "servers' certificates were not checked"
		case "http":
			w = "plain HTTP was allowed"
		case "pubkey":
			w = "keys could come from anybody"
		}
		all = append(all, w)
	}
	return strings.Join(all, " · ")
}

func environment(img engine.Image) string {
	env := img.Manifest.App.Environment
	if len(env) == 0 {
		return "–"
	}
	names := make([]string, len(env))
	for i, v := range env {
		names[i] = v.Name
	}
	return strconv.Itoa(len(env)) + ": " + strings.Join(names, " ")
}

func mounts(img engine.Image) string {
	var all []string
	for _, m := range img.Manifest.App.MountPoints {
		s := m.Name.String() + " → " + m.Path
		if m.ReadOnly {
			s += " read-only"
		}
		all = append(all, s)
	}
	return orNone(all)
}

func ports(img engine.Image) string {
	var all []string
	for _, p := range img.Manifest.App.Ports {
		all = append(all, p.Name.String()+" "+strconv.Itoa(int(p.Port))+"/"+p.Protocol)
	}
	return orNone(all)
}

func orNone(all []string) string {
	if len(all) == 0 {
		return "–"
	}
	return strings.Join(all, " · ")
}

// platform is os/arch as the image's labels say.
func platform(img engine.Entry) string {
	os, arch := img.Label("os"), img.Label("arch")
	if os == "" && arch == "" {
		return "any platform"
	}
	return os + "/" + arch
}

// detailRows is how many rows drawDetails takes: two facts stand in one row
// where both have room.
func detailRows(w int) int {
	if w >= 100 {
		return 2 + (mostFacts+1)/2
	}
	return 2 + fewFacts
}

// How many facts an image has where they stand in two columns, and how many are
// shown in one.
const (
	mostFacts = 8
	fewFacts  = 6
)

func (s *Screen) drawDetails(p *draw.Page) {
	if p.Rows() < 3 {
		return
	}
	t := s.env.Theme
	img, ok := s.current()
	o, offered := s.offered()
	facts := s.facts()
	p.Next()
	p.To(1)
	switch {
	case ok:
		p.Put(t.Strong, label(img))
		p.Put(t.Dim, " · "+platform(img)+" · "+shortID(img.ID)+"…")
	case offered && o.reference != "":
		p.Put(t.Strong, o.reference)
		facts = o.facts
	default:
		return
	}
	p.Next()
	columns := 2
	if p.Width() < 100 || offered {
		columns = 1
		facts = facts[:min(len(facts), fewFacts)]
	}
	half := (len(facts) + columns - 1) / columns
	for i := range half {
		for c := 0; c < columns && i+c*half < len(facts); c++ {
			f := facts[i+c*half]
			p.To(1 + c*(p.Width()/2))
			p.PutIn(t.Dim, f.name, 8)
			p.PutIn(f.style(t), f.value, p.Width()/columns-11)
		}
		p.Next()
	}
}

// drawBeside draws the details as a column of their own.
func (s *Screen) drawBeside(w, h int) string {
	p, t := draw.New(w, h), s.env.Theme
	p.Next()
	p.Next()
	if s.fetches.focus {
		s.drawFetch(p, s.fetches.current())
		return p.String()
	}
	img, ok := s.current()
	if o, offered := s.offered(); offered && o.reference != "" {
		s.drawOffer(p, o)
		return p.String()
	}
	if !ok {
		return p.String()
	}
	p.To(2)
	p.Line(t.Strong, label(img))
	p.To(2)
	p.Line(t.Dim, platform(img)+" · "+text.Bytes(img.Size))
	p.To(2)
	p.Line(t.Dim, shortID(img.ID)+"…")
	p.Next()
	s.drawFacts(p, s.facts())
	return p.String()
}

// drawFacts draws facts below each other, whole.
func (s *Screen) drawFacts(p *draw.Page, facts []fact) {
	t := s.env.Theme
	for _, f := range facts {
		p.To(2)
		p.PutIn(t.Dim, f.name, 8)
		for _, row := range text.Wrap(text.Escape(f.value), max(p.Width()-11, 1)) {
			p.To(10)
			p.Line(f.style(t), row)
		}
	}
}

// drawOffer draws what is known of what could be fetched.
func (s *Screen) drawOffer(p *draw.Page, o offer) {
	t := s.env.Theme
	for _, row := range text.Wrap(text.Escape(o.reference), max(p.Width()-3, 1)) {
		p.To(2)
		p.Line(t.Strong, row)
	}
	if o.note != "" {
		p.To(2)
		p.Line(t.Dim, o.note)
	}
	p.Next()
	s.drawFacts(p, o.facts)
}

// drawCandidates draws what the typed path could become.
func (s *Screen) drawCandidates(p *draw.Page) {
	t := s.env.Theme
	if err := s.path.Err(); err != nil {
		p.To(10)
		p.Line(t.Wrong, "✗ "+err.Error())
		return
	}
	fit := s.path.Candidates()
	rows := p.Rows()
	for i, name := range fit {
		p.To(10)
		if i == rows-1 && len(fit) > rows {
			p.Line(t.Dim, "… "+text.Number(len(fit)-i)+" more")
			return
		}
		p.Line(t.Text, name)
	}
}
