package fetch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/origin"
	"github.com/podtui/podtui/engine/enginetest/registrytest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/fetch"
	"github.com/podtui/podtui/engine/spec"
)

// A circle that is entered by a URL leads to the same download under another
// name: whoever waited for that would wait for itself.
func TestACircleIsFoundByWhateverWayItIsEntered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publishAll(part("a", "b"), part("b", "a"))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := fetchBy(ctx, w.fetcher, "https://s.test/example.com/a-latest-linux-"+goarch+".aci", spec.PullNew, w.sink)
	var cycle *fetch.CycleError
	if !errors.As(err, &cycle) {
		t.Errorf("%v", err)
	}
}

// What has not changed at its source is what came from there, whatever else fits
// its name.
func TestAnUpdateTakesItsSourcesImage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(app("1.0"), "1.0")
	first := w.must("example.com/app:1.0")
	other := app("1.0")
	other.files = map[string]string{"/other": "content"}
	path := filepath.Join(t.TempDir(), "app.aci")
	aged(t, path, other.bytes(t))
	w.must(path)
	if img, err := w.fetchAs("example.com/app:1.0", spec.PullUpdate); err != nil || img.ID != first.ID {
		t.Errorf("%.20s, %v", img.ID, err)
	}
}

func TestABadLayerCostsNoOtherLayerWhatHasCome(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{})
	w := newWorld(t)
	reference := w.pushBig(r)
	// Two layers come and stop in the middle; then the third turns out to be bad.
	var layers atomic.Int32
	bad := make(chan struct{})
	r.Inject(registrytest.Match{Method: "GET", Path: "/blobs/", Skip: 1, Times: 3}, func(rw http.ResponseWriter, q *http.Request, answer http.Handler) {
		if layers.Add(1) < 3 {
			registrytest.Stall(1<<20)(rw, q, answer)
			return
		}
		<-bad
		recorded := httptest.NewRecorder()
		answer.ServeHTTP(recorded, q)
		rw.Header().Set("Content-Length", strconv.Itoa(recorded.Body.Len()))
		_, _ = rw.Write(bytes.Repeat([]byte("x"), recorded.Body.Len()))
	})
	come := sync.OnceFunc(func() { close(bad) })
	_, err := fetchBy(t.Context(), w.fetcher, reference, spec.PullNew, func(e event.Event) {
		if e.Type == event.ImageFetch && e.Layer == "" && e.Bytes >= 2<<20-1<<16 { // some of it lingers in a buffer
			come()
		}
	})
	come()
	if err == nil {
		t.Fatal("it was taken")
	}
	r.Forget()
	w.must(reference)
	var after int64
	for _, q := range r.Requests("GET", "/blobs/") {
		after += q.Bytes
	}
	const each = 1<<20 + 1<<17 // 2 MiB of hex, packed
	if after > 3*each-2<<20+1<<16 {
		t.Errorf("%v; and then %d bytes more", err, after)
	}
}

func TestAFailingDependencyIsNotItsDependentsFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(part("top", "gone"), "latest")
	w.Host("example.com").Page("/", discovery+strings.ReplaceAll(discovery, "s.test", "other.test"))
	_, err := w.fetch("example.com/top")
	var dependency *fetch.DependencyError
	if !errors.As(err, &dependency) || !strings.Contains(err.Error(), "dependency example.com/gone: ") {
		t.Errorf("%v", err)
	}
	for _, r := range w.RequestsTo("other.test") {
		if strings.Contains(r.Path, "/top-") {
			t.Error("the dependent was asked for at the next place")
		}
	}
	failed := 0
	for _, e := range w.events {
		if e.State == event.Failed && e.Image == "example.com/gone" {
			failed++
		}
	}
	if failed != 1 {
		t.Errorf("%d events say that it failed", failed)
	}
	// Once it is there the dependent, which was good, is not served again.
	served := w.Served("/example.com/top-latest-linux-" + goarch + ".aci")
	w.publish(part("gone"), "latest")
	w.must("example.com/top")
	if again := w.Served("/example.com/top-latest-linux-" + goarch + ".aci"); again > served+100 { // what a 416 says
		t.Errorf("%d bytes more", again-served)
	}
}

func TestADependencyWithAnIDIsFetchedThoughAnOlderOneIsHere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(part("base"), "latest")
	w.must("example.com/base")
	newer := part("base")
	newer.files["/newer"] = "yes"
	_, id := newer.build(t)
	top := part("top")
	top.needs = []map[string]any{{"imageName": "example.com/base", "imageID": id}}
	w.publishAll(newer, top)
	if img := w.must("example.com/top"); !w.root(img)["/newer"] {
		t.Error("the older one is used")
	}
}

func TestWhatAURLHidesInItsQueryIsNotTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.File("/app.aci", app("1.0").bytes(t))
	w.must(w.URL("/app.aci") + "?signature=4711")
	for _, e := range w.events {
		e.Image = "" // as it was asked for
		if text, _ := json.Marshal(e); strings.Contains(string(text), "4711") {
			t.Errorf("%s", text)
		}
	}
}

func TestAMirrorThatFailsLeadsToTheNext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.options.HTTP.Attempts = -1
	w.fetcher = w.open()
	w.Host("example.com").Page("/", `<meta name="ac-discovery" content="example.com https://a.test/{name}.{ext}">
		<meta name="ac-discovery" content="example.com https://b.test/{name}.{ext}">`)
	file := w.Host("a.test").File("/example.com/app.aci", nil)
	for _, status := range []int{503, 401, 404} {
		file.Always(origin.Status(status))
		_, err := w.fetch("example.com/app")
		if err == nil || !strings.Contains(err.Error(), "https://a.test/") || !strings.Contains(err.Error(), "https://b.test/") {
			t.Errorf("%d: %v", status, err)
		}
	}
	w.Host("b.test").File("/example.com/app.aci", app("1.0").bytes(t))
	w.must("example.com/app")
}
