package ui_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/uitest"
)

// recordings is an engine with the samples, which replays what is named.
func recordings(t *testing.T, names ...string) *enginetest.Scripted {
	t.Helper()
	e := enginetest.NewScripted(uitest.Samples()...)
	e.Speed = 1
	uitest.Trusted(e)
	if err := uitest.Elsewhere(e); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		events, err := enginetest.ReadEvents(filepath.Join(uitest.Root(), "testdata", "events", name+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		e.Recordings = append(e.Recordings, events)
	}
	return e
}

func TestJourneyFromAnImageToItsExitStatus(t *testing.T) {
	e := recordings(t, "two-apps")
	work := t.TempDir()
	uitest.Run(t, uitest.Setup{Engine: e}, func(d *uitest.Driver) {
		d.Sees("5 images").
			Press(keymap.ImagesFilter).Type("work").Sees("2 of 5 images").
			Press(keymap.EditAccept, keymap.ImagesMark, keymap.ImagesMark).Sees("2 selected").
			Press(keymap.ImagesChoose).Sees("2 apps", "/bin/worker --once")

		d.Press(keymap.ComposeEdit, keymap.Down, keymap.ComposeEdit).
			Type(`--loglevel "very verbose"`).Sees("→ /bin/worker --once --loglevel 'very").
			Press(keymap.EditAccept).Sees("yours, after the")

		d.Press(keymap.End, keymap.Up, keymap.Up, keymap.Up, keymap.Up, keymap.ComposeEdit).Type(work).
			Press(keymap.EditAccept).Sees("volumes 1").SeesNot("does not exist")

		d.Press(keymap.ComposeRun).Sees("without verification").
			Press(keymap.DialogYes).Sees("without verification"). // too early: the key was not meant for it
			Pass(time.Second).Press(keymap.DialogYes).
			Sees("read and unpack", "MB/s", "left").
			Sees("listening on 8080").
			Sees("exited 0", "one last copy")

		d.Press(keymap.Back).Sees("pods of this host", "exited 0").
			Press(keymap.Back).Sees("5 images", "/ search"). // what was searched for is found
			Press(keymap.Quit).HasQuit(true)
	})
	runs := e.Runs()
	if len(runs) != 1 || runs[0].Options.SkipVerify || !slices.Equal(slices.Collect(maps.Keys(runs[0].Options.Unverified)), []string{"example.com/worker-backup:2.0.1"}) {
		t.Fatalf("ran %+v", runs)
	}
	want := "--volume=work,kind=host,source=" + work +
		" example.com/reduce-worker:1.4.0 -- --loglevel 'very verbose' --- example.com/worker-backup:2.0.1"
	if got := spec.Quote(runs[0].Pod.CommandLine()); got != want {
		t.Errorf("ran %s\nwant %s", got, want)
	}
}

func TestFailureKeepsTheStageAndTheForm(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t, "hostile-image"), Options: ui.Options{
		Start: ui.StartCompose, AllowUnverified: true,
		Pod: spec.Pod{Apps: []spec.App{{Image: "example.com/reduce-worker:1.4.0", Args: []string{"kept"}}}},
	}}, func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeRun).
			Sees("read and unpack stopped a", `entry "../../etc/passwd" leaves the root filesystem`, "nothing lost").
			SeesNot("✓ prepare").
			Press(keymap.WatchForm).Sees("kept")
	})
}

func TestStoppingAsksAndLeavingDoesNotStop(t *testing.T) {
	e := recordings(t, "two-apps")
	uitest.Run(t, uitest.Setup{Engine: e, Options: ui.Options{
		Start: ui.StartCompose, AllowUnverified: true,
		Pod: spec.Pod{Apps: []spec.App{{Image: "example.com/reduce-worker:1.4.0"}}},
	}}, func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeRun).Sees("listening on 8080").
			Press(keymap.Back).Sees("running").
			Press(keymap.PodsOpen).Sees("listening on 8080").
			Press(keymap.WatchStop).Sees("Stop reduce-worker").Pass(time.Second).
			Press(keymap.DialogTake).SeesNot("Stop reduce-worker"). // Cancel is the default
			Sees("running ·")
		d.Press(keymap.WatchStop).Pass(time.Second).Press(keymap.DialogOther, keymap.DialogTake).
			Sees("– stopped", "stopped ·").SeesNot("✗").SeesNot("killed").
			Press(keymap.Back).Sees("stopped").SeesNot("143")
	})
}

func TestAFormIsNeverLostSilently(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.ImagesChoose).Sees("1 app").
			Press(keymap.Back, keymap.Quit).Sees("Quit podtui?", "would be lost").HasQuit(false).
			Press(keymap.DialogNo).SeesNot("Quit podtui?").
			Press(keymap.Cancel).Sees("again quits", "would be lost").HasQuit(false).
			Press(keymap.Cancel).HasQuit(true)
	})
}

func TestUndoBringsBackWhatWasRemoved(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.ImagesChoose).Sees("1 app", "run coreos.com/etcd:2.3.7").
			Press(keymap.ComposeRemove).SeesNot("coreos.com/etcd:2.3.7").
			Press(keymap.ComposeUndo).Sees("run coreos.com/etcd:2.3.7").
			Press(keymap.ComposeRedo).SeesNot("coreos.com/etcd:2.3.7")
	})
}

func TestResettingGivesTheImagesValueBack(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t), Options: ui.Options{
		Start: ui.StartCompose,
		Pod:   spec.Pod{Apps: []spec.App{{Image: "example.com/reduce-worker:1.4.0", User: "1000"}}},
	}}, func(d *uitest.Driver) {
		d.Sees("yours, image 0", "--user=1000").
			Press(keymap.ComposeEdit, keymap.Down, keymap.Down, keymap.ComposeReset).SeesNot("--user").
			Press(keymap.ComposeEdit).Type("7").Sees("--user=7").
			Press(keymap.EditBackspace, keymap.EditBackspace).SeesNot("--user").
			Press(keymap.ComposeUndo, keymap.ComposeUndo).SeesNot("--user=7")
	})
}

func TestAProblemLeadsToItsField(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t), Options: ui.Options{
		Start: ui.StartCompose,
		Pod: spec.Pod{
			Apps:    []spec.App{{Image: "example.com/reduce-worker:1.4.0"}},
			Volumes: []spec.Volume{{Name: "work", Kind: spec.HostVolume, Source: "/no/such/folder"}},
		},
	}}, func(d *uitest.Driver) {
		d.Sees(`! volume "work": /no/such/folder does not exist`).
			Press(keymap.ComposeRun).Sees("▌ /no/such/folder").
			Press(keymap.ComposeEdit, keymap.EditToStart).Type("/").Press(keymap.EditAccept).
			SeesNot("does not exist")
	})
}

func TestAddingAFileShowsItsWayIntoTheStore(t *testing.T) {
	e := recordings(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "added.aci")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	e.Files[path] = enginetest.ScriptedImage("example.com/added", "1.0", "ee", nil)
	uitest.Run(t, uitest.Setup{Engine: e}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.ImagesAdd).Type(dir+"/ad").Sees("added.aci").
			Press(keymap.EditNext).Sees(filepath.Base(dir)+"/added.aci").
			Press(keymap.EditAccept).Sees("unpack").Sees("6 images", "imported example.com/added 1.0")
		d.Press(keymap.ImagesAdd).Press(keymap.EditToStart).Type("/nowhere.aci").
			Press(keymap.EditAccept).Sees("✗ /nowhere.aci  no such file or directory")
	})
}

// A path that is typed faster than its folders are read comes out the same.
func TestAPathIsTypedAheadOfItsFolders(t *testing.T) {
	e := recordings(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "images", "added.aci")
	if err := errors.Join(os.Mkdir(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	e.Files[path] = enginetest.ScriptedImage("example.com/added", "1.0", "ee", nil)
	missing := spec.Volume{Name: "work", Kind: spec.HostVolume, Source: "/no/such/folder"}
	uitest.Run(t, uitest.Setup{Engine: e, W: 200, H: 40, Options: ui.Options{
		Pod: spec.Pod{Apps: []spec.App{{Image: "example.com/reduce-worker:1.4.0"}}, Volumes: []spec.Volume{missing}},
	}}, func(d *uitest.Driver) {
		d.Sees("5 images").Ahead("a", dir+"/im", "tab", "ad", "tab").Sees("add file "+path).
			Ahead("ctrl+u", dir+"/im", "tab", "2", "esc").Sees("5 images").
			Press(keymap.ImagesAdd).Sees("add file "+dir+"/im\n").
			Ahead("ctrl+u", dir+"/im", "enter", tea.PasteMsg{Content: "ad\n"}, "enter").Sees("imported example.com/added 1.0")

		// What ends the edit may wait, too, and what leads elsewhere after that.
		d.Press(keymap.GoCompose, keymap.ComposeRun).Sees("▌ /no/such/folder").
			Press(keymap.ComposeEdit).Ahead("ctrl+u", dir+"/im", "tab", tea.PasteMsg{Content: "ad"}, "tab", "enter", "1").Sees("6 images").
			Press(keymap.GoCompose).Sees("source="+path).
			Press(keymap.ComposeEdit).Ahead("ctrl+u", dir+"/im", "tab", "1", "esc").Sees("source=" + path + " ")

		d.Press(keymap.GoTrust, keymap.TrustAdd).Ahead("ctrl+u", dir+"/im", "tab", tea.PasteMsg{Content: "ad"}, "tab").Sees(path).
			Ahead("ctrl+u", dir+"/im", "tab", "1", "esc").SeesNot("6 images").
			Press(keymap.TrustAdd).Sees("a file or an https URL").SeesNot(dir)
		d.Press(keymap.EditCancel).Paste(dir + "/im").Press(keymap.EditNext).Sees(dir + "/images/\n")
	})
}

func TestRemovingAsksByName(t *testing.T) {
	e := recordings(t)
	uitest.Run(t, uitest.Setup{Engine: e}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.ImagesRemove).Sees("Remove coreos.com/etcd 2.3.7?").
			Pass(time.Second).Press(keymap.DialogTake).Sees("5 images").
			Press(keymap.ImagesRemove).Pass(time.Second).Press(keymap.DialogYes).
			Sees("4 images", "removed coreos.com/etcd 2.3.7")
	})
}

func TestHelpTellsTheKeysOfTheScreen(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t), H: 80, W: 100}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.Help)
		for _, section := range keymap.Default().Help(keymap.Images, keymap.Everywhere) {
			for _, b := range section.Bindings {
				d.Sees(b.Help().Desc)
			}
		}
		d.Key("x").SeesNot("back one level, at the top quit")
	})
}

func TestNothingUntrustedIsDrawnUnescaped(t *testing.T) {
	e := recordings(t, "untrusted-output")
	uitest.Run(t, uitest.Setup{Engine: e, Options: ui.Options{
		Start: ui.StartCompose, AllowUnverified: true,
		Pod: spec.Pod{Apps: []spec.App{{Image: "example.com/env-printer:1.0", Name: "reduce-worker"}}},
	}}, func(d *uitest.Driver) {
		d.Sees(`TRICK \x1b]0;owned\x07 \`).Press(keymap.ComposeRun).
			Sees(`\x1b[31mred\x1b[0m`, `\u202e`, "日本語")
		if strings.ContainsAny(d.Raw(), "\a\u202e") || strings.Contains(d.Raw(), "\x1b]") {
			t.Errorf("%q", d.Raw())
		}
	})
}

// Whatever a real pod said, the screen tells its end, and nothing of a start
// that failed is shown as done that was not.
func TestEveryRecordingIsDrawnToItsEnd(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(uitest.Root(), "testdata", "events", "*.jsonl"))
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".jsonl")
		t.Run(name, func(t *testing.T) {
			e := recordings(t, name)
			events := e.Recordings[0]
			last := events[len(events)-1]
			setup := uitest.Setup{Engine: e, W: 160, H: 40, Options: running()}
			uitest.Run(t, setup, func(d *uitest.Driver) {
				d.Sees("verified by").Press(keymap.ComposeRun).Pass(time.Minute)
				switch {
				case last.Status == nil:
					t.Fatalf("ends with %+v", last)
				case last.Type == "error":
					d.Sees("did not start", "✗", "nothing lost").SeesNot("✓ running").SeesNot("running ·")
				case *last.Status == 0:
					d.Sees("✓ exited 0")
				default:
					d.Sees("✗ ").SeesNot("✓ exited").SeesNot("running ·")
				}
			})
		})
	}
}

// Two apps speak in whatever order; their tabs stand in the pod's.
func TestTabsStandInTheOrderOfTheApps(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t, "two-apps-share"), Options: ui.Options{
		Start: ui.StartCompose, AllowUnverified: true,
		Pod: spec.Pod{Apps: []spec.App{{Image: "example.com/worker-backup:2.0.1"}, {Image: "example.com/reduce-worker:1.4.0"}}},
	}}, func(d *uitest.Driver) {
		d.Sees("2 apps").Press(keymap.ComposeRun).Sees("exited 0", "all   worker-backup   reduce-worker").
			Press(keymap.Back, keymap.PodsOpen).Sees("all   worker-backup   reduce-worker")
	})
}
