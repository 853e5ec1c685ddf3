package ui_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/settings"
	"github.com/podtui/podtui/ui/uitest"
)

// withMouse is options of somebody who has it on.
func withMouse(o ui.Options) ui.Options {
	o.Settings = settings.Settings{Keys: keymap.Default(), Mouse: true}
	return o
}

// clicking walks with the mouse over everything there is.
func clicking(t *testing.T, o ui.Options, journey func(d *uitest.Driver)) *enginetest.Scripted {
	t.Helper()
	e := everything(t)
	uitest.Run(t, uitest.Setup{W: 120, H: 40, Engine: e, Options: withMouse(o)}, journey)
	return e
}

func TestTheMouseIsOffUntilSomebodyTurnsItOn(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
		if d.Sees("5 images").SeesNot("mouse off"); d.MouseMode() != tea.MouseModeNone {
			t.Error("it is on")
		}
		d.Click("3 Pods").Wheel("coreos", 2).Sees("5 images", "▌  coreos.com/etcd"). // was on its way
												Press(keymap.Mouse).Sees("the mouse is on; to select text hold shift", "ctrl+o mouse off")
		if d.MouseMode() != tea.MouseModeCellMotion {
			t.Error("it is off")
		}
		d.Press(keymap.Down).Sees("ctrl+o mouse off · ? help").Click("mouse off").Sees("the mouse is off").SeesNot("ctrl+o mouse off")
		if d.MouseMode() != tea.MouseModeNone {
			t.Error("it is still on")
		}
		// Also where somebody types, and over a question.
		d.Press(keymap.ImagesFilter, keymap.Mouse).Type("rwk").Sees("1 of 5 images", "mouse off").Press(keymap.EditCancel, keymap.ImagesRemove, keymap.Mouse).
			Sees("Remove ").SeesNot("ctrl+o mouse off")
	})
}

func TestAClickOpensATabAndDoesWhatTheFooterSays(t *testing.T) {
	clicking(t, ui.Options{}, func(d *uitest.Driver) {
		d.Sees("5 images").Click("3 Pods").Sees("6 pods").Click("Trust").Sees("6 keys").Click("Images").Sees("5 images").
			Click("space select").Sees("1 selected").Press(keymap.Back).SeesNot("1 selected").Click("? help").Sees("what can be fetched", "while typing").Click("what can be").Sees("while typing").
			Click("5 images").SeesNot("while typing"). // beside it
			Click("enter add to pod").Sees("1 app").Click("edit").Sees("▌ /etcd")
	})
}

func TestAClickMovesTheCursor(t *testing.T) {
	clicking(t, ui.Options{}, func(d *uitest.Driver) {
		d.Sees("5 images").Click("reduce-worker").Sees("▌  example.com/reduce-worker").Click("name  ").Sees("▌  example.com/reduce-worker")
		fetches(d).Click("v3.5.7").Sees("▌  v3.5.7")
		d.Click("private/app").Sees("docker login", "▌✗ docker://registry.test/private/app:1").Click("v3.5.6").Sees("▌  v3.5.6").
			Click("to fetch").Sees("▌  v3.5.6") // a heading takes no cursor
	})
	clicking(t, ui.Options{Start: ui.StartPods}, func(d *uitest.Driver) {
		d.Sees("6 pods").Click("nightly").Sees("▌  nightly").Press(keymap.PodsFilter).Type("e").Click("etcd-main").Sees("▌  etcd-main", "/ e").
			Press(keymap.PodInspect).Click("manifest").Sees("acKind").Click("apps").Sees("pid")
	})
	clicking(t, atTrust(), func(d *uitest.Driver) {
		d.Sees("6 keys").Click("rkt builds").Sees("▌  rkt builds").Press(keymap.TrustAdd).Type("x").Click("add key").Sees("add key      x")
	})
}

func TestAClickOpensTheOutputOfAnApp(t *testing.T) {
	clicking(t, running(), func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeRun).Sees("exited 0", "copied part-00009.csv")
		d.Click("reduce-worker   worker-backup").SeesNot("copied part-00009.csv").Click("all").Sees("copied part-00009.csv")
	})
}

// The form keeps what is typed when somebody clicks elsewhere in it, and stays open
// where that can't be kept.
func TestAClickInTheFormKeepsWhatIsTyped(t *testing.T) {
	clicking(t, ui.Options{Start: ui.StartCompose, Pod: composed()}, func(d *uitest.Driver) {
		d.Sees("does not exist").Click("user ").Sees("▌ 1000").Press(keymap.ComposeEdit, keymap.EditToStart).Type("77").
			Click("exec ").Sees("user       77", "▌ /bin/worker").Click("volumes").Sees("storage that apps mount").
			Click("2 worker-backup").Sees("worker-backup · example.com/worker-backup").
			Click("Pods").Sees("6 pods").Click("Compose").Sees("worker-backup · example.com/worker-backup").
			Click("exec ").Press(keymap.ComposeEdit).Type("/x").Click("Pods").Sees("a field is open: enter ends it, esc leaves it as it was", "/x").
			Click("enter done").Click("Pods").Sees("6 pods")
	})
}

// A question is answered by its buttons as by its keys: not at once, and not where
// nothing is.
func TestAClickPressesAButton(t *testing.T) {
	e := clicking(t, ui.Options{Start: ui.StartPods}, func(d *uitest.Driver) {
		find(d.Sees("6 pods"), "etcd-main").Press(keymap.PodsStop).Sees("[ cancel ]").Click("   stop").Click(" stop  ").Sees("[ stop ]").
			Pass(time.Second).Click("Stop etcd-main").Sees("[ stop ]").Click("3 Pods").Sees("[ stop ]").
			Click("cancel").SeesNot("[ stop ]").Sees("etcd-main  running").
			Press(keymap.PodsStop).Pass(time.Second).Click(" stop  ").Sees("stopped etcd-main")
	})
	if got := deeds(e); !slices.Equal(got, []string{"stop 3f1c9a2e"}) {
		t.Errorf("did %q", got)
	}
	e = clicking(t, ui.Options{}, func(d *uitest.Driver) {
		fetchTeam(d, "two").Sees("Trust an unknown key?").Click("trust for this prefix").Sees("Trust an unknown key?"). // a reflex
																Pass(time.Second).Click("trust for this prefix").Sees("is trusted for example.com/team/two")
	})
	if asked := e.Asked(); !slices.ContainsFunc(asked, func(s string) bool { return strings.HasPrefix(s, "trust example.com/team/two ") }) {
		t.Errorf("asked %q", asked)
	}
}

// What is behind a question waits: a click there is no key for it either.
func TestAClickBesideAQuestionTypesNothingIntoIt(t *testing.T) {
	clicking(t, running(), func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeRun).Sees("exited 0").Press(keymap.WatchSave).Sees("Save the output").
			Click("3 Pods").Click("exited 0").Sees("Save the output").SeesNot("› 3").Click("as it was").SeesNot("Save the output").
			Click("3 Pods").Sees("7 pods")
	})
}

// In a window where the key can't be seen the mouse can't trust it either.
func TestAClickTrustsNothingThatCantBeSeen(t *testing.T) {
	e := clicking(t, ui.Options{}, func(d *uitest.Driver) {
		fetchTeam(d, "two").Sees("Trust an unknown key?").Pass(time.Second)
		x, y := d.Where("trust for this prefix")
		d.Resize(50, 12).Sees("no room to look").Send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
		for y := range 12 {
			for x := range 50 {
				if d.Send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft}); !strings.Contains(d.Screen(), "no room to look") {
					return
				}
			}
		}
	})
	for _, asked := range e.Asked() {
		if strings.HasPrefix(asked, "trust ") {
			t.Errorf("asked %q", asked)
		}
	}
}

func TestTheWheelScrollsWhatIsUnderIt(t *testing.T) {
	clicking(t, ui.Options{}, func(d *uitest.Driver) {
		d.Sees("5 images").Wheel("5 images", 1).Sees("▌  example.com/reduce-worker").Wheel("coreos", -1).Sees("▌  coreos.com/etcd").
			Press(keymap.Help).Resize(80, 24).Wheel("keys", 2).Sees("26 of ").Wheel("keys", -9).Sees("20 of ").Press(keymap.Back)
		fetches(d.Resize(120, 40)).Press(keymap.ImagesFetches, keymap.Home).Wheel("on the way", 1).Sees("v3.5.8")
	})
	clicking(t, ui.Options{Start: ui.StartCompose, Pod: composed()}, func(d *uitest.Driver) {
		d.Sees("does not exist").Wheel("exec ", 1).SeesNot("▌ /bin/worker").Wheel("exec ", -1).Sees("▌ /bin/worker").Wheel("+ add", 1).Sees("pod · what all its apps share")
	})
	clicking(t, running(), func(d *uitest.Driver) {
		d.Resize(80, 20).Sees("verified by").Press(keymap.ComposeRun).Sees("exited 0", "one last copy").
			Wheel("all", -1).SeesNot("one last copy").Wheel("all", 9).Sees("one last copy")
	})
}
