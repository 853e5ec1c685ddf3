package fetch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/podtui/podtui/engine/enginetest/origin"
	"github.com/podtui/podtui/engine/enginetest/recipe"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/fetch"
	"github.com/podtui/podtui/engine/fetch/transfer"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/trust"
	"github.com/podtui/podtui/store"
)

func TestMain(m *testing.M) {
	child() // ends the process if it is one
	goleak.VerifyTestMain(m)
}

// world is a host with a store, on an internet that is all ours.
type world struct {
	*origin.Origin
	tb      testing.TB
	dir     string
	options fetch.Options
	fetcher *fetch.Fetcher

	mu     sync.Mutex
	events []event.Event
}

// newWorld starts one. Nothing waits long in it.
func newWorld(tb testing.TB) *world {
	tb.Helper()
	w := &world{Origin: origin.Start(tb), tb: tb, dir: tb.TempDir()}
	w.options = fetch.Options{ConfigDir: filepath.Join(w.dir, "config"), HTTP: w.http()}
	w.fetcher = w.open()
	return w
}

func (w *world) http() transfer.Options {
	proxy, err := url.Parse(w.Proxy())
	if err != nil {
		w.tb.Fatal(err)
	}
	return transfer.Options{
		RootCAs: w.CAs(), Stall: 20 * time.Second, Attempts: 3, Backoff: func(int) time.Duration { return 0 },
		Proxy: func(r *http.Request) (*url.URL, error) {
			if transfer.Loopback(r.URL.Hostname()) {
				return nil, nil
			}
			return proxy, nil
		},
	}
}

// open opens the store once more, as another process would.
func (w *world) open() *fetch.Fetcher {
	w.tb.Helper()
	s, err := store.Open(filepath.Join(w.dir, "store"))
	if err != nil {
		w.tb.Fatal(err)
	}
	o := w.options
	o.Store, o.Trust = s, w.trust()
	f := fetch.New(o)
	w.tb.Cleanup(f.Close)
	return f
}

// trust is whom the host believes.
func (w *world) trust() *trust.Store {
	return trust.Open(trust.Folders{Config: w.options.ConfigDir})
}

func (w *world) store() *store.Store {
	w.tb.Helper()
	s, err := store.Open(filepath.Join(w.dir, "store"))
	if err != nil {
		w.tb.Fatal(err)
	}
	return s
}

func (w *world) sink(e event.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

// saw reports whether an event of this kind came.
func (w *world) saw(t event.Type, state event.State) (event.Event, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if e.Type == t && e.State == state && e.Layer == "" {
			return e, true
		}
	}
	return event.Event{}, false
}

// fetch fetches with the policy "new".
func (w *world) fetch(reference string) (store.Image, error) {
	return w.fetchAs(reference, spec.PullNew)
}

func (w *world) fetchAs(reference string, policy spec.PullPolicy) (store.Image, error) {
	w.tb.Helper()
	return fetchBy(w.tb.Context(), w.fetcher, reference, policy, w.sink)
}

func fetchBy(ctx context.Context, f *fetch.Fetcher, reference string, policy spec.PullPolicy, sink event.Sink) (store.Image, error) {
	ref, err := imageref.Parse(reference, nil)
	if err != nil {
		return store.Image{}, err
	}
	return f.Fetch(ctx, fetch.Request{Ref: ref, Policy: policy, Verify: fetch.Verify{Skip: true}, Sink: sink})
}

// must fetches what has to be there.
func (w *world) must(reference string) store.Image {
	w.tb.Helper()
	img, err := w.fetch(reference)
	if err != nil {
		w.tb.Fatalf("%s: %v", reference, err)
	}
	return img
}

// aci is an image archive with one file, and its manifest's fields.
type aci struct {
	name       string
	labels     map[string]string
	needs      []map[string]any // dependencies
	whitelist  []string
	files      map[string]string
	compressed string
}

func (a aci) bytes(tb testing.TB) []byte {
	tb.Helper()
	data, _ := a.build(tb)
	return data
}

func (a aci) build(tb testing.TB) (data []byte, id string) {
	tb.Helper()
	labels := []map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(a.labels)) { // two builds are the same, and have one signature
		labels = append(labels, map[string]string{"name": name, "value": a.labels[name]})
	}
	manifest := map[string]any{"acKind": "ImageManifest", "acVersion": "0.8.11", "name": a.name, "labels": labels}
	if len(a.needs) > 0 {
		manifest["dependencies"] = a.needs
	}
	if len(a.whitelist) > 0 {
		manifest["pathWhitelist"] = a.whitelist
	}
	text, err := json.Marshal(manifest)
	if err != nil {
		tb.Fatal(err)
	}
	r := recipe.Recipe{Manifest: text, Compression: a.compressed}
	files := a.files
	if len(files) == 0 {
		files = map[string]string{"/says": a.name}
	}
	for path, content := range files {
		r.Files = append(r.Files, recipe.File{Kind: recipe.Regular, Path: path, Mode: 0o644, Content: []byte(content)})
	}
	var out bytes.Buffer
	id, err = r.Write(&out)
	if err != nil {
		tb.Fatal(err)
	}
	return out.Bytes(), id
}

// discovery is a page with the tags that lead to templates on the host s.test.
const discovery = `<html><head>
<meta name="ac-discovery" content="example.com https://s.test/{name}-{version}-{os}-{arch}.{ext}">
<meta name="ac-discovery-pubkeys" content="example.com https://example.com/keys.gpg">
</head></html>`

// publish makes an image one that is found by its name.
func (w *world) publish(a aci, version string) *origin.Resource {
	w.tb.Helper()
	w.Host("example.com").Page("/", discovery)
	return w.Host("s.test").File("/"+a.name+"-"+version+"-linux-"+goarch+".aci", a.bytes(w.tb))
}
