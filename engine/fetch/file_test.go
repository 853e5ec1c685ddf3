package fetch_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/registrytest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

// aged writes a file that has been left alone for a while.
func aged(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond) // the kernel sets ctime, and nobody else can
}

func TestAFileIsReadAgainOnlyIfItWasWrittenTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := filepath.Join(t.TempDir(), "app.aci")
	data, id := app("1.0").build(t)
	aged(t, path, data)
	read := func(policy spec.PullPolicy) (string, bool) {
		w.events = nil
		img, err := w.fetchAs(path, policy)
		if err != nil {
			t.Fatal(err)
		}
		_, was := w.saw(event.ImageFetch, event.Done)
		return img.ID, was
	}
	if got, was := read(spec.PullNew); got != id || !was {
		t.Errorf("at first: %.20s, read %v", got, was)
	}
	if got, was := read(spec.PullNew); got != id || was {
		t.Errorf("again: %.20s, read %v", got, was)
	}
	if got, was := read(spec.PullUpdate); got != id || !was {
		t.Errorf("update: %.20s, read %v", got, was)
	}
	// Of the same size, with the same time: only ctime tells.
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	other, otherID := app("2.0").build(t)
	aged(t, path, other)
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if got, was := read(spec.PullNew); got != otherID || !was {
		t.Errorf("changed: %.20s, read %v", got, was)
	}
	// Just written: who knows whether it is written to once more.
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	read(spec.PullNew)
	if _, was := read(spec.PullNew); !was {
		t.Error("a file that is being written was not read")
	}
}

// An archive of several images is one of each, named after a colon.
func TestOneImageOfSeveralInAFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := filepath.Join(t.TempDir(), "two.layout")
	copyLayout(t, registrytest.BusyboxLayout(t), dir, "v1")
	copyLayout(t, registrytest.UmociLayout(t), dir, "v2")
	_, err := w.fetch(dir)
	if err == nil || !strings.Contains(err.Error(), "2 images are in it, of which FILE:NAME takes one: v1, v2") {
		t.Errorf("%v", err)
	}
	if img := w.must(dir + ":v2"); img.Version() != "v2" {
		t.Errorf("%s:%s", img.Name(), img.Version())
	}
	if _, err := w.fetch(dir + ":v3"); err == nil || !strings.Contains(err.Error(), "v1, v2") {
		t.Errorf("%v", err)
	}
}

func copyLayout(t *testing.T, from, to, name string) {
	t.Helper()
	if out, err := exec.Command("skopeo", "--insecure-policy", "copy", "--quiet", "oci:"+from+":latest", "oci:"+to+":"+name).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
