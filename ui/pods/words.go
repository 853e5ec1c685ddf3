package pods

import (
	"slices"
	"strings"
	"time"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/match"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// words is what a row says, made when the pod changes and not when it is drawn.
type words struct {
	name, state, apps, image, ports, cause string

	cpu, memory string

	doubtful bool // nobody vouched for one of its images

	age   string
	asked int64 // the second that age is of

	folded string // what a search looks through
}

func wordsOf(p poddir.Status) words {
	w := words{
		name: stages.PodName(p), state: stages.PodState(p, time.Time{}), apps: strings.Join(stages.AppNames(p), " "),
		image: stages.PodImages(p), ports: stages.PodPorts(p), cause: stages.PodCause(p),
	}
	w.doubtful = slices.ContainsFunc(p.Apps, func(a poddir.AppStatus) bool { return a.Unverified })
	aside := []string{p.UUID, string(p.State), w.state}
	for _, a := range p.Apps {
		aside = append(aside, a.Image)
	}
	aside = append(append(aside, stages.PodAddresses(p)...), w.ports)
	w.folded = match.Fold(w.name + " " + w.apps + match.Aside + strings.Join(aside, " "))
	return w
}

// ageAt is how long a pod runs, or how long ago it ended.
func (p *pod) ageAt(now time.Time) string {
	if at := now.Unix(); at != p.words.asked || p.words.age == "" {
		p.words.asked, p.words.age = at, text.Ago(now.Sub(stages.PodSince(p.Status)))
	}
	return p.words.age
}

// state is where a pod is, or what is being done to it.
func (s *Screen) state(p *pod) (string, theme.Style) {
	t := s.env.Theme
	switch {
	case p.doing != "":
		return p.doing + " …", t.Waiting
	case s.stopped(p):
		return "stopped", t.Dim
	}
	words := p.words.state
	if _, waits := stages.NextStart(p.Status); waits {
		words = stages.PodState(p.Status, s.env.Now())
	}
	return words, stages.PodStyle(t, p.Status)
}

// stopped reports whether a pod ended as it was asked to from here.
func (s *Screen) stopped(p *pod) bool {
	return p.State == poddir.Exited && s.env.Stopped(p.UUID) && stages.BySignal(p.Exit)
}

// why is the cause of how a pod is; what could not be done to it goes before that.
func (s *Screen) why(p *pod) (string, theme.Style) {
	t := s.env.Theme
	switch {
	case p.trouble != "":
		return "! " + p.trouble, t.Wrong
	case s.stopped(p):
		return "", t.Dim
	}
	return p.words.cause, t.Dim
}

// details are the rows below the list: of the pod under the cursor what the row
// may have no room for. They are as many for each pod, so that the list stands
// still.
func (s *Screen) details(h int) []dialog.Span {
	p := s.current()
	if p == nil || h < 12 {
		return nil
	}
	var images []string
	for _, a := range p.Apps {
		if !slices.Contains(images, a.Image) && a.Image != "" {
			images = append(images, a.Image)
		}
	}
	rows := []dialog.Span{{}, {Head: p.UUID + "  ", Text: strings.Join(images, ", ")}}
	why, _ := s.why(p)
	if _, waits := stages.NextStart(p.Status); waits && p.doing == "" && p.trouble == "" {
		why = stages.PodState(p.Status, s.env.Now()) + " · " + why
	}
	return append(rows, dialog.Span{Text: why})
}
