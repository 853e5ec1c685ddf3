package ui_test

import (
	"strings"
	"testing"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/uitest"
)

// TestEachKeyOutLeavesOneLevel is where q, esc and ctrl+c lead from each screen and what
// may lie over it: one level up and no further; ctrl+c ends the innermost thing. None
// of them loses what was typed into a field: again brings it back.
func TestEachKeyOutLeavesOneLevel(t *testing.T) {
	const (
		quits = "it quits"
		types = "it is a letter"
		warns = "ctrl+c again quits"
	)
	for _, c := range []struct {
		at          string
		start       ui.Start
		walk        func(d *uitest.Driver)
		here        string // is seen there, and above it no more
		q, esc, cut string // what is seen after each; cut is ctrl+c
		again       func(d *uitest.Driver)
		typed       string
	}{
		{at: "Images", here: "5 images", q: quits, esc: "5 images", cut: warns},
		{at: "a search", walk: func(d *uitest.Driver) { d.Press(keymap.ImagesFilter).Type("etc") },
			here: "2 of 5 images", q: types, esc: "5 images", cut: "5 images"},
		{at: "what a search found", walk: func(d *uitest.Driver) { d.Press(keymap.ImagesFilter).Type("etc").Press(keymap.EditAccept) },
			here: "2 of 5 images", q: "5 images", esc: "5 images", cut: warns},
		{at: "a file's path", walk: func(d *uitest.Driver) { d.Press(keymap.ImagesAdd).Type("/srv/ima") },
			here: "add file", q: types, esc: "5 images", cut: "5 images",
			again: func(d *uitest.Driver) { d.Press(keymap.ImagesAdd) }, typed: "/srv/ima"},
		{at: "a selection", walk: func(d *uitest.Driver) { d.Press(keymap.ImagesMark) },
			here: "1 selected", q: "5 images", esc: "5 images", cut: warns},
		{at: "a question", walk: func(d *uitest.Driver) { d.Press(keymap.ImagesRemove) },
			here: "[ cancel ]", q: "5 images", esc: "5 images", cut: "5 images"},
		{at: "help", walk: func(d *uitest.Driver) { d.Press(keymap.Help) },
			here: "what can be fetched", q: "5 images", esc: "5 images", cut: "5 images"},
		{at: "Compose", start: ui.StartCompose, here: "does not exist", q: "5 images", esc: "5 images", cut: warns},
		{at: "a field", start: ui.StartCompose, walk: func(d *uitest.Driver) { d.Press(keymap.ComposeEdit, keymap.ComposeEdit).Type("-half") },
			here: "▌ -half", q: types, esc: "does not exist", cut: "does not exist",
			again: func(d *uitest.Driver) { d.Press(keymap.ComposeRedo) }, typed: "-half"},
		{at: "Pods", start: ui.StartPods, here: "6 pods", q: "5 images", esc: "5 images", cut: warns},
		{at: "a search in Pods", start: ui.StartPods, walk: func(d *uitest.Driver) { d.Press(keymap.PodsFilter).Type("etcd") },
			here: "1 of 6 pods", q: types, esc: "6 pods", cut: "6 pods"},
		{at: "a pod's page", start: ui.StartPods, walk: func(d *uitest.Driver) { d.Press(keymap.PodInspect) },
			here: "its output", q: "6 pods", esc: "6 pods", cut: warns},
		{at: "Trust", start: ui.StartTrust, here: "6 keys", q: "5 images", esc: "5 images", cut: warns},
		{at: "a key's address", start: ui.StartTrust, walk: func(d *uitest.Driver) { d.Press(keymap.TrustAdd).Type("/srv/key") },
			here: "/srv/key", q: types, esc: "6 keys", cut: "6 keys",
			again: func(d *uitest.Driver) { d.Press(keymap.TrustAdd) }, typed: "/srv/key"},
	} {
		for _, k := range []struct{ key, leads string }{{"q", c.q}, {"esc", c.esc}, {"ctrl+c", c.cut}} {
			t.Run(c.at+", "+k.key, func(t *testing.T) {
				e := recordings(t)
				uitest.Live(e)
				uitest.Run(t, uitest.Setup{Engine: e, Options: ui.Options{Start: c.start, Pod: composed()}}, func(d *uitest.Driver) {
					d.Sees(map[ui.Start]string{ui.StartImages: "5 images", ui.StartCompose: "does not exist", ui.StartPods: "6 pods", ui.StartTrust: "6 keys"}[c.start])
					if c.walk != nil {
						c.walk(d)
					}
					before := d.Sees(c.here).Screen()
					d.Key(k.key)
					switch k.leads {
					case quits:
						if !strings.Contains(d.Screen(), "Quit podtui?") { // of a pod that is composed it asks, where nothing keeps it
							d.HasQuit(true)
						}
						return
					case types:
						if d.HasQuit(false).Screen() == before {
							t.Errorf("nothing was typed:\n%s", before)
						}
						return
					}
					d.HasQuit(false).Sees(k.leads)
					if c.walk != nil && k.leads != warns && strings.Contains(d.Screen(), c.here) {
						t.Errorf("it is there still:\n%s", d.Screen())
					}
					if c.again != nil {
						c.again(d)
						d.Sees(c.typed)
					}
				})
			})
		}
	}
}

func TestCtrlCTwiceQuitsFromAnywhere(t *testing.T) {
	for name, walk := range map[string]func(d *uitest.Driver){
		"Images":     func(*uitest.Driver) {},
		"a search":   func(d *uitest.Driver) { d.Press(keymap.ImagesFilter).Type("etc").Key("ctrl+c") },
		"help":       func(d *uitest.Driver) { d.Press(keymap.Help).Key("ctrl+c") },
		"a question": func(d *uitest.Driver) { d.Press(keymap.ImagesRemove).Key("ctrl+c") },
		"Pods":       func(d *uitest.Driver) { d.Press(keymap.GoPods) },
	} {
		t.Run(name, func(t *testing.T) {
			uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
				d.Sees("5 images")
				walk(d)
				d.Key("ctrl+c").HasQuit(false).Key("ctrl+c").HasQuit(true)
			})
		})
	}
}
