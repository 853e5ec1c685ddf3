package ui_test

import (
	"testing"
	"time"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/uitest"
)

// starting walks on from a pod that is being started.
func starting(t *testing.T, recording string, journey func(d *uitest.Driver)) {
	t.Helper()
	uitest.Run(t, uitest.Setup{W: 120, H: 30, Engine: recordings(t, recording), Options: running()}, func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeRun).Pass(time.Second).Sees("starting · reduce-worker", "read and unpack", "━")
		journey(d)
	})
}

func TestAStartThatIsLeftGoesOnInSight(t *testing.T) {
	starting(t, "two-apps", func(d *uitest.Driver) {
		d.Press(keymap.Back).Sees("preparing", "reduce-worker", "example.com/reduce", "1 starting").
			Press(keymap.GoImages).Sees("3 Pods · 1 starting").
			Press(keymap.GoPods, keymap.PodsOpen).Sees("starting · reduce-worker", "read and unpack", "━").SeesNot("1 starting").
			Press(keymap.Back).Sees("3 Pods ● 1").SeesNot("preparing").SeesNot("1 starting").
			Press(keymap.PodsOpen).Sees("running · reduce-worker", "listening on 8080")
	})
}

// The cursor is on a pod, and stays there while the pod goes from those that are
// started here to those that are listed.
func TestTheCursorStaysOnAPodThatBeginsToRun(t *testing.T) {
	e := recordings(t, "two-apps")
	e.AddPods(uitest.Pods()...)
	uitest.Run(t, uitest.Setup{Engine: e, Options: running()}, func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeRun).Pass(time.Second).
			Press(keymap.Back).Sees("▌  3f1c9a2e  preparing").Sees("▌  3f1c9a2e  running")
	})
}

func TestAFailedStartStaysUntilAnotherFollows(t *testing.T) {
	starting(t, "hostile-image", func(d *uitest.Driver) {
		d.Press(keymap.Back, keymap.GoImages).
			Sees("! reduce-worker did not start: image /srv/images/worker-backup.aci", "3 Pods ✗ 1").
			Press(keymap.Down).SeesNot("did not start").Sees("3 Pods ✗ 1").
			Press(keymap.GoPods).Sees("failed", "reduce-worker", "1 pod").
			Press(keymap.PodsOpen).Sees("did not start · reduce-worker", "leaves the root filesystem", "nothing lost").SeesNot("✗ 1").
			Press(keymap.Back).Sees("failed", "1 pod")
		d.Press(keymap.GoCompose, keymap.ComposeRun).Sees("leaves the root filesystem").
			Press(keymap.Back).Sees("failed", "1 pod")
	})
}

func TestStoppingAStartIsNoFailure(t *testing.T) {
	stopped := func(d *uitest.Driver) {
		d.Sees("stopped · reduce-worker", "– stopped before it ran", "worker-backup.aci    stopped at ", "what was downloaded is kept", "nothing lost").
			SeesNot("✗").SeesNot("━").SeesNot("cancel").
			Press(keymap.Back).Sees("No pods.").SeesNot("1 starting").
			Press(keymap.GoCompose).Sees("reduce-worker")
	}
	for name, stop := range map[string]func(d *uitest.Driver){
		"on its screen": func(d *uitest.Driver) {
			d.Press(keymap.WatchStop).Sees("Stop starting reduce-worker?", "What was downloaded is kept").
				Pass(time.Second).Press(keymap.DialogYes)
		},
		"in the list": func(d *uitest.Driver) {
			d.Press(keymap.Back).Sees("preparing", "s stop").Press(keymap.PodsStop).Sees("Stop starting reduce-worker?").
				Press(keymap.DialogNo, keymap.PodsOpen, keymap.WatchStop).Pass(time.Second).Press(keymap.DialogYes)
		},
		"with the key that stops a fetch": func(d *uitest.Driver) {
			d.Press(keymap.Cancel).Sees("start stopped, what came is kept", "again quits").HasQuit(false)
		},
	} {
		t.Run(name, func(t *testing.T) {
			starting(t, "two-apps", func(d *uitest.Driver) {
				stop(d)
				stopped(d)
			})
		})
	}
}

func TestStoppingAStartTwiceQuits(t *testing.T) {
	starting(t, "two-apps", func(d *uitest.Driver) {
		d.Press(keymap.Cancel, keymap.Cancel).HasQuit(true)
	})
}

func TestQuittingWhileAPodStartsAsks(t *testing.T) {
	starting(t, "two-apps", func(d *uitest.Driver) {
		d.Press(keymap.Back, keymap.GoImages, keymap.Quit).Sees("It would not start; what was downloaded").HasQuit(false)
	})
}

// fetched is a pod whose images are not here yet.
func fetched(references ...string) ui.Options {
	pod := spec.Pod{}
	for _, r := range references {
		pod.Apps = append(pod.Apps, spec.App{Image: r})
	}
	return ui.Options{Start: ui.StartCompose, AllowUnverified: true, Pod: pod}
}

func TestGuessedNamesAreReplaced(t *testing.T) {
	options := fetched("http://host.test/big.aci", "http://host.test/sleeper.aci")
	uitest.Run(t, uitest.Setup{W: 120, H: 30, Engine: recordings(t, "two-apps"), Options: options}, func(d *uitest.Driver) {
		d.Sees("2 apps").Press(keymap.ComposeRun).Sees("starting · big-aci+sleeper-aci").
			Sees("running · reduce-worker+worker-backup", "all   reduce-worker   worker-backup").
			SeesNot("big").SeesNot("sleeper").
			Press(keymap.Back, keymap.PodsOpen).Sees("all   reduce-worker   worker-backup").SeesNot("sleeper")
	})
}

func TestImagesThatComeLaterAreShown(t *testing.T) {
	const first, second = "example.com/reduce-worker:1.4.0", "docker://registry.test/backup:2"
	uitest.Run(t, uitest.Setup{Engine: recordings(t, "fetched-layers"), Options: fetched(first, second)}, func(d *uitest.Driver) {
		d.Sees("2 apps").Press(keymap.ComposeRun).Sees("· "+first, "· "+second).
			Sees("✓ "+first, "fetch and unpack").SeesNot("· " + second).
			Sees("✓ " + second)
	})
}
