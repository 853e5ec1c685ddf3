package ui_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/uitest"
)

// Each screen says all that it is there for: the transcripts are what somebody hears.
func TestTranscriptsOfLinearMode(t *testing.T) {
	alive := func(t *testing.T) *enginetest.Scripted {
		e := recordings(t, "two-apps")
		uitest.Live(e)
		return e
	}
	plain := func(t *testing.T) *enginetest.Scripted { return recordings(t) }
	walks := []struct {
		name    string
		engine  func(t *testing.T) *enginetest.Scripted
		options ui.Options
		walk    func(l *uitest.Listener)
	}{
		{"images", plain, ui.Options{}, func(l *uitest.Listener) {
			l.Write("j", "", "space", "s", "list", "row 3", "/", "rwk", "", "i", "x").Wait(time.Second).Write("cancel", "nonsense", "fetch")
		}},
		{"fetch", plain, ui.Options{}, func(l *uitest.Listener) {
			l.Write("/", "docker://quay.io/coreos/etcd:v3.5.0").Wait(time.Second).Write("f").Wait(20*time.Second).Write("tab", "list", "help")
		}},
		{"compose", plain, ui.Options{Start: ui.StartCompose, Pod: composed()}, func(l *uitest.Listener) {
			l.Write("list", "enter", "list", "enter", "/bin/sh", "down", "undo", "problem", "n", "compose.line", "m", "tab", "back")
		}},
		{"consent", plain, ui.Options{Start: ui.StartCompose, Pod: spec.Pod{Apps: []spec.App{{Image: "example.com/worker-backup:2.0.1"}}}},
			func(l *uitest.Listener) {
				l.Write("run", "y").Wait(time.Second).Write("", "2")
			}},
		{"watch", alive, ui.Options{Start: ui.StartPods}, func(l *uitest.Listener) {
			l.Write("enter").Wait(3 * time.Second)
			l.Write("list", "tab", "/", "read", "stop").Wait(time.Second).Write("cancel", "i").Wait(time.Second).Write("tab", "tab", "tab", "tab", "back")
		}},
		{"pods", alive, ui.Options{Start: ui.StartPods}, func(l *uitest.Listener) {
			l.Write("list", "/", "exited", "esc", "attach").Wait(7 * time.Second)
		}},
		{"trust", plain, ui.Options{Start: ui.StartTrust}, func(l *uitest.Listener) {
			l.Write("list", "down", "enter", "add", "https://example.com/keys", "example.com/app").Wait(5 * time.Second)
			l.Write("", "2", "remove").Wait(time.Second).Write("2")
		}},
	}
	for _, w := range walks {
		t.Run(w.name, func(t *testing.T) {
			uitest.Listen(t, uitest.Setup{Engine: w.engine(t), Options: w.options}, func(l *uitest.Listener) {
				l.Wait(time.Second)
				w.walk(l)
				l.Transcript("linear/" + w.name)
			})
		})
	}
}

// A run is told from the first byte to the end, each thing once, and what only counts
// not more often than anybody can hear.
func TestLinearModeTellsARunOnce(t *testing.T) {
	e := recordings(t, "two-apps")
	uitest.Listen(t, uitest.Setup{Engine: e, Options: running()}, func(l *uitest.Listener) {
		l.Wait(time.Second).Write("run").Wait(time.Minute)
		l.Hears("watch ", "read 148 MB", "app worker-backup running", "the pod ended")
		lines := strings.Split(l.Heard(), "\n")
		counts := map[string]int{}
		for _, line := range lines {
			if strings.HasPrefix(line, "the pod ended") || strings.HasSuffix(line, " running") {
				counts[line]++
			}
		}
		for line, n := range counts {
			if n > 1 {
				t.Errorf("%q was said %d times", line, n)
			}
		}
		l.Transcript("linear/run")
	})
}

// Who has nothing yet hears what podtui is, and how to begin.
func TestLinearModeWelcomes(t *testing.T) {
	uitest.Listen(t, uitest.Setup{Engine: enginetest.NewScripted()}, func(l *uitest.Listener) {
		l.Wait(time.Second).Hears("no images yet", "podtui runs containers as pods", "search")
	})
}

// Drafts and what was run are heard as well.
func TestLinearModeReadsTheShelf(t *testing.T) {
	kept, err := drafts.Open(filepath.Join(t.TempDir(), "drafts"))
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if err := kept.Save("nightly", drafts.Draft{Pod: composed()}, false); err != nil {
		t.Fatal(err)
	}
	uitest.Listen(t, uitest.Setup{Engine: recordings(t), Options: ui.Options{Drafts: kept}}, func(l *uitest.Listener) {
		l.Wait(time.Second).Write("o").Wait(time.Second)
		l.Hears("composed before", "1 saved", "pod nightly").Write("help").Hears("enter: ")
	})
}

// What strangers wrote is escaped, wherever it is said.
func TestLinearModeEscapesWhatStrangersWrote(t *testing.T) {
	e := enginetest.NewScripted(wide()...)
	uitest.Listen(t, uitest.Setup{Engine: e}, func(l *uitest.Listener) {
		l.Wait(time.Second).Write("list").Hears("gpj.exe").Write("i", "x")
		if strings.ContainsAny(l.Heard(), "\x1b\u202e") {
			t.Errorf("said\n%q", l.Heard())
		}
	})
}
