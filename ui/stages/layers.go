package stages

import (
	"strings"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// Layer is the way of one layer of an image.
type Layer struct {
	Digest string
	Fetch  Step
	Unpack Step
}

func (img *Image) layer(digest string) *Layer {
	for _, l := range img.Layers {
		if l.Digest == digest {
			return l
		}
	}
	l := &Layer{Digest: digest}
	img.Layers = append(img.Layers, l)
	return l
}

func (l *Layer) add(e event.Event) {
	st := &l.Fetch
	if e.Type == event.ImageUnpack {
		st = &l.Unpack
	}
	if st.Bytes == 0 && e.Bytes > 0 {
		st.meter = meter{} // how long it has waited says nothing of how fast it comes
	}
	st.add(e)
}

// short is a digest as people tell them apart: its first eight digits.
func (l *Layer) short() string {
	_, digits, ok := strings.Cut(l.Digest, ":")
	if !ok {
		digits = l.Digest
	}
	return digits[:min(len(digits), 8)]
}

// done reports whether nothing is left to do for the layer.
func (l *Layer) done() bool {
	return l.Unpack.State == event.Done || l.Unpack.State == event.Skipped ||
		l.Fetch.State == event.Skipped && l.Unpack.State == ""
}

// begun reports whether bytes of it have come.
func (l *Layer) begun() bool { return l.Fetch.Bytes > 0 || l.Unpack.Bytes > 0 || l.done() }

func (l *Layer) failed() bool { return l.Fetch.State == event.Failed || l.Unpack.State == event.Failed }

// rank is what is looked at first where there is little room: what failed, what
// is under way, what waits, what is done.
func (l *Layer) rank() int {
	switch {
	case l.failed():
		return 0
	case l.done():
		return 3
	case l.begun():
		return 1
	}
	return 2
}

// shownLayers are an image's layers while they are of interest.
func (img *Image) shownLayers() []*Layer {
	if img.ready() {
		return nil
	}
	return img.Layers
}

// foldable is how many rows of layers can be left out before an image has to be.
func (s *Stages) foldable() int {
	n := 0
	for _, img := range s.Images {
		n += max(len(img.shownLayers())-1, 0)
	}
	return n
}

// moment is what a layer's words need beside the layer.
type moment struct {
	now    time.Time
	halted bool // nothing is under way
	alone  bool // the image's own line tells the pace of the one layer that comes
}

// moment is what stands for all layers of an image.
func (img *Image) moment(now time.Time, halted bool) moment {
	coming := 0
	for _, l := range img.Layers {
		if l.Fetch.Under() && l.Fetch.Bytes > 0 {
			coming++
		}
	}
	return moment{now, halted, coming == 1 && img.Fetch.Under() && img.Fetch.Bytes > 0}
}

// drawLayers draws layers in their order into so many rows. Where there are more
// layers than rows, those that nothing happens to are counted in the last row.
func drawLayers(p *draw.Page, t *theme.Theme, layers []*Layer, rows int, m moment) {
	if rows >= len(layers) {
		for _, l := range layers {
			drawLayer(p, t, l, m)
		}
		return
	}
	var shown [4]int // of each rank, as many as there is room for
	room := rows - 1
	for rank := range shown {
		n := 0
		for _, l := range layers {
			if l.rank() == rank {
				n++
			}
		}
		shown[rank] = min(n, room)
		room -= shown[rank]
	}
	done, rest := 0, 0
	for _, l := range layers {
		switch rank := l.rank(); {
		case shown[rank] > 0:
			shown[rank]--
			drawLayer(p, t, l, m)
		case l.done():
			done++
		default:
			rest++
		}
	}
	if rows > 0 {
		p.To(imageIndent)
		p.Line(t.Dim, others(done, rest))
	}
}

// others counts layers that are not shown.
func others(done, rest int) string {
	switch {
	case rest == 0:
		return text.Count(done, "layer") + " done"
	case done == 0:
		return "and " + text.Count(rest, "layer") + " more"
	}
	return text.Count(done, "layer") + " done, " + text.Number(rest) + " more"
}

// layerBar is how wide the bar of a layer is, and layerName what its name takes.
const (
	layerName = 10
	layerBar  = 20
)

func drawLayer(p *draw.Page, t *theme.Theme, l *Layer, m moment) {
	p.To(imageIndent)
	p.PutIn(t.Dim, l.short(), layerName)
	width := max(min(layerBar, p.Width()/4), 4)
	st := l.Fetch
	if st.State == event.Skipped || l.done() && st.Total == 0 {
		st.Bytes, st.Total = 1, 1
	}
	if st.Total > 0 {
		st.drawBar(p, t, width)
	} else {
		p.To(p.X() + width + 2)
	}
	words, style := l.words(m), t.Text
	switch {
	case l.failed():
		style = t.Wrong
	case !l.begun() || l.done():
		style = t.Dim
	}
	p.Line(style, words)
}

// words tells how far a layer is.
func (l *Layer) words(m moment) string {
	size := max(l.Fetch.Total, l.Fetch.Bytes)
	switch {
	case l.Fetch.State == event.Failed:
		return "stopped at " + text.Part(l.Fetch.Bytes, l.Fetch.Total) + cause(l.Fetch.Message)
	case l.Unpack.State == event.Failed:
		return "unpack stopped" + cause(l.Unpack.Message)
	case l.Fetch.State == event.Skipped:
		return orElse(l.Fetch.Message, "in the store")
	case l.done():
		return text.Bytes(size)
	case !l.begun() && size > 0:
		return "waiting · " + text.Bytes(size)
	case !l.begun():
		return "waiting"
	case m.halted && !l.done():
		return "stopped at " + text.Part(l.Fetch.Bytes, l.Fetch.Total)
	case l.Fetch.Under() && m.alone:
		return text.Part(l.Fetch.Bytes, l.Fetch.Total)
	case l.Fetch.Under():
		return l.Fetch.progress(m.now)
	}
	return text.Bytes(size) + " · " + l.Unpack.under("unpack")
}

func cause(message string) string {
	if message == "" {
		return ""
	}
	return ": " + message
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
