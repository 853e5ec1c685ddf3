package ui_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/secrets"
	"github.com/podtui/podtui/ui/uitest"
)

// kept is what is on disk of drafts, by what they execute.
func (s *shelf) kept() (execs []string) {
	s.t.Helper()
	s.look(func(all *drafts.Drafts) {
		for _, o := range all.Others() {
			execs = append(execs, o.Draft.Pod.Apps[0].Exec)
		}
	})
	slices.Sort(execs)
	return execs
}

// What a pasted pod takes the place of is on disk, for undoing ends with the program.
func TestAPastedPodSetsAsideWhatWasComposed(t *testing.T) {
	s := newShelf(t, recordings(t))
	s.session(composing(reduceWorker), func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeEdit, keymap.ComposeEdit).Type("/bin/mine").Press(keymap.EditAccept).Pass(time.Second).
			Paste("podtui run example.com/reduce-worker:1.4.0 --exec=/bin/pasted").Sees("Put the pasted").Pass(time.Second).
			Press(keymap.DialogYes).Sees("the form is the pasted pod", "--exec=/bin/pasted").Pass(time.Second)
	})
	if got := s.kept(); !slices.Equal(got, []string{"/bin/mine", "/bin/pasted"}) {
		t.Errorf("kept %q", got)
	}
}

// A variable that somebody has called a secret is one when its pod comes back from the
// shelf: by its name, or as what something else took the place of.
func TestWhatWasMarkedIsASecretOnTheShelf(t *testing.T) {
	s := newShelf(t, recordings(t))
	folder, err := secrets.In(filepath.Join(t.TempDir(), "secrets"))
	if err != nil {
		t.Fatal(err)
	}
	pod := alone()
	pod.Apps[0].Exec = "/bin/marked"
	pod.Env = []spec.Var{{Name: "COLOUR", Value: "hunter2"}}
	s.look(func(all *drafts.Drafts) {
		if err := all.Keep(drafts.Draft{Pod: pod, Marks: map[string]bool{"COLOUR": true}}); err != nil {
			t.Error(err)
		}
	})
	s.session(ui.Options{Secrets: folder}, func(d *uitest.Driver) {
		d.Sees(again).Press(keymap.GoCompose).Sees("/bin/marked").SeesNot("hunter2").
			Press(keymap.ComposeSave, keymap.EditToStart).Type("web").Press(keymap.EditAccept).Sees("saved as web").
			Press(keymap.ComposeNew).Pass(time.Second)
	})
	for _, what := range []string{"web", "marked"} {
		s.session(ui.Options{Secrets: folder}, func(d *uitest.Driver) {
			d.Sees("5 images").Press(keymap.ImagesShelf).Sees("1 saved")
			if what == "web" {
				d.Press(keymap.ShelfOpen)
			} else {
				d.Press(keymap.End, keymap.ShelfOpen)
			}
			d.Sees("is in the form", "/bin/marked", "COLOUR ••••••").SeesNot("hunter2")
		})
	}
}

// What could not be remembered keeps its draft, and is tried again.
func TestWhatCantBeWrittenIsTriedAgain(t *testing.T) {
	s := newShelf(t, recordings(t, "two-apps"))
	s.look(func(*drafts.Drafts) {})
	history := filepath.Join(s.dir, "history")
	if err := os.Mkdir(history, 0o700); err != nil {
		t.Fatal(err)
	}
	s.session(composing(reduceWorker), func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeEdit, keymap.ComposeEdit).Type("/bin/mine").Press(keymap.EditAccept).Pass(time.Second).
			Press(keymap.ComposeRun).Sees("exited 0").Pass(time.Second)
		if got := s.kept(); !slices.Equal(got, []string{"/bin/mine"}) {
			t.Errorf("kept %q", got)
		}
		if err := os.Remove(history); err != nil {
			t.Error(err)
		}
		d.Pass(3 * time.Second) // and no key
		if got := s.kept(); len(got) > 0 {
			t.Errorf("kept %q", got)
		}
	})
	s.look(func(all *drafts.Drafts) {
		if past, err := all.History(); err != nil || len(past) != 1 || past[0].Exit == nil {
			t.Errorf("%+v, %v", past, err)
		}
	})
}

// A name that is taken is asked about over the screen where it was typed, and nowhere
// else: the answer would come from who does something else by now.
func TestReplacingIsAskedOnlyWhereOneStillIs(t *testing.T) {
	s := filled(t)
	s.session(composing(reduceWorker), func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeSave, keymap.EditToStart).Type("web").
			Ahead("enter", "1").
			Sees("5 images", "nothing was saved: there is a pod web already").SeesNot("Replace the pod")
	})
}

// What a program crashed with is told of, and is not in the form.
func TestAfterACrashTheDraftIsOnTheShelf(t *testing.T) {
	s := newShelf(t, recordings(t))
	s.look(func(all *drafts.Drafts) {
		pod := alone()
		pod.Apps[0].Exec = "/bin/deadly"
		if err := errors.Join(all.Keep(drafts.Draft{Pod: pod}), all.PutAside()); err != nil {
			t.Error(err)
		}
	})
	s.session(ui.Options{}, func(d *uitest.Driver) {
		d.Sees("5 images", "crashed with a pod in the form", "o leads to it").Press(keymap.GoCompose).SeesNot("/bin/deadly").
			Press(keymap.GoImages, keymap.ImagesShelf).Sees("1 draft").Press(keymap.ShelfOpen).Sees("/bin/deadly").Press(keymap.ComposeUndo).Pass(time.Second)
	})
	s.session(ui.Options{}, func(d *uitest.Driver) { d.Sees("5 images").SeesNot("crashed") })
}

// slow is an engine that is asked what a pod was made of and answers later.
type slow struct {
	*enginetest.Scripted
	pod spec.Pod
}

func (s slow) PodSpec(string) (spec.Pod, error) {
	time.Sleep(time.Second)
	return s.pod, nil
}

// A pod that was asked for is put into the form only if nobody has gone on to something
// else.
func TestAPodIsRunAgainOnlyWhereItWasAsked(t *testing.T) {
	e := recordings(t, "two-apps")
	e.AddPods(uitest.Pods()...)
	pod := alone()
	pod.Apps[0].Exec = "/bin/dump"
	for name, going := range map[string][]keymap.Action{"another screen": {keymap.GoImages}, "a question": {keymap.Find}} {
		t.Run(name, func(t *testing.T) {
			uitest.Run(t, uitest.Setup{W: 100, H: 40, Engine: slow{e, pod}, Options: ui.Options{Start: ui.StartPods}}, func(d *uitest.Driver) {
				d.Sees("dump").Press(keymap.PodsFilter).Type("dump").Press(keymap.EditAccept, keymap.PodAgain).Press(going...).Pass(2 * time.Second)
				if runs := e.Runs(); len(runs) > 0 {
					t.Errorf("ran %+v", runs)
				}
				d.SeesNot("/bin/dump")
			})
		})
	}
}
