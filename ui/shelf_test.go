package ui_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/uitest"
)

// filled is a shelf with a bit of everything, made by who would.
func filled(t *testing.T) *shelf {
	t.Helper()
	e := recordings(t, "two-apps")
	e.AddPods(uitest.Pods()...)
	s := newShelf(t, e)
	s.look(func(all *drafts.Drafts) {
		exec := func(path string) spec.Pod {
			pod := alone()
			pod.Apps[0].Exec, pod.Apps[0].Env = path, []spec.Var{{Name: "TOKEN", Value: "hunter2"}}
			return pod
		}
		run := func(i int, pod *spec.Pod, exit *int) drafts.Run {
			return drafts.Run{UUID: fmt.Sprintf("%08x-1111-4b0e-9c55-000000000000", i), At: uitest.Noon.Add(-time.Duration(i) * time.Hour), Who: "ada", Pod: pod, Exit: exit}
		}
		killed, first, second, gone := 137, exec("/bin/first"), exec("/bin/second"), exec("/bin/gone")
		second.Name = "nightly"
		there := run(5, &first, nil)
		there.UUID = uitest.Pods()[1].UUID
		for _, err := range []error{
			all.Save("web", drafts.Draft{Pod: exec("/bin/web")}, false), all.Save("hostile", drafts.Draft{Pod: exec("/bin/\x1b[2J\u202e")}, false),
			all.Ran(there), all.Ran(run(2, &second, &killed)), all.Ran(run(3, &gone, nil)), all.Ran(run(4, nil, nil)),
			all.SetAside(drafts.Draft{Pod: exec("/bin/aside")}),
			os.WriteFile(filepath.Join(s.dir, "saved", "torn"), []byte(`{"version":1,"ap`), 0o600),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	return s
}

// What is on the shelf goes into the form as one change; what was there and never ran
// is set aside.
func TestWhatIsOnTheShelfGoesIntoTheForm(t *testing.T) {
	s := filled(t)
	s.session(composing(reduceWorker), func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeEdit, keymap.ComposeEdit).Type("/bin/mine").Press(keymap.EditAccept).
			Press(keymap.ComposeShelf).Sees("3 saved · 1 draft · 4 run", "saved under a name", "what was run", "set aside", "exited 137", "! damaged", "nightly", "ada").
			SeesNot("\x1b[2J\u202e").
			Press(keymap.ShelfFilter).Type("web").Press(keymap.EditAccept).Sees("1 of 8", "podtui run example.com/reduce-worker:1.4.0 --exec=/bin/web --environment='TOKEN=…'").
			SeesNot("hunter2").
			Press(keymap.ShelfOpen).Sees("the pod web is in the form; u brings back what was there", "--exec=/bin/web").
			Press(keymap.ComposeUndo).Sees("--exec=/bin/mine").Press(keymap.ComposeRedo).Sees("--exec=/bin/web").
			Press(keymap.ComposeShelf, keymap.Back).Press(keymap.ComposeShelf).Sees("2 drafts").
			Press(keymap.ShelfFilter).Type("aside").Press(keymap.EditAccept).Sees("nothing matches").Press(keymap.Back).Sees("3 saved").
			Press(keymap.Back).Sees("--exec=/bin/web").Pass(time.Second)
	})
	var aside []string
	s.look(func(all *drafts.Drafts) {
		for _, o := range all.Others() {
			if o.Aside {
				aside = append(aside, o.Draft.Pod.Apps[0].Exec)
			}
		}
	})
	if len(aside) != 2 || !strings.Contains(strings.Join(aside, " "), "/bin/mine") {
		t.Errorf("set aside: %q", aside)
	}
}

// What was run is run again with the form's checks: what nobody vouches for is asked
// about as ever.
func TestRunningAgainGoesThroughTheForm(t *testing.T) {
	s := filled(t)
	backup := spec.Pod{Apps: []spec.App{{Image: workerBackup, Exec: "/bin/again"}}}
	s.look(func(all *drafts.Drafts) {
		if err := all.Save("backup", drafts.Draft{Pod: backup}, false); err != nil {
			t.Fatal(err)
		}
	})
	s.session(ui.Options{}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.ImagesShelf).Sees("4 saved").Press(keymap.ShelfFilter).Type("nightly").Press(keymap.EditAccept, keymap.ShelfRun).Sees("exited 0").
			Press(keymap.GoImages, keymap.ImagesShelf).Sees("nightly").
			Press(keymap.ShelfFilter, keymap.EditToStart).Type("backup").Press(keymap.EditAccept, keymap.ShelfRun).Sees("without verification").
			Pass(time.Second).Press(keymap.DialogNo).Sees("--exec=/bin/again")
		if runs := s.e.Runs(); len(runs) != 1 || runs[0].Pod.Apps[0].Exec != "/bin/second" {
			t.Errorf("ran %+v", runs)
		}
	})
}

func TestSavingAsksBeforeItReplaces(t *testing.T) {
	s := filled(t)
	s.session(composing(reduceWorker), func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeSave).Sees("Save the pod as", "› reduce-worker").
			Type(" Bad").Press(keymap.EditAccept).Sees("only lower-case").
			Press(keymap.EditToStart).Type("web").Press(keymap.EditAccept).Sees("Replace the pod web?").Pass(time.Second).Press(keymap.DialogNo)
		s.look(func(all *drafts.Drafts) { wantSaved(t, all, "web", "/bin/web") })
		d.Press(keymap.ComposeSave, keymap.EditToStart).Type("web").Press(keymap.EditAccept).Sees("Replace the pod web?").Pass(time.Second).
			Press(keymap.DialogYes).Sees("saved as web")
		s.look(func(all *drafts.Drafts) { wantSaved(t, all, "web", "") })
		d.Press(keymap.ComposeShelf).Sees("3 saved").Press(keymap.ShelfFilter).Type("web").Press(keymap.EditAccept).
			Press(keymap.ShelfDuplicate).Sees("› web-2").Press(keymap.EditAccept).Sees("saved as web-2").
			Press(keymap.ShelfRename).Sees("Call the pod web instead").Press(keymap.EditToStart).Type("web-2").Press(keymap.EditAccept).Sees("a pod is saved under that name").
			Press(keymap.ShelfRename, keymap.EditToStart).Type("site").Press(keymap.EditAccept).Sees("web is called site now")
		s.look(func(all *drafts.Drafts) { wantSaved(t, all, "site", ""); wantSaved(t, all, "web-2", "") })
		d.Press(keymap.ComposeNew, keymap.Back).Press(keymap.GoCompose, keymap.ComposeNew, keymap.ComposeSave).Sees("nothing to save")
	})
}

func wantSaved(t *testing.T, all *drafts.Drafts, name, exec string) {
	t.Helper()
	saved, err := all.Saved()
	if err != nil {
		t.Error(err)
	}
	for _, s := range saved {
		if s.Name == name {
			if got := s.Pod.Apps[0].Exec; got != exec {
				t.Errorf("%s has %q, want %q", name, got, exec)
			}
			return
		}
	}
	t.Errorf("nothing is saved as %s: %+v", name, saved)
}

func TestWhatIsRemovedFromTheShelfIsAskedAbout(t *testing.T) {
	s := filled(t)
	live, err := drafts.Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	if err := live.Keep(drafts.Draft{Pod: spec.Pod{Apps: []spec.App{{Image: "live.example.com/x"}}}}); err != nil {
		t.Fatal(err)
	}
	s.session(ui.Options{}, func(d *uitest.Driver) {
		remove := func(what, question string, said string) {
			t.Helper()
			d.Press(keymap.ShelfFilter, keymap.EditToStart).Type(what).Press(keymap.EditAccept, keymap.ShelfRemove).Sees(question).
				Press(keymap.DialogYes).Sees(question).Pass(time.Second).Press(keymap.DialogYes).Sees(said)
		}
		d.Sees("5 images").Press(keymap.ImagesShelf).Sees("3 saved · 2 drafts · 4 run", "in use")
		remove("torn", "Remove the pod torn?", "removed the pod torn")
		remove("nightly", "Forget the pod nightly that was run?", "forgot the pod nightly")
		d.Press(keymap.ShelfFilter, keymap.EditToStart).Type("live.example").Press(keymap.EditAccept, keymap.ShelfRemove).Sees("another podtui is composing it").
			Press(keymap.Back).Sees("2 saved · 2 drafts · 3 run").
			Press(keymap.ShelfFilter).Type("00000004").Press(keymap.EditAccept, keymap.ShelfOpen).Sees("too large to be remembered")
	})
}

// A pod of the host is run again as another one, as it was asked for when it was made.
func TestAPodIsRunAgainAsANewOne(t *testing.T) {
	s := filled(t)
	dump := alone()
	dump.Name, dump.Apps[0].Exec = "dump", "/bin/dump"
	s.e.Specs = map[string]spec.Pod{uitest.Pods()[1].UUID: dump}
	s.session(ui.Options{Start: ui.StartPods}, func(d *uitest.Driver) {
		d.Sees("dump").Press(keymap.PodsFilter).Type("dump").Press(keymap.EditAccept, keymap.PodEdit).
			Sees("is in the form", "--exec=/bin/dump").SeesNot("--pod-name").
			Press(keymap.GoPods, keymap.PodInspect).Sees("command line").Press(keymap.PodAgain).Sees("exited 0")
		if runs := s.e.Runs(); len(runs) != 1 || runs[0].Pod.Apps[0].Exec != "/bin/dump" {
			t.Errorf("ran %+v", runs)
		}
		d.Press(keymap.GoPods, keymap.Back).Press(keymap.PodsFilter).Type("visitor").Press(keymap.EditAccept, keymap.PodEdit).Sees("can't be run again")
	})
}

func TestAnEmptyShelfSaysWhatItIsFor(t *testing.T) {
	newShelf(t, recordings(t)).session(ui.Options{}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.ImagesShelf).Sees("Nothing yet.", "S in the form saves a pod under a name").
			Press(keymap.ShelfOpen, keymap.ShelfRemove, keymap.End).Sees("Nothing yet").Press(keymap.Back).Sees("5 images")
	})
	uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.ImagesShelf).Sees("Nothing is kept here.")
	})
}
