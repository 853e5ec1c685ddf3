package ui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/pod"
	"github.com/podtui/podtui/ui/pods"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/watch"
)

// openPage shows a pod's page. Leaving it leads back to where it was opened.
func (r *root) openPage(uuid string) tea.Cmd {
	status, doing, trouble, ok := r.pods.Pod(uuid)
	if !ok {
		return nil
	}
	r.touch(uuid)
	if r.page != nil {
		r.page.Close()
	}
	if r.at != atPage {
		r.from = r.at
	}
	r.page = pod.New(r.ctx, r.env, r.engine, r.options.Command)
	r.page.Set(pod.State{Status: status, Doing: doing, Trouble: trouble, History: r.pods.History(uuid)})
	return tea.Batch(r.page.Load(), r.open(atPage))
}

// act does to a pod what its page, or its screen, asks for.
func (r *root) act(a keymap.Action, uuid, app string) tea.Cmd {
	return r.do(r.pods, r.pods.ActOn(a, uuid, app))
}

// ofWatched does for a pod that is watched what its screen knows nothing of.
func (r *root) ofWatched(a keymap.Action) (tea.Cmd, bool) {
	if by := map[keymap.Action]int{keymap.WatchOnward: 1, keymap.WatchBefore: -1}[a]; by != 0 && r.at == atWatch {
		return r.watchNext(by), true
	}
	if !r.watched() {
		return nil, false
	}
	switch a {
	case keymap.PodInspect:
		return r.openPage(r.watch.UUID()), true
	case keymap.PodAttach, keymap.PodEnter, keymap.WatchRun, keymap.WatchRemove:
		return r.act(a, r.watch.UUID(), r.watch.Pointed()), true
	}
	return nil, false
}

// watchNext goes to the next pod that starts or runs, or with -1 to the one before, in the
// order of the list.
func (r *root) watchNext(by int) tea.Cmd {
	p, ok := r.pods.InFlight(r.watch.UUID(), by)
	if !ok {
		r.notice = screen.Notice{Text: "no other pod starts or runs"}
		return nil
	}
	behind := r.behind
	cmd := r.openPod(podOpen(p))
	r.behind = behind
	return cmd
}

// watched reports whether a pod is watched that is more than a start of ours.
func (r *root) watched() bool {
	return r.at == atWatch && !r.watch.Starting() && r.pods.Listed(r.watch.UUID())
}

// openLogs leads from a pod's page to its output, and leaving that back to the
// page; unless it was the output that led to the page.
func (r *root) openLogs(wish pod.Logs) tea.Cmd {
	status, _, _, ok := r.pods.Pod(wish.UUID)
	if !ok {
		return nil
	}
	cmd := r.openPod(podOpen(status))
	if wish.App != "" {
		r.watch.Show(wish.App)
	}
	r.behind = atPods
	if r.from != atWatch {
		r.behind = atPage
	}
	return cmd
}

func podOpen(p poddir.Status) pods.Open {
	images := make(map[string]string, len(p.Apps))
	for _, a := range p.Apps {
		images[a.ImageID] = a.Image
	}
	return pods.Open{UUID: p.UUID, Apps: stages.AppNames(p), Images: images, Preparing: p.State == poddir.Preparing}
}

// fillPages tell the page, and the screen of the pod that is watched, how their pod
// is now.
func (r *root) fillPages() {
	if r.watch != nil {
		if status, _, _, ok := r.pods.Pod(r.watch.UUID()); ok {
			r.watch.Set(status)
		} else {
			r.watch.Missing()
		}
	}
	if r.page != nil {
		status, doing, trouble, ok := r.pods.Pod(r.page.UUID())
		r.page.Set(pod.State{Status: status, Doing: doing, Trouble: trouble, Gone: !ok, History: r.pods.History(r.page.UUID())})
	}
}

// podsChanged shows the pod that is watched anew if it was started again.
func (r *root) podsChanged() tea.Cmd {
	if r.at == atWatch && r.runsAnew(r.watch) {
		status, _, _, _ := r.pods.Pod(r.watch.UUID())
		behind := r.behind
		cmd := r.openPod(podOpen(status))
		r.behind = behind
		return cmd
	}
	return nil
}

// runsAnew reports whether a pod was started again after its screen had seen its
// end.
func (r *root) runsAnew(w *watch.Screen) bool {
	status, _, _, ok := r.pods.Pod(w.UUID())
	if !ok {
		return false
	}
	before, known := r.runs[w.UUID()]
	if !known { // it was started from here, and is listed now
		before = max(status.Runs, 1) // its first run may not be counted yet
		r.runs[w.UUID()] = before
	}
	return status.Runs > before && !w.Moving() && !w.Starting()
}
