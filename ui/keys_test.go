package ui_test

import (
	"testing"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/uitest"
)

func TestEscNeverQuits(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.GoCompose, keymap.Back, keymap.Back, keymap.Back).Sees("5 images").HasQuit(false).
			Press(keymap.Quit).HasQuit(true)
	})
}

// Who fills in a form from tab to tab never types commands.
func TestTabOpensTheNextFieldForTyping(t *testing.T) {
	uitest.Run(t, uitest.Setup{W: 140, H: 40, Engine: recordings(t), Options: ui.Options{
		Start: ui.StartCompose,
		Pod:   spec.Pod{Apps: []spec.App{{Image: "example.com/reduce-worker:1.4.0"}}},
	}}, func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeEdit, keymap.ComposeEdit).
			Type("/bin/x").Press(keymap.EditNext).Type("rxu q").
			Press(keymap.EditNext).Type("10").Press(keymap.EditPrev).Type("N").
			Sees("--exec=/bin/x", "--user=10", "-- rxu qN")
		for range 30 {
			d.Press(keymap.EditNext)
		}
		d.Type("a").Press(keymap.EditAccept).Sees("--user=10")
	})
}

func TestThePodThatWasRunHasTheCursor(t *testing.T) {
	e := recordings(t, "two-apps")
	e.AddPods(uitest.Pods()...)
	uitest.Run(t, uitest.Setup{Engine: e, Options: running()}, func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.GoPods).Sees("2 pods").Press(keymap.GoCompose, keymap.ComposeRun).
			Sees("listening on 8080").Press(keymap.GoImages, keymap.GoPods).Sees("3 pods").
			Press(keymap.PodsOpen).Sees("listening on 8080", "reduce-worker").SeesNot("killed")
	})
}
