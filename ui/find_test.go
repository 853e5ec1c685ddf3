package ui_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/uitest"
)

// TestThePaletteDoesWhatKeysDo walks the keymap: where an action applies the palette
// has it, and comes to the same as its key.
func TestThePaletteDoesWhatKeysDo(t *testing.T) {
	if testing.Short() {
		t.Skip("it walks the whole keymap twice")
	}
	states, ways := byScope(), special()
	for _, b := range keymap.Default().Bindings() {
		switch b.Scope {
		case keymap.Edit, keymap.Search, keymap.TrustFor, keymap.Palette, keymap.Dialog, keymap.Review:
			continue // they are of a field or a question
		}
		switch b.Action {
		case keymap.Find, keymap.Cancel:
			continue // the palette itself; and its second press quits, which is no command
		}
		state := states[b.Scope]
		walk := state.walk
		if way, ok := ways[b.Action]; ok {
			if walk = way.walk; way.options.Start == 0 && way.options.ConfigDir == "" {
				walk = func(d *uitest.Driver) { state.walk(d); way.walk(d) }
			} else {
				state.options = way.options
			}
		}
		t.Run(string(b.Action), func(t *testing.T) {
			come := func(do func(d *uitest.Driver)) (to string) {
				options := state.options
				options.Drafts = stocked(t)
				setup := uitest.Setup{W: 120, H: 40, Engine: everything(t), Options: options}
				uitest.Run(t, setup, func(d *uitest.Driver) {
					walk(d)
					d.Pass(time.Second)
					do(d)
					d.Pass(2 * time.Second)
					told := d.Told()
					slices.Sort(told) // what is asked at the start comes in any order
					to = uitest.AtRest.Replace(d.Raw()) + "\n" + strings.Join(told, " ")
				})
				return to
			}
			byKey := come(func(d *uitest.Driver) { d.Key(b.Keys()[0]) })
			byName := come(func(d *uitest.Driver) { d.Press(keymap.Find).Type(string(b.Action)).Press(keymap.PaletteTake) })
			if byKey != byName {
				t.Errorf("by its key:\n%s\nby its name:\n%s", byKey, byName)
			}
		})
	}
}

func TestACommandOfAnotherScreenGoesThereFirst(t *testing.T) {
	e := recordings(t)
	e.AddPods(uitest.Pods()...)
	uitest.Run(t, uitest.Setup{Engine: e}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.Find).Type("garbage").Press(keymap.PaletteTake).Sees("Collect garbage?", "pods of this host")
		d.Pass(time.Second).Press(keymap.DialogNo, keymap.Find).Type("remove").Sees("pods: remove").SeesNot("images: remove").SeesNot("trust: remove").
			Press(keymap.PaletteTake).Sees("Remove web+visitor") // and asks, as the key does
	})
}

// What changes or starts the pod in the form is done where that is seen.
func TestThePaletteStartsNoPodThatNobodySees(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t), Options: composing(reduceWorker)}, func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.GoImages).Sees("5 images")
		for _, name := range []keymap.Action{keymap.ComposeRun, keymap.ComposeNew, keymap.ComposeUndo, keymap.ComposeRedo} {
			d.Press(keymap.Find).Type(string(name)).SeesNot(" compose: ").Press(keymap.Cancel)
		}
		d.Press(keymap.GoCompose, keymap.Find).Type(string(keymap.ComposeRun)).Sees("compose: run")
	})
}

func TestLeavingThePaletteChangesNothing(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.ImagesFilter).Type("work").Press(keymap.EditAccept, keymap.Down)
		before := d.Screen()
		for _, leave := range []string{"esc", "ctrl+c", "backspace"} {
			d.Press(keymap.Find)
			if leave != "backspace" { // which takes back what was typed
				d.Type("remove").Press(keymap.EditDown, keymap.PaletteComplete)
			}
			if d.Screen() == before {
				t.Fatal("the palette was not there")
			}
			d.Key(leave)
			if got := d.Screen(); got != before {
				t.Errorf("%s leaves\n%s\nnot\n%s", leave, got, before)
			}
		}
		d.Press(keymap.Back, keymap.Find).Type("zzzz").Sees("nothing matches", "0 of").Press(keymap.PaletteTake).Sees("nothing matches")
	})
}

func TestImagesAndPodsAreGoneTo(t *testing.T) {
	e := recordings(t)
	e.AddPods(uitest.Pods()...)
	uitest.Run(t, uitest.Setup{Engine: e, Options: ui.Options{Start: ui.StartPods}}, func(d *uitest.Driver) {
		d.Sees("2 pods").Press(keymap.Find).Type("etcd 2.0.0").Sees("1 of").Press(keymap.PaletteTake).Sees("▌  coreos.com/etcd            2.0.0")
		d.Press(keymap.ImagesFilter).Type("work").Press(keymap.EditAccept, keymap.Find).Type("printer").Press(keymap.PaletteTake).
			Sees("▌  example.com/env-printer", "5 images") // whatever was searched for before
		d.Press(keymap.Find).Type("dump").Press(keymap.PaletteTake).Sees("dump 77aa03be", "E edit")
	})
}

func TestWhatIsTypedCanBeFetched(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.GoPods, keymap.Find).Type("etcd").SeesNot("to fetch")
		d.Press(keymap.EditToStart).Paste("docker://quay.io/coreos/etcd:v3.5.0\n").Sees("fetch docker://quay.io/coreos/etcd:v3.5.0", "to fetch").
			Press(keymap.EditDown, keymap.PaletteTake).Sees("1 app", "not fetched yet")
		d.Press(keymap.Find).Type("docker://quay.io/coreos/etcd:v3.5.0").Press(keymap.PaletteTake).Sees("v3.5.0", "6 images")
	})
}

func TestWhatWasTakenComesFirst(t *testing.T) {
	first := func(d *uitest.Driver) string {
		for line := range strings.SplitSeq(d.Screen(), "\n") {
			if _, after, ok := strings.Cut(line, "│ ▌ "); ok {
				return strings.TrimSpace(strings.Trim(after, "│"))
			}
		}
		return ""
	}
	uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.Find).Type("mouse").Press(keymap.PaletteTake).
			Press(keymap.Find).Type("backup").Press(keymap.PaletteTake).Press(keymap.Find)
		if got := first(d); !strings.HasPrefix(got, "example.com/worker-backup") {
			t.Errorf("first is %q", got)
		}
		d.Press(keymap.EditDown)
		if got := first(d); !strings.HasPrefix(got, "mouse on") {
			t.Errorf("then %q", got)
		}
		d.Press(keymap.EditCancel, keymap.Find).Type("work")
		if got := first(d); !strings.HasPrefix(got, "example.com/worker-backup") { // reduce-worker matches as well
			t.Errorf("of those that match alike first is %q", got)
		}
	})
}

func TestWhatWasComposedBeforeIsFound(t *testing.T) {
	kept, err := drafts.Open(t.TempDir() + "/drafts")
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	pod := spec.Pod{Apps: []spec.App{{Image: "coreos.com/etcd:2.3.7"}}}
	run := spec.Pod{Apps: []spec.App{{Image: "example.com/reduce-worker:1.4.0", Args: []string{"--fast"}}}}
	if err := kept.Save("nightly-etcd", drafts.Draft{Pod: pod}, false); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := kept.Ran(drafts.Run{UUID: fmt.Sprintf("b27d10f4-1111-4b0e-9c55-00000000000%d", i), At: uitest.Noon.Add(-time.Duration(i+1) * time.Hour), Pod: &run}); err != nil {
			t.Fatal(err)
		}
	}
	uitest.Run(t, uitest.Setup{Engine: recordings(t), Options: ui.Options{Drafts: kept}}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.Find).Type("nightly").Sees("saved pod").Press(keymap.PaletteTake).Sees("nightly-etcd is in the form")
		d.Press(keymap.Find).Type("ran reduce").SeesNot("ran 1 h")
		d.Press(keymap.EditToStart).Type("reduce").Sees("ran 1 h ago").SeesNot("ran 2 h ago") // the same once
		d.Press(keymap.EditDown).Press(keymap.EditUp)
		lines := strings.Split(d.Screen(), "\n")
		at := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "ran 1 h ago") })
		top := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "│ ▌ ") })
		for range at - top {
			d.Press(keymap.EditDown)
		}
		d.Press(keymap.PaletteTake).Sees("is in the form", "-- --fast", "brings back")
	})
}

func TestGoldenPalette(t *testing.T) {
	for _, size := range sizes {
		e := recordings(t)
		e.AddPods(uitest.Pods()...)
		uitest.Run(t, uitest.Setup{Engine: e, W: size.w, H: size.h}, func(d *uitest.Driver) {
			d.Sees("5 images").Press(keymap.Find).Golden(fmt.Sprintf("palette-%dx%d", size.w, size.h))
			d.Type("so").Golden(fmt.Sprintf("palette-typed-%dx%d", size.w, size.h))
		})
	}
}
