package stages

import (
	"strings"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// DrawSteps draws the way of images with a row for each step of theirs and each
// layer, for who looks at one fetch and not at a pod.
func (s *Stages) DrawSteps(t *theme.Theme, w, h int, now time.Time) string {
	p := draw.New(w, h)
	for i, img := range s.Images {
		if len(s.Images) > 1 {
			if img.ready() && i < len(s.Images)-1 {
				p.To(1)
				p.Put(t.Good, "✓ ")
				p.Line(t.Text, s.nameOf(img))
				continue
			}
			p.To(1)
			p.Line(t.Strong, s.nameOf(img))
		}
		s.drawSteps(p, t, img, now)
	}
	return p.String()
}

// StepRows is how many rows DrawSteps needs to show everything.
func (s *Stages) StepRows(w int) int {
	n := 0
	for i, img := range s.Images {
		if len(s.Images) > 1 {
			n++
		}
		if len(s.Images) == 1 || !img.ready() || i == len(s.Images)-1 {
			n += s.stepRows(img, w)
		}
	}
	return n
}

// inSteps is what who verified an image takes of a row for that alone.
const inSteps = 64

// stepName is the column that the names of steps take.
const stepName = 9

func (s *Stages) drawSteps(p *draw.Page, t *theme.Theme, img *Image, now time.Time) {
	m := img.moment(now, s.Halted || img.failed()) // no event ends what else was under way
	rows := p.Rows() - s.stepRows(img, p.Width()) + len(img.Layers)
	causeDrawn := s.Halted // that it was stopped here is no failure
	for _, st := range img.told() {
		s.drawStep(p, t, st, m)
		if st.Step == &img.Fetch {
			if st.Under() && st.Bytes > 0 && st.Total > 0 {
				p.To(imageIndent + layerName)
				st.drawBar(p, t, max(min(p.Width()/2, 48), 8))
				p.Next()
			}
			drawLayers(p, t, img.Layers, max(min(len(img.Layers), rows), 1), m)
		}
		if st.State == event.Failed && !causeDrawn {
			s.drawCause(p, t, img.cause(), imageIndent)
			causeDrawn = true
		}
	}
	if !causeDrawn {
		s.drawCause(p, t, img.cause(), imageIndent)
	}
	for _, row := range s.hint(img, p.Width()) {
		p.To(imageIndent)
		p.Line(t.Dim, row)
	}
}

// Retry is why an image takes longer, "" if none does.
func (s *Stages) Retry() string {
	for _, img := range s.Images {
		if img.Retry != "" && !img.failed() && !img.ready() {
			return img.Retry
		}
	}
	return ""
}

// hint is why it takes longer, as long as it does.
func (s *Stages) hint(img *Image, w int) []string {
	if img.Retry == "" || s.Halted || img.failed() {
		return nil
	}
	return text.Wrap(text.Escape(img.Retry), max(w-imageIndent-1, 1))
}

// named is a step with its name and what was told of it above.
type named struct {
	*Step
	name  string
	words string
}

// told are the steps of an image: all, or those that it came to.
func (img *Image) told() []named {
	unpack := ""
	if img.Fetch.Under() && img.Unpack.Under() { // one pass over the same bytes
		unpack = img.Unpack.percent()
	}
	steps := []named{
		{&img.Search, "search", orElse(img.Search.Message, img.search())},
		{&img.Verify, "verify", img.verification(inSteps)},
		{&img.Fetch, img.fetching(), ""},
		{&img.Unpack, "unpack", unpack},
	}
	if !img.failed() {
		return steps
	}
	var came []named
	for _, st := range steps {
		if st.State != "" {
			came = append(came, st)
		}
	}
	return came
}

// stepRows is how many rows an image takes of DrawSteps.
func (s *Stages) stepRows(img *Image, w int) int {
	n := len(img.told()) + len(img.Layers)
	if !s.Halted {
		n += causeRows(img.cause(), w-imageIndent)
	}
	n += len(s.hint(img, w))
	if st := &img.Fetch; st.Under() && st.Bytes > 0 && st.Total > 0 {
		n++
	}
	return n
}

func (s *Stages) drawStep(p *draw.Page, t *theme.Theme, st named, m moment) {
	p.To(1)
	style := styleOf(t, st.State)
	switch {
	case st.Under() && m.halted, st.State == event.Failed && s.Halted:
		p.Put(t.Waiting, "– ")
		style = t.Text
	default:
		s.sign(p, t, st.State)
	}
	p.PutIn(style, st.name, stepName)
	words := st.words
	switch {
	case st.State == event.Failed && st.Bytes == 0:
		words = "" // the cause stands below
	case words == "" || st.Under() && m.halted:
		words = st.moving(m)
	}
	if strings.HasPrefix(words, NotVerified) {
		style = t.Waiting
	}
	p.Line(style, words)
}

// moving tells how far a step is that counts bytes.
func (st *Step) moving(m moment) string {
	switch {
	case st.State == "":
		return ""
	case (st.State == event.Failed || st.Under() && m.halted) && st.Bytes > 0:
		return "stopped at " + text.Part(st.Bytes, st.Total)
	case st.Under() && m.halted:
		return "stopped"
	case st.Under() && st.Bytes > 0:
		return st.progress(m.now)
	case st.State == event.Done:
		return text.Bytes(max(st.Bytes, st.Total))
	}
	return st.Message
}

// Stop says that what is under way was stopped here.
func (s *Stages) Stop() { s.Halted = true }

// Kept is how many bytes came, of all images.
func (s *Stages) Kept() int64 {
	var n int64
	for _, img := range s.Images {
		n += img.Fetch.Bytes
	}
	return n
}

// Percent is how much of the bytes is there, "" if nobody knows.
func (s *Stages) Percent() string {
	for _, img := range s.Images {
		if st := img.counting(); st != nil {
			return st.percent()
		}
	}
	return ""
}
