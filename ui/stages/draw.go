package stages

import (
	"strconv"
	"strings"
	"time"

	"charm.land/bubbles/v2/spinner"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// Rows is how many rows Draw needs to show everything.
func (s *Stages) Rows(w int) int {
	n := 1 + len(s.failedApps())
	for _, img := range s.Images {
		n += 1 + img.verifyRows(w)
		if !img.unverified() {
			n += causeRows(img.cause(), w-imageIndent)
		}
		if img.counting() != nil {
			n++
		}
		n += len(img.shownLayers())
	}
	if !s.imageFailed() {
		n += causeRows(s.Err, w-podIndent)
	}
	return n
}

// Where causes begin, and how many rows they may take.
const (
	imageIndent  = 5
	podIndent    = 1
	maxCauseRows = 4
)

func causeRows(cause string, w int) int {
	if cause == "" {
		return 0
	}
	return min(len(text.Wrap(text.Escape(cause), max(w-3, 1))), maxCauseRows)
}

// Draw draws an image with its verification, and a row for the pod. Where they
// don't fit, a verification that did not fail goes into the image's row, and then
// images that are ready go: what is under way or failed is what matters.
func (s *Stages) Draw(t *theme.Theme, w, h int, now time.Time) string {
	p := draw.New(w, h)
	over := s.Rows(w) - h // rows that there is no room for
	inline := over > 0
	if inline {
		over -= s.inlineRows(w)
	}
	shown := s.Images
	if over > s.foldable() {
		shown = nil
		for _, img := range s.Images {
			if !img.ready() {
				shown = append(shown, img)
			}
		}
		if n := len(s.Images) - len(shown); n > 0 {
			p.To(1)
			p.Put(t.Good, "✓ ")
			p.Line(t.Text, text.Count(n, "image")+" ready")
		}
	}
	for _, img := range shown {
		s.drawImage(p, t, img, now, inline && !img.unverified())
		layers := img.shownLayers()
		room := len(layers)
		if over > 0 {
			room = max(min(room-over, room), min(room, 1))
			over -= len(layers) - room
		}
		drawLayers(p, t, layers, room, img.moment(now, s.Halted || img.failed()))
		if !img.unverified() {
			s.drawCause(p, t, img.cause(), imageIndent)
		}
	}
	s.drawPod(p, t, now)
	if !s.imageFailed() {
		s.drawCause(p, t, s.Err, podIndent)
	}
	s.drawFailed(p, t)
	return p.String()
}

// frames is the sign of work, one for each thing that happened: it moves only
// when something does.
var frames = spinner.MiniDot.Frames

func (s *Stages) sign(p *draw.Page, t *theme.Theme, state event.State) {
	switch state {
	case event.Started:
		p.Put(t.Waiting, s.Beat())
	case event.Done:
		p.Put(t.Good, "✓")
	case event.Skipped:
		p.Put(t.Dim, "–")
	case event.Failed:
		p.Put(t.Wrong, "✗")
	default:
		p.Put(t.Dim, "·")
	}
	p.Put(t.Text, " ")
}

// Beat is the sign of work as it stands.
func (s *Stages) Beat() string { return frames[s.beats%len(frames)] }

func (img *Image) state() event.State {
	switch {
	case img.failed():
		return event.Failed
	case img.ready():
		return event.Done
	case img.Search.State == "":
		return ""
	}
	return event.Started
}

// nameWidth is the column that names take: as wide as the longest, but never so
// wide that nothing can be said of it.
func (s *Stages) nameWidth(w int) int {
	n := 0
	for _, img := range s.Images {
		n = max(n, text.Width(text.Escape(s.nameOf(img))))
	}
	return min(n, max(w*2/5, 20), 60)
}

// nameOf is what an image is called: as it was asked for, but for a hash, which
// nobody recognises.
func (s *Stages) nameOf(img *Image) string {
	for _, key := range []string{img.Ref, img.ID} {
		if name := s.Names[key]; name != "" && strings.HasPrefix(img.Ref, "sha512-") {
			return name
		}
	}
	return img.Ref
}

// drawImage draws how far an image is, with its verification in a row of its own
// or inline.
func (s *Stages) drawImage(p *draw.Page, t *theme.Theme, img *Image, now time.Time, inline bool) {
	p.To(1)
	s.sign(p, t, img.state())
	words := img.words(inline)
	width := s.nameWidth(p.Width())
	if words == "" {
		width = p.Room()
	}
	p.PutIn(t.Text, s.nameOf(img), width)
	p.To(p.X() + 2)
	style := t.Dim
	if img.state() == event.Started {
		style = t.Text
	}
	if before, after, ok := strings.Cut(words, NotVerified); ok {
		p.Put(style, before)
		p.Put(t.Waiting, NotVerified)
		p.Put(style, after)
	} else {
		p.Put(style, words)
	}
	p.Next()
	if !inline {
		s.drawVerify(p, t, img)
	}
	if st := img.counting(); st != nil {
		p.To(imageIndent)
		st.drawBar(p, t, max(min(p.Width()/4, 32), 8))
		p.Line(t.Text, st.progress(now))
	}
}

// counting is the step that counts bytes now, nil if none does.
func (img *Image) counting() *Step {
	if img.failed() {
		return nil
	}
	for _, st := range []*Step{&img.Fetch, &img.Unpack} {
		if st.Under() && st.Bytes > 0 {
			return st
		}
	}
	return nil
}

// drawBar draws how far the bytes are, if anybody knows how many there are: as a
// line, for bars that are blocks melt into one with the bars above and below.
func (st *Step) drawBar(p *draw.Page, t *theme.Theme, width int) {
	if st.Total <= 0 {
		return
	}
	done := int(float64(width) * float64(min(st.Bytes, st.Total)) / float64(st.Total))
	p.Put(t.Accent, strings.Repeat("━", done))
	p.Put(t.Dim, strings.Repeat("─", width-done))
	p.To(p.X() + 2)
}

// drawCause draws a cause, wrapped to a few rows.
func (s *Stages) drawCause(p *draw.Page, t *theme.Theme, cause string, indent int) {
	if cause == "" {
		return
	}
	rows := text.Wrap(text.Escape(cause), max(p.Width()-indent-3, 1))
	for i, row := range rows[:min(len(rows), maxCauseRows)] {
		p.To(indent)
		if i == 0 {
			p.Put(t.Wrong, "✗ ")
		}
		p.To(indent + 2)
		p.Line(t.Text, row)
	}
}

// drawPod draws the steps of the pod in one row.
func (s *Stages) drawPod(p *draw.Page, t *theme.Theme, now time.Time) {
	p.To(1)
	prepare := s.Prepare.State
	stopped := s.Err != "" && !s.imageFailed() // and it was the first step that is not done
	if stopped && prepare != event.Done {
		prepare, stopped = event.Failed, false
	}
	s.sign(p, t, prepare)
	p.Put(styleOf(t, prepare), "prepare   ")
	if s.Network.State != "" {
		s.sign(p, t, s.Network.State)
		p.Put(styleOf(t, s.Network.State), strings.TrimSpace("network "+s.network())+"   ")
	}
	state, words := s.run(now)
	if stopped && state == "" {
		state = event.Failed
	}
	s.sign(p, t, state)
	p.Put(styleOf(t, state), words)
	p.Next()
}

// network is what the row has room for of the pod's networks: why there are none
// stands below, and all of an address on the pod's page.
func (s *Stages) network() string {
	if s.Network.State == event.Failed {
		return ""
	}
	words, _, _ := strings.Cut(s.Network.Message, ",")
	return words
}

func styleOf(t *theme.Theme, state event.State) theme.Style {
	switch state {
	case "", event.Skipped:
		return t.Dim
	case event.Failed:
		return t.Wrong
	}
	return t.Text
}

// run tells how far the apps are.
func (s *Stages) run(now time.Time) (event.State, string) {
	var first time.Time
	running, ended := 0, 0
	for _, a := range s.Apps {
		if !a.Started.IsZero() && (first.IsZero() || a.Started.Before(first)) {
			first = a.Started
		}
		switch {
		case a.Status != nil:
			ended++
		case !a.Started.IsZero():
			running++
		}
	}
	switch {
	case s.Exit != nil && *s.Exit == 0:
		return event.Done, s.ending() + after(first, s.Ended)
	case s.Stopped(s.Exit):
		return event.Skipped, "stopped" + after(first, s.Ended)
	case s.Exit != nil:
		return event.Failed, s.ending() + after(first, s.Ended)
	case running > 0 && ended > 0:
		return event.Started, text.Count(running, "app") + " running, " + text.Number(ended) + " ended"
	case running > 0:
		return event.Started, "running" + since(first, now)
	case ended < len(s.Apps):
		return event.Started, "event handlers run first"
	}
	return "", "run"
}

// ending is the pod's end in words. A cause that names one of several apps is
// left to the app's own row, and of a pod of one app the name is no news.
func (s *Stages) ending() string {
	for _, a := range s.Apps {
		if cause, ok := strings.CutPrefix(s.Cause, "app "+strconv.Quote(a.Name)+": "); ok {
			if len(s.Apps) > 1 {
				cause = ""
			}
			return Ending(s.Exit, cause)
		}
	}
	return Ending(s.Exit, s.Cause)
}

func after(from, to time.Time) string {
	if from.IsZero() || to.Sub(from) < time.Second {
		return ""
	}
	return " after " + text.Ago(to.Sub(from))
}

func since(from, now time.Time) string {
	if now.Before(from) {
		return ""
	}
	return " " + text.Ago(now.Sub(from))
}
