package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/watch"
)

// starting is how many pods are being started from here.
func (r *root) starting() int {
	n := 0
	for _, w := range r.watches {
		if w.Starting() {
			n++
		}
	}
	return n
}

// listStarts tells the list of pods what it can't know by itself.
func (r *root) listStarts() {
	var starts []poddir.Status
	for _, w := range slices.Backward(r.watches) {
		if w.UUID() != "" && (w.Starting() || w.Failed()) {
			starts = append(starts, w.Status())
		}
	}
	r.pods.SetStarts(starts)
}

// notStarted is for a start that ended without a pod. Its cause stays in sight
// until it was looked at.
func (r *root) notStarted(by view, wish watch.NotStarted) tea.Cmd {
	w, ok := by.(*watch.Screen)
	if ok && wish.Cause != "" && r.view() != by {
		r.unseen = append(r.unseen, w)
		r.notice = screen.Notice{Text: w.Name() + " did not start: " + wish.Cause, Wrong: true}
	}
	if wish.Review != nil {
		r.ask(by, screen.Ask{Dialog: wish.Review, Unasked: true})
	}
	return r.fetchedImages(by)
}

// elsewhere counts starts that are under way, and failed ones that nobody has
// looked at yet, but for the pod that is on the screen.
func (r *root) elsewhere() (starting, failed int) {
	starting = r.starting()
	if r.at == atWatch && r.watch.Starting() {
		starting--
	}
	return starting, len(r.unseen)
}

// leftOff tells what ends with the screen, a line each.
func (r *root) leftOff() string {
	var b strings.Builder
	for _, w := range r.watches {
		if w.Starting() {
			fmt.Fprintf(&b, "pod %s was not started; what was downloaded is kept\n", text.Escape(w.Name()))
		}
	}
	if r.compose.Unsaved() && !r.loses() {
		b.WriteString("the pod in the form was not run; podtui goes on with it\n")
	}
	switch n := r.images.Fetching(); n {
	case 0:
	case 1:
		b.WriteString("a fetch was stopped; what came is kept\n")
	default:
		fmt.Fprintf(&b, "%s fetches were stopped; what came is kept\n", text.Number(n))
	}
	return b.String()
}
