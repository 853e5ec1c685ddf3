package ui_test

import (
	"testing"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/uitest"
)

// died is a recording of a pod of two apps of which one is killed, and takes the other
// with it.
func died(t *testing.T) []event.Event {
	t.Helper()
	var all []event.Event
	recorded := recordings(t, "two-apps").Recordings[0]
	exits := map[string]event.Event{
		"reduce-worker": {Status: event.Status(139), Message: "killed by signal 11 (SIGSEGV)"},
		"worker-backup": {Status: event.Status(143), Message: "killed by signal 15 (SIGTERM)"},
	}
	for _, e := range recorded {
		switch exit := exits[e.App]; e.Type {
		case event.AppExit:
			e.Status, e.Message = exit.Status, exit.Message
		case event.PodExit:
			e.Status, e.Message = event.Status(139), `app "reduce-worker": killed by signal 11 (SIGSEGV)`
		}
		all = append(all, e)
	}
	return all
}

// A pod that failed says who brought it down, what that means, what that one wrote last,
// and what can be done, and what is offered works.
func TestAPodThatFailedLeadsOn(t *testing.T) {
	e := recordings(t, "two-apps")
	e.Recordings = [][]event.Event{died(t)}
	setup := uitest.Setup{W: 100, H: 30, Engine: e, Options: running()}
	uitest.Run(t, setup, func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeRun).Sees("✗ reduce-worker   killed by signal 11 (SIGSEGV, 139)",
			"– worker-backup   was ended then", "a fault of the program",
			"the last that reduce-worker wrote:", "done in 8.1 s",
			"r run again · b back to the form, nothing lost · e save its root · x remove")
		d.Press(keymap.PodEnter).Sees("Save the root of reduce-worker to which file?").
			Press(keymap.EditCancel).Press(keymap.WatchForm).Sees("2 Compose")
		d.Press(keymap.GoPods, keymap.PodsOpen).Press(keymap.WatchRemove).Sees("Remove reduce-worker+worker-backup").
			Pass(time.Second).Press(keymap.DialogYes).Sees("removed reduce-worker").SeesNot("save its root")
	})
}

// What did not start is run again with a key, and goes on where it was.
func TestAStartThatFailedIsRunAgain(t *testing.T) {
	e := recordings(t, "no-exec", "one-app")
	setup := uitest.Setup{W: 100, H: 30, Engine: e, Options: running()}
	uitest.Run(t, setup, func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeRun).Sees("did not start", "no such file or directory", "b back to the form").
			Pass(time.Second).Press(keymap.WatchForm).Sees("exec     ▌").
			Press(keymap.GoPods, keymap.PodsOpen).Press(keymap.WatchRun).Sees("exited 0")
	})
	if n := len(e.Runs()); n != 2 {
		t.Errorf("ran %d times", n)
	}
}

// Several apps are shown at once, and each is read by itself.
func TestAppsBesideEachOther(t *testing.T) {
	setup := uitest.Setup{W: 100, H: 24, Engine: recordings(t, "two-apps"), Options: running()}
	uitest.Run(t, setup, func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeRun).Sees("exited 0", "done in 8.1 s").
			Press(keymap.WatchSplit).Sees("▌reduce-worker", "│ worker-backup", "worker is gone, one last copy").
			Press(keymap.Home).Sees("listening on 8080", "one last copy").
			Press(keymap.WatchNextApp).Sees("│▌worker-backup").Press(keymap.WatchSearch).Type("part-00003").Press(keymap.EditAccept).
			Sees("1 of 1 found", "listening on 8080").Press(keymap.WatchCopy).Sees("1 line copied").
			Press(keymap.Back).Press(keymap.WatchSplit).Sees("▌worker-backup").SeesNot("│").
			Press(keymap.WatchSplit).SeesNot("▌worker-backup").Sees("all   reduce-worker   worker-backup", "copied part-00027.csv").SeesNot("done in 8.1 s")
	})
}

// A peek follows the cursor, and reads nothing of a pod that the cursor only passes.
func TestAPeekFollowsTheCursor(t *testing.T) {
	e := recordings(t, "two-apps")
	uitest.Live(e)
	e.Outputs = map[string][]poddir.LogLine{
		uitest.EtcdPod:    {{App: "etcd", Text: "etcd is ready"}},
		uitest.NightlyPod: {{App: "dump", Text: "dumping"}, {App: "dump", Text: "out of memory"}},
	}
	setup := uitest.Setup{W: 100, H: 30, Engine: e, Options: ui.Options{Start: ui.StartPods}}
	uitest.Run(t, setup, func(d *uitest.Driver) {
		find(d.Sees("6 pods"), "nightly").Press(keymap.PodsPeek).Sees("out of memory", "2 lines").SeesNot("etcd is ready").Press(keymap.Back)
		d.Press(keymap.Home).Pass(time.Second)
		before := len(e.Read())
		d.Press(keymap.Down, keymap.Down, keymap.Up, keymap.Down).Pass(time.Second)
		if got := e.Read()[before:]; len(got) != 1 {
			t.Errorf("read the output of %q", got)
		}
		find(d, "etcd-main").Sees("etcd is ready").SeesNot("out of memory").
			Press(keymap.Back).Press(keymap.Back).SeesNot("etcd is ready").Sees("pods of this host")
	})
}

// What pods use is drawn as it comes, where there is room for it, and of no pod that is
// not in view.
func TestGraphsOfWhatPodsUse(t *testing.T) {
	e := recordings(t, "two-apps")
	uitest.Live(e)
	setup := uitest.Setup{W: 170, H: 30, Engine: e, Options: ui.Options{Start: ui.StartPods}}
	uitest.Run(t, setup, func(d *uitest.Driver) {
		d.Sees("6 pods").Pass(5*time.Second).Sees("71 %        ▆", "4 %        ▂").Pass(20*time.Second).Sees("▆▆▆  41.0 MB").
			Resize(110, 30).SeesNot("▆").Resize(170, 30)
		find(d, "etcd-main").Press(keymap.PodInspect).Sees("cpu use", "▄▄▄  4 % · most 4 %", "mem use", "▇▇▇  88.0 MB · most 88.0 MB")
	})
}

// From one pod that starts or runs a key leads to the next.
func TestFromPodToPod(t *testing.T) {
	e := recordings(t, "two-apps")
	uitest.Live(e)
	setup := uitest.Setup{W: 100, H: 30, Engine: e, Options: ui.Options{Start: ui.StartPods}}
	uitest.Run(t, setup, func(d *uitest.Driver) {
		find(d.Sees("6 pods"), "etcd-main").Press(keymap.PodsOpen).Sees("etcd-main 3f1c9a2e")
		for _, name := range []string{"reduce-worker+worker-backup 5d0077aa", "flaky-job 77aa03be", "etcd-main 3f1c9a2e"} {
			d.Press(keymap.WatchOnward).Sees(name + "\n")
		}
		d.Press(keymap.WatchBefore).Sees("flaky-job 77aa03be").Press(keymap.Back).Sees("1 of 6 pods")
	})
}
