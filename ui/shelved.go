package ui

import (
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/shelf"
	"github.com/podtui/podtui/ui/stages"
)

// ofShelf does what has to do with pods that were composed before, whichever screen
// shows one.
func (r *root) ofShelf(a keymap.Action) (tea.Cmd, bool) {
	switch a {
	case keymap.ImagesShelf, keymap.ComposeShelf:
		r.shelved = r.at
		return r.open(atShelf), true
	case keymap.ComposeSave:
		return r.askSave(), true
	case keymap.PodEdit, keymap.PodAgain:
		if uuid := r.pointedAt(); uuid != "" {
			return r.again(uuid, a == keymap.PodAgain), true
		}
	}
	return nil, false
}

// askSave asks for a name for the pod in the form.
func (r *root) askSave() tea.Cmd {
	pod := r.compose.Pod()
	if drafts.Blank(pod) {
		r.notice = screen.Notice{Text: "the form is empty: there is nothing to save"}
		return nil
	}
	return r.do(r.shelf, r.shelf.AskSave(r.view(), drafts.Draft{Pod: pod, Marks: r.compose.Marks()}, shelf.Name(pod)))
}

// pointedAt is the pod that the keys are about, "" if there is none.
func (r *root) pointedAt() string {
	switch {
	case r.at == atPods:
		return r.pods.Under()
	case r.at == atPage:
		return r.page.UUID()
	case r.watched():
		return r.watch.UUID()
	}
	return ""
}

// podRead is a pod as it was asked for when it was made.
type podRead struct {
	uuid string
	run  bool
	pod  spec.Pod
	err  error
}

// again reads what a pod was made of, to make another of it.
func (r *root) again(uuid string, run bool) tea.Cmd {
	return func() tea.Msg {
		pod, err := r.engine.PodSpec(uuid)
		return podRead{uuid, run, pod, err}
	}
}

func (r *root) takePodRead(m podRead) tea.Cmd {
	label, status := "the pod", poddir.Status{}
	if p, _, _, ok := r.pods.Pod(m.uuid); ok {
		label, status = stages.PodLabel(p), p
	}
	if m.err == nil && len(m.pod.Apps) == 0 {
		m.err = errors.New("nothing is known of what it was made of")
	}
	if m.err != nil {
		r.notice = screen.Notice{Text: label + " can't be run again: " + m.err.Error(), Wrong: true}
		return nil
	}
	if r.pointedAt() != m.uuid || r.typing() || len(r.dialogs) > 0 { // whose keys would go elsewhere
		r.notice = screen.Notice{Text: label + " is left as it is: something else came up", Wrong: true}
		return nil
	}
	m.pod.Name = "" // which is the other's as long as that is there
	if m.run {
		return r.runAgain(drafts.Draft{Pod: m.pod})
	}
	cmd := r.intoForm(drafts.Draft{Pod: m.pod}, label)
	if len(status.Insecure) > 0 {
		r.notice.Text += "; that it was not strict about " + strings.Join(status.Insecure, ", ") + " is not part of it"
	}
	return cmd
}

// intoForm puts a pod into the form. What was there is brought back by undoing it.
func (r *root) intoForm(d drafts.Draft, what string) tea.Cmd {
	before := r.compose.Pod()
	cmd := tea.Batch(r.do(r.compose, r.compose.Replace(d)), r.open(atCompose))
	r.notice = screen.Notice{Text: what + " is in the form"}
	if !drafts.Blank(before) {
		undo, _ := r.env.Keys.Hint(keymap.ComposeUndo)
		r.notice.Text += "; " + undo + " brings back what was there"
	}
	return cmd
}

// runAgain runs a pod by way of the form, which asks what it always asks.
func (r *root) runAgain(d drafts.Draft) tea.Cmd {
	cmd := tea.Batch(r.do(r.compose, r.compose.Replace(d)), r.open(atCompose))
	return tea.Batch(cmd, r.do(r.compose, r.compose.RunNow()))
}
