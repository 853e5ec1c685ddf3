package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/compose"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/images"
	"github.com/podtui/podtui/ui/pod"
	"github.com/podtui/podtui/ui/pods"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/shelf"
	"github.com/podtui/podtui/ui/trust"
	"github.com/podtui/podtui/ui/watch"
)

// do fulfils what a screen wishes, and hands on its work.
func (r *root) do(by view, out screen.Out) tea.Cmd {
	if out.Wish == nil {
		return out.Cmd
	}
	return tea.Batch(out.Cmd, r.fulfil(by, out.Wish))
}

func (r *root) fulfil(by view, wish screen.Wish) tea.Cmd {
	switch wish := wish.(type) {
	case screen.Ask:
		r.ask(by, wish)
	case screen.Notice:
		r.notice = wish
	case screen.Believed:
		r.notice = wish.Notice
		return r.images.Load()
	case screen.Leave:
		return r.leave()
	case screen.Typed:
		var cmds []tea.Cmd
		for _, msg := range wish {
			cmds = append(cmds, r.route(msg))
		}
		return tea.Batch(cmds...)
	case images.Chosen:
		return tea.Batch(r.compose.Add(wish.Images), r.open(atCompose))
	case images.Referred:
		return tea.Batch(r.compose.AddReference(wish.Reference), r.open(atCompose))
	case compose.AddApp:
		return r.open(atImages)
	case compose.Run:
		if r.options.Missing != "" { // it would fail in the middle, in words of the kernel's
			r.notice = screen.Notice{Text: r.options.Missing, Wrong: true}
			return nil
		}
		return r.runPod(wish)
	case shelf.Open:
		return r.intoForm(wish.Draft, wish.What)
	case shelf.Run:
		return r.runAgain(wish.Draft)
	case compose.Replaced:
		if wish.Notice.Text != "" {
			r.notice = wish.Notice
		}
		return r.setAside(wish.Draft)
	case watch.Changed:
		if w, ok := by.(*watch.Screen); ok {
			r.touch(w.UUID())
		}
		if r.at == atPods { // it has a name only now
			r.point()
		}
		return tea.Batch(r.fetchedImages(by), r.noted(by))
	case watch.Allowed:
		r.compose.Allow(wish.Reference)
	case watch.ToForm:
		r.notice = wish.Notice
		if wish.Field != "" {
			r.compose.Mend(wish.Field)
		}
		return r.open(atCompose)
	case watch.NotStarted:
		return r.notStarted(by, wish)
	case trust.Changed: // who is believed now decides what the lists say of images
		if wish.Notice.Text != "" {
			r.notice = wish.Notice
		}
		return r.images.Load()
	case pods.Open:
		return r.openPod(wish)
	case pods.Inspect:
		return r.openPage(wish.UUID)
	case pods.Changed:
		for _, uuid := range wish.Begun {
			r.touch(uuid)
		}
		return tea.Batch(r.podsChanged(), r.noteEnds())
	case pod.Act:
		return r.act(wish.Action, wish.UUID, wish.App)
	case pod.Logs:
		return r.openLogs(wish)
	case screen.Copy:
		if r.linear { // what is copied there is what is read out
			r.push(asked{Dialog: dialog.NewText(wish.What, wish.Text)})
			return nil
		}
		r.notice = screen.Notice{Text: wish.What + " copied, if the terminal lets programs copy"}
		return tea.SetClipboard(wish.Text)
	case screen.Terminal:
		return r.handOver(wish)
	case pods.StopStart:
		if w := r.watching(wish.UUID); w != nil {
			return r.do(w, w.AskStop())
		}
	}
	return nil
}

// ask puts a question over the screen, unless nobody asked for it and it would
// take the keys from something else.
func (r *root) ask(by view, wish screen.Ask) {
	var over any = by
	if wish.Over != nil {
		over = wish.Over
	}
	if wish.Unasked && (any(r.view()) != over || len(r.dialogs) > 0 || r.typing()) {
		if wish.Else.Text != "" {
			r.notice = wish.Else
		}
		return
	}
	r.push(asked{wish.Dialog, by})
}

// fetchedImages lists the store again for a pod that was started here: its images
// may have been fetched.
func (r *root) fetchedImages(by view) tea.Cmd {
	if w, ok := by.(*watch.Screen); ok && w.Here() {
		return r.images.Load()
	}
	return nil
}

// leave goes back one level: from a pod to the list or the form, from a screen
// to the images, from there out.
func (r *root) leave() tea.Cmd {
	switch r.at {
	case atWatch:
		return r.open(r.behind)
	case atPage:
		return r.open(r.from)
	case atShelf:
		return r.open(r.shelved)
	case atImages:
		return r.quit()
	}
	return r.open(atImages)
}

// quitAnswer is the user's yes to leaving with a loss.
type quitAnswer struct{}

// quit leaves, and asks first if something would be lost.
func (r *root) quit() tea.Cmd {
	var body string
	switch {
	case r.starting() > 0:
		body = "A pod is still starting. It would not start; what was downloaded is kept."
	case r.loses():
		body = "The pod in the form was never run, and would be lost: nothing can be kept here."
	default:
		return tea.Quit
	}
	r.push(asked{Dialog: dialog.NewConfirm(r.env.Now(), "Quit podtui?", "quit", quitAnswer{}, body)})
	return nil
}

// runPod starts a pod and shows how far it is. Starts that failed before, and were
// looked at, are put away.
func (r *root) runPod(wish compose.Run) tea.Cmd {
	r.notice = screen.Notice{}
	w := watch.New(r.ctx, r.env, r.engine)
	r.begun[w] = wish.Pod
	r.watches = slices.DeleteFunc(r.watches, func(old *watch.Screen) bool {
		if !old.Failed() || slices.Contains(r.unseen, old) {
			return false
		}
		delete(r.begun, old)
		return true
	})
	r.show(w)
	return tea.Batch(w.Start(wish.Pod, wish.Apps, wish.Images, engine.RunOptions{
		SkipVerify: wish.SkipVerify, Unverified: wish.Unverified, Relax: r.options.Relax,
	}), r.open(atWatch), r.ticking())
}

// openPod shows a pod that is there. One that is shown already, or that was
// started from here, keeps what was read of it.
func (r *root) openPod(wish pods.Open) tea.Cmd {
	r.touch(wish.UUID)
	if w := r.watching(wish.UUID); w != nil && !r.runsAnew(w) {
		r.show(w)
		return tea.Batch(r.open(atWatch), r.ticking())
	}
	if p, _, _, ok := r.pods.Pod(wish.UUID); ok {
		r.runs[wish.UUID] = p.Runs
	}
	w := watch.New(r.ctx, r.env, r.engine)
	r.show(w)
	return tea.Batch(w.Attach(wish.UUID, wish.Apps, wish.Images, wish.Preparing), r.open(atWatch), r.ticking())
}

// watching is the screen of a pod, nil if it has none.
func (r *root) watching(uuid string) *watch.Screen {
	for _, w := range r.watches {
		if w.UUID() == uuid {
			return w
		}
	}
	return nil
}

// show makes a pod's screen the one that is shown. Others are closed, which is
// nothing to their pods, but for those that are still being started, and those
// that nobody else can tell of any more.
func (r *root) show(w *watch.Screen) {
	r.watches = slices.DeleteFunc(r.watches, func(old *watch.Screen) bool {
		if old == w || old.Starting() || old.Failed() {
			return false
		}
		old.Close()
		return true
	})
	if !slices.Contains(r.watches, w) {
		r.watches = append(r.watches, w)
	}
	r.unseen = slices.DeleteFunc(r.unseen, func(failed *watch.Screen) bool { return failed == w })
	r.watch, r.seen = w, w
	r.behind = atPods
}
