package ui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
)

// key routes a keystroke.
func (r *root) key(k tea.KeyPressMsg) tea.Cmd {
	r.notice, r.progress.alarm = screen.Notice{}, false
	a := r.env.Keys.Action(k, keymap.Everywhere)
	again := r.leaving
	r.leaving = false
	if a == keymap.Cancel && again {
		return tea.Quit
	}
	if k.Text == "" { // it types nothing, so nothing else misses it
		if cmd, ok := r.anywhere(a); ok {
			return cmd
		}
	}
	if len(r.dialogs) > 0 {
		return r.dialogKey(k)
	}
	if r.typing() {
		return r.do(r.view(), r.view().Update(k))
	}
	if cmd, ok := r.global(a); ok {
		return cmd
	}
	own := r.env.Keys.Action(k, r.scopes()...)
	if cmd, ok := r.ofShelf(own); ok {
		return cmd
	}
	if cmd, ok := r.ofWelcome(own); ok {
		return cmd
	}
	if cmd, ok := r.ofWatched(own); ok {
		return cmd
	}
	return r.do(r.view(), r.view().Update(k))
}

// named does what is called by its name and not by a key. Where somebody types or is
// asked something the keys are for that.
func (r *root) named(a keymap.Action) tea.Cmd {
	if len(r.dialogs) > 0 || r.typing() {
		return r.press(a)
	}
	r.notice, r.leaving = screen.Notice{}, false
	return r.perform(a)
}

// perform does what an action says on the screen that is shown: all there is of it,
// for whatever it came by.
func (r *root) perform(a keymap.Action) tea.Cmd {
	for _, own := range []func(keymap.Action) (tea.Cmd, bool){r.global, r.ofShelf, r.ofWelcome, r.ofWatched} {
		if cmd, ok := own(a); ok {
			return cmd
		}
	}
	return r.do(r.view(), r.view().Act(a))
}

// global does what a key means on every screen, if it means anything there.
func (r *root) global(a keymap.Action) (tea.Cmd, bool) {
	switch a {
	case keymap.GoImages:
		return r.open(atImages), true
	case keymap.GoCompose:
		return r.open(atCompose), true
	case keymap.GoPods:
		return r.open(atPods), true
	case keymap.GoTrust:
		return r.open(atTrust), true
	case keymap.Help:
		r.push(asked{Dialog: dialog.NewHelp(r.env.Keys, r.scopes()...)})
	case keymap.Find:
		return r.find(), true
	case keymap.Cancel:
		r.cancel()
	default:
		return r.anywhere(a)
	}
	return nil, true
}

// anywhere does what changes nothing but how all is shown: also over a dialog, and
// while somebody types.
func (r *root) anywhere(a keymap.Action) (tea.Cmd, bool) {
	switch a {
	case keymap.Mouse:
		r.switchMouse()
	case keymap.Theme:
		r.nextTheme()
	case keymap.Suspend:
		return tea.Suspend, true
	case keymap.Redraw:
		return tea.Batch(tea.ClearScreen, r.images.Show()), true
	default:
		return nil, false
	}
	return nil, true
}

// scopes are those whose keys work now, the screen's own first.
func (r *root) scopes() []keymap.Scope {
	switch r.at {
	case atCompose:
		if r.compose.Writes() {
			return []keymap.Scope{keymap.Written, keymap.List, keymap.Everywhere}
		}
		return []keymap.Scope{keymap.Compose, keymap.Edit, keymap.List, keymap.Everywhere}
	case atPods:
		return []keymap.Scope{keymap.Pods, keymap.Pod, keymap.List, keymap.Everywhere}
	case atTrust:
		return []keymap.Scope{keymap.Trust, keymap.TrustFor, keymap.Edit, keymap.List, keymap.Everywhere}
	case atWatch:
		return []keymap.Scope{keymap.Watch, keymap.Pod, keymap.List, keymap.Everywhere}
	case atShelf:
		return []keymap.Scope{keymap.Shelf, keymap.List, keymap.Everywhere}
	case atPage:
		return []keymap.Scope{keymap.PodPage, keymap.Pod, keymap.List, keymap.Everywhere}
	}
	return append(r.images.Scopes(), keymap.List, keymap.Everywhere)
}

// cancel stops what was begun last; if nothing was, it says how to leave.
func (r *root) cancel() {
	key, _ := r.env.Keys.Hint(keymap.Cancel)
	r.leaving = true
	if r.at == atImages && r.images.CancelFetch() {
		r.notice = screen.Notice{Text: "fetch stopped · " + key + " again quits"}
		return
	}
	if r.at == atWatch && r.watch.Halt() {
		r.notice = screen.Notice{Text: "start stopped, what came is kept · " + key + " again quits"}
		return
	}
	r.notice = screen.Notice{Text: key + " again quits" + r.leftBehind()}
}

// leftBehind tells what quitting would mean for what is under way.
func (r *root) leftBehind() string {
	switch {
	case r.starting() > 0:
		return "; the pod that is starting would not start, what came is kept"
	case r.loses():
		return "; the pod in the form was never run and would be lost"
	case r.images.Fetching() > 0:
		return "; fetches stop, what came is kept"
	case r.pods.Running() > 0:
		return "; pods go on"
	}
	return ""
}

func (r *root) push(a asked) { r.dialogs = append(r.dialogs, a) }

func (r *root) dialogKey(k tea.KeyPressMsg) tea.Cmd {
	top := r.dialogs[len(r.dialogs)-1]
	done, answer := top.Key(k, r.env.Keys, r.env.Now())
	return r.answered(top, done, answer)
}

// answered closes the topmost dialog if it is done, and gives its answer to who
// asked.
func (r *root) answered(top asked, done bool, answer tea.Msg) tea.Cmd {
	if done {
		r.dialogs = r.dialogs[:len(r.dialogs)-1]
	}
	switch {
	case answer == nil:
		return nil
	case top.by == nil:
		return r.ownMessage(answer)
	}
	return r.do(top.by, top.by.Update(answer))
}
