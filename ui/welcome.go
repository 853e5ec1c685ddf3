package ui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/welcome"
)

// welcome is what stands in the place of images while there is nothing yet: no pod
// either, and none in the form.
func (r *root) welcome(w, h int) string {
	if r.pods.Some() || len(r.compose.Pod().Apps) > 0 {
		return ""
	}
	return r.welcomePage().Draw(w, h)
}

func (r *root) welcomePage() welcome.Page {
	return welcome.Page{
		Theme: r.env.Theme, Keys: r.env.Keys, Demo: r.options.Demo != nil,
		Missing: r.options.Missing, Works: r.options.Works,
	}
}

// brought is the demo's pod, its images in the store.
type brought struct {
	pod spec.Pod
	err error
}

// ofWelcome brings the demo.
func (r *root) ofWelcome(a keymap.Action) (tea.Cmd, bool) {
	switch {
	case a != keymap.ImagesDemo:
		return nil, false
	case r.options.Demo == nil:
		r.notice = screen.Notice{Text: "there is no demo here"}
		return nil, true
	case r.coming:
		return nil, true
	}
	r.coming = true
	r.notice = screen.Notice{Text: "the demo's images come into the store …"}
	bring, ctx := r.options.Demo, r.ctx
	return func() tea.Msg {
		pod, err := bring(ctx)
		return brought{pod, err}
	}, true
}

// takeDemo puts the demo's pod into the form, unless somebody has gone on to do
// something else.
func (r *root) takeDemo(m brought) tea.Cmd {
	r.coming = false
	key, _ := r.env.Keys.Hint(keymap.ImagesDemo)
	switch {
	case m.err != nil:
		r.notice = screen.Notice{Text: "the demo can't be shown: " + m.err.Error(), Wrong: true}
		return nil
	case r.at != atImages || r.typing() || len(r.dialogs) > 0:
		r.notice = screen.Notice{Text: "the demo's images are in the store; " + key + " there puts its pod into the form"}
		return r.images.Load()
	}
	run, _ := r.env.Keys.Hint(keymap.ComposeRun)
	cmd := tea.Batch(r.images.Load(), r.intoForm(drafts.Draft{Pod: m.pod}, "the demo"))
	r.notice.Text += "; " + run + " runs it"
	return cmd
}
