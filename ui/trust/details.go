package trust

import (
	"strings"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/keycard"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/text"
)

// fact is one thing that is to be known of an entry, beside its card.
type fact struct {
	name, value string
	risk        bool
}

// labels is the width of the names of facts, that of a card.
const labels = 13

// facts are what the card of a key does not tell, or all there is of an approval.
func (s *Screen) facts(e entry) []fact {
	if e.key == nil {
		facts := []fact{{name: "approved", value: e.pin.Pin}}
		if e.pin.Note != "" {
			facts = append(facts, fact{name: "note", value: e.pin.Note})
		}
		if !e.pin.At.IsZero() {
			facts = append(facts, fact{name: "since", value: e.pin.At.UTC().Format("2006-01-02 15:04")})
		}
		return append(facts, fact{name: "vouches for", value: imageWords(e.images)})
	}
	file := e.key.Path
	if e.key.System {
		file += " · with rkt's packages"
	}
	return []fact{
		scopeFact(e.key.Scope),
		{name: "file", value: file},
		{name: "vouches for", value: imageWords(e.images)},
	}
}

func scopeFact(prefix string) fact {
	if prefix == "" {
		return fact{"for", "all images: who holds this key can have anything run here", true}
	}
	return fact{"for", prefix + " and what is below it", false}
}

// imageWords names images, as many as there is ever room for.
func imageWords(images []image) string {
	const most = 50
	if len(images) == 0 {
		return "no image that is here"
	}
	var labels []string
	for _, img := range images[:min(len(images), most)] {
		labels = append(labels, img.label)
	}
	if more := len(images) - most; more > 0 {
		labels = append(labels, "and "+number(more)+" more")
	}
	return strings.Join(labels, " · ")
}

// detailRows is how many rows drawDetails takes.
func (s *Screen) detailRows(w int) int {
	e, ok := s.current()
	switch {
	case !ok:
		return 0
	case e.key == nil:
		return 1 + len(s.facts(e))
	}
	return 1 + keycard.Rows(e.key.KeyInfo, s.card(1, 1), w) + len(s.facts(e))
}

// card is how a key's card is shown: of a key that is trusted already it doesn't
// matter any more where it came from.
func (s *Screen) card(indent, names int) keycard.Options {
	return keycard.Options{Now: s.env.Now(), Indent: indent, Names: names}
}

// drawDetails draws what is under the cursor below the list, a row a fact.
func (s *Screen) drawDetails(p *draw.Page) {
	e, ok := s.current()
	if !ok || p.Rows() < 3 {
		return
	}
	p.Next()
	if e.key != nil {
		keycard.Draw(p, s.env.Theme, e.key.KeyInfo, s.card(1, 1))
	}
	s.drawFacts(p, s.facts(e), 1, 1)
}

// drawBeside draws what is under the cursor as a column of its own.
func (s *Screen) drawBeside(w, h int) string {
	p := draw.New(w, h)
	p.Next()
	p.Next()
	e, ok := s.current()
	if !ok {
		return p.String()
	}
	if e.key != nil {
		keycard.Draw(p, s.env.Theme, e.key.KeyInfo, s.card(2, 5))
	}
	s.drawFacts(p, s.facts(e), 2, h)
	return p.String()
}

// drawFacts draws facts below each other, each in at most so many rows.
func (s *Screen) drawFacts(p *draw.Page, facts []fact, indent, most int) {
	t := s.env.Theme
	room := max(p.Width()-indent-labels-1, 1)
	for _, f := range facts {
		p.To(indent)
		p.PutIn(t.Dim, f.name, labels)
		if f.risk {
			p.Put(t.Waiting, "! ")
		}
		if most == 1 {
			p.Line(t.Text, f.value)
			continue
		}
		for _, row := range text.Wrap(text.Escape(f.value), room-2) {
			p.To(indent + labels)
			p.Line(t.Text, row)
		}
	}
}

// inspect shows all of what is under the cursor: every name, and every image.
func (s *Screen) inspect() screen.Out {
	e, ok := s.current()
	if !ok {
		return screen.Out{}
	}
	d := &dialog.Text{Title: "an approval"}
	if e.key != nil {
		d.Title = "a key"
		d.Lines = s.keyLines(e.key.KeyInfo)
	}
	facts := s.facts(e)
	for _, f := range facts[:len(facts)-1] {
		d.Lines = append(d.Lines, dialog.Span{Head: f.name, Text: f.value})
	}
	d.Lines = append(d.Lines, imageLines(facts[len(facts)-1].name, e.images)...)
	return screen.Say(screen.Ask{Dialog: d})
}

// imageLines are images below each other. A text is laid out whole: of ten thousand
// the first will do.
func imageLines(head string, images []image) []dialog.Span {
	const most = 1000
	if len(images) == 0 {
		return []dialog.Span{{Head: head, Text: imageWords(nil)}}
	}
	var lines []dialog.Span
	for _, img := range images[:min(len(images), most)] {
		lines = append(lines, dialog.Span{Head: head, Text: img.label + " · " + shortID(img.id)})
		head = ""
	}
	if more := len(images) - most; more > 0 {
		lines = append(lines, dialog.Span{Text: "and " + number(more) + " more"})
	}
	return lines
}

// keyLines are all that a card shows cut.
func (s *Screen) keyLines(k engine.KeyInfo) []dialog.Span {
	var lines []dialog.Span
	if k.Problem != "" {
		lines = append(lines, dialog.Span{Head: "problem", Text: "✗ " + k.Problem})
	}
	head := "says it is"
	for _, id := range k.UserIDs {
		lines = append(lines, dialog.Span{Head: head, Text: id})
		head = ""
	}
	if len(k.UserIDs) == 0 {
		lines = append(lines, dialog.Span{Head: head, Text: keycard.Name(k)})
	}
	first, second, _ := strings.Cut(keycard.Fingerprint(k.Fingerprint), "  ")
	return append(lines,
		dialog.Span{Head: "fingerprint", Text: first},
		dialog.Span{Text: second},
		dialog.Span{Head: "key", Text: keycard.Made(k, s.env.Now())})
}

// shortID is an ID with the 12 digits of listings.
func shortID(id string) string {
	const short = len("sha512-") + 12
	return id[:min(len(id), short)]
}
