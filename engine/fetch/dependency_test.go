package fetch_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/podtui/podtui/engine/fetch"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/store"
	"github.com/podtui/podtui/store/union"
)

// need is a dependency on an image of example.com.
func need(name string) map[string]any { return map[string]any{"imageName": "example.com/" + name} }

// part is an image that others depend on.
func part(name string, needs ...string) aci {
	a := aci{name: "example.com/" + name, files: map[string]string{"/" + name: name, "/who": name}}
	for _, n := range needs {
		a.needs = append(a.needs, need(n))
	}
	return a
}

func (w *world) publishAll(all ...aci) {
	w.tb.Helper()
	for _, a := range all {
		w.publish(a, "latest")
	}
}

func TestADiamondIsFetchedOnceAndStackedInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publishAll(part("top", "left", "right"), part("left", "base"), part("right", "base"), part("base"))
	img := w.must("example.com/top")
	times := make(map[string]int)
	for _, r := range w.Requests() {
		if r.Host == "s.test" && r.Method == "GET" {
			times[r.Path]++
		}
	}
	if len(times) != 4 {
		t.Errorf("fetched %v", times)
	}
	for path, n := range times {
		if n != 1 {
			t.Errorf("%s was fetched %d times", path, n)
		}
	}
	layers, err := w.store().Layers(img)
	if err != nil || len(layers) != 4 {
		t.Errorf("%d layers, %v", len(layers), err)
	}
}

func TestACircleIsRefusedAndShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publishAll(part("a", "b"), part("b", "c"), part("c", "a"))
	_, err := w.fetch("example.com/a")
	var cycle *fetch.CycleError
	if !errors.As(err, &cycle) || !strings.Contains(err.Error(), "example.com/a") || strings.Count(err.Error(), "→") != 3 {
		t.Errorf("%v", err)
	}
	if list, _ := w.store().List(); len(list) > 0 {
		t.Errorf("the store has %v", list)
	}
}

// Two that come to the circle from two sides wait for each other; neither does
// so for ever.
func TestACircleThatTwoFetchesCloseIsFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publishAll(part("a", "b"), part("b", "a"))
	var group sync.WaitGroup
	for _, name := range []string{"a", "b", "a", "b"} {
		f := w.open()
		group.Go(func() {
			if _, err := fetchBy(t.Context(), f, "example.com/"+name, spec.PullNew, nil); err == nil {
				t.Errorf("%s was fetched", name)
			}
		})
	}
	group.Wait()
}

func TestADependencyMustHaveTheIDThatIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	base := part("base")
	_, id := base.build(t)
	top := part("top")
	top.needs = []map[string]any{{"imageName": "example.com/base", "imageID": id}}
	w.publishAll(top, base)
	w.must("example.com/top")

	other := newWorld(t)
	top.needs[0]["imageID"] = "sha512-" + strings.Repeat("0", 128)
	other.publishAll(top, base)
	_, err := other.fetch("example.com/top")
	var mismatch *fetch.MismatchError
	if !errors.As(err, &mismatch) || !strings.Contains(err.Error(), "dependency example.com/base") {
		t.Errorf("%v", err)
	}
}

// ace.md: a whitelist is about its own image and what that depends on, not about
// the images beside it.
func TestAWhitelistDoesNotLeakIntoASibling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	strict := part("strict")
	strict.whitelist = []string{"/strict"}
	w.publishAll(part("top", "loose", "strict"), part("loose"), strict)
	entries := w.root(w.must("example.com/top"))
	for path, want := range map[string]bool{"/top": true, "/loose": true, "/strict": true, "/who": true} {
		if entries[path] != want {
			t.Errorf("%s: %v", path, entries[path])
		}
	}
	only := w.root(w.must("example.com/strict"))
	if !only["/strict"] || only["/who"] {
		t.Errorf("%v", only)
	}
}

// root is an image's merged root, as a pod would see it, by its paths.
func (w *world) root(img store.Image) map[string]bool {
	w.tb.Helper()
	layers, err := w.store().Layers(img)
	if err != nil {
		w.tb.Fatal(err)
	}
	view, err := union.Open(layers)
	if err != nil {
		w.tb.Fatal(err)
	}
	defer view.Close()
	paths := make(map[string]bool)
	err = view.Walk(func(e union.Entry) error {
		paths["/"+e.Path] = true
		return nil
	})
	if err != nil {
		w.tb.Fatal(err)
	}
	return paths
}
