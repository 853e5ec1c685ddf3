package compose

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/enginetest/recipe"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/theme"
)

// pump does the work that the form asks for, and what comes of it.
func pump(s *Screen, work tea.Cmd) {
	if work == nil {
		return
	}
	switch msg := work().(type) {
	case nil:
	case tea.BatchMsg:
		for _, w := range msg {
			pump(s, w)
		}
	default:
		pump(s, s.Update(msg).Cmd)
	}
}

// formOf is a form over an engine, which was told what its store has.
func formOf(t *testing.T, e Engine, stored []engine.Entry, pod spec.Pod) *Screen {
	t.Helper()
	env := &screen.Env{Theme: theme.New(theme.Plain), Keys: keymap.Default(), Now: time.Now}
	s := New(t.Context(), env, e, pod, Options{})
	pump(s, s.Init())
	pump(s, s.SetImages(stored))
	return s
}

// tool is the file of an image of some version, with a folder and a link to another.
func tool(t *testing.T, version string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tool.aci")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, err = enginetest.BuildACI(f, recipe.Recipe{
		Manifest: json.RawMessage(`{"acKind": "ImageManifest", "acVersion": "0.8.11", "name": "example.com/tool",
			"labels": [{"name": "version", "value": "` + version + `"}], "app": {"exec": ["/tool", "` + version + `"], "user": "0", "group": "0",
			"mountPoints": [{"name": "data", "path": "/srv/data/files"}]}}`),
		Files: []recipe.File{
			{Kind: recipe.Regular, Path: "/tool", Mode: 0o755, Content: []byte(version)},
			{Kind: recipe.Directory, Path: "/home/tool", Mode: 0o755},
			{Kind: recipe.Symlink, Path: "/work", Target: "home/tool"},
			{Kind: recipe.Symlink, Path: "/nowhere", Target: "/gone"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// Of several versions the form shows what a run would take: the last that came.
func TestOfSeveralVersionsThatIsShownWhichWouldRun(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	h.Fetched(tool(t, "2"))
	h.Fetched(tool(t, "1"))
	stored, err := h.Images()
	if err != nil {
		t.Fatal(err)
	}
	s := formOf(t, h.Engine, stored, spec.Pod{Apps: []spec.App{{Image: "example.com/tool"}}})
	s.open(section{app: 0}, true)
	if r := rowOf(s, "exec"); r.value != "/tool 1" || !strings.Contains(s.heading(), "example.com/tool 1") {
		t.Errorf("%s: exec %q", s.heading(), r.value)
	}
	if out := s.run(); s.waiting {
		t.Errorf("still waits: %+v", out.Wish)
	}

	h.Fetched(tool(t, "3"))
	if stored, err = h.Images(); err != nil {
		t.Fatal(err)
	}
	pump(s, s.SetImages(stored))
	if r := rowOf(s, "exec"); r.value != "/tool 3" {
		t.Errorf("after another came: exec %q", r.value)
	}
	pump(s, s.SetImages(stored[:0]))
	if r := rowOf(s, "image"); r.alert != "! not fetched yet" || s.of(0).reading {
		t.Errorf("after all went: %q", r.alert)
	}
}

// byDigest is an engine with an image that came by a digest.
type byDigest struct {
	*enginetest.Scripted
	reference string
	image     engine.Image
}

func (e byDigest) Fetch(ctx context.Context, reference string, o engine.FetchOptions, sink event.Sink) (engine.Image, error) {
	if reference == e.reference && o.Stored {
		return e.image, nil
	}
	return e.Scripted.Fetch(ctx, reference, o, sink)
}

func TestAnImageThatCameByItsDigestIsFound(t *testing.T) {
	t.Parallel()
	image := enginetest.ScriptedImage("quay.io/coreos/etcd", "3", "9f", nil)
	const repository = "docker://quay.io/coreos/etcd@sha256:"
	came, other := repository+strings.Repeat("a", 64), repository+strings.Repeat("b", 64)
	for reference, found := range map[string]bool{came: true, other: false} {
		e := byDigest{enginetest.NewScripted(image), came, image}
		s := formOf(t, e, []engine.Entry{image.Entry()}, spec.Pod{Apps: []spec.App{{Image: reference}}})
		if k := s.of(0); k.found != found || k.reading || k.elsewhere() == found {
			t.Errorf("%s: %+v", reference, k)
		}
	}
}

// Of a working folder that the image has not is said so while it is typed; of one that
// something else may bring, nothing.
func TestAWorkingFolderIsLookedForInTheImage(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	h.Fetched(tool(t, "1"))
	stored, err := h.Images()
	if err != nil {
		t.Fatal(err)
	}
	const missing = "! the image has no such folder"
	for folder, want := range map[string]string{
		"/": "", "/home/tool": "", "/home/tool/": "", "/work": "", // a link to it
		"/home/toll": missing, "/nowhere": missing, "/tool": missing, "/srvx": missing,
		"/srv": "", "/srv/data/files/deep": "", "/proc/self": "", "/dev/shm": "", "relative": "",
	} {
		s := formOf(t, h.Engine, stored, spec.Pod{Apps: []spec.App{{Image: "example.com/tool"}}})
		find(s, "apps[0].workingDir")
		press(s, "enter")
		press(s, strings.Split(folder, "")...)
		pump(s, s.Update(paused{s.host.pauses}).Cmd)
		if got := s.editing.row.edit.warn(s.path.Value()); got != want {
			t.Errorf("%s, typed: %q", folder, got)
		}
		press(s, "enter")
		if r := rowOf(s, "apps[0].workingDir"); r.alert != want {
			t.Errorf("%s: %q", folder, r.alert)
		}
	}
}
