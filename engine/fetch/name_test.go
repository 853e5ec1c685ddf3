package fetch_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest/origin"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/fetch"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/store"
)

const goarch = runtime.GOARCH

func app(version string) aci {
	return aci{name: "example.com/app", labels: map[string]string{"version": version, "os": "linux", "arch": goarch}}
}

// gets are the paths that were asked for by GET, with their hosts.
func (w *world) gets() (list []string) {
	for _, r := range w.Requests() {
		if r.Method == "GET" {
			list = append(list, r.Host+r.Path)
		}
	}
	return list
}

func TestANameIsDiscoveredOnceAndThenStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(app("1.0"), "1.0")
	img := w.must("example.com/app:1.0")
	if img.Name() != "example.com/app" || img.Version() != "1.0" {
		t.Errorf("%s %s", img.Name(), img.Version())
	}
	if e, ok := w.saw(event.ImageSearch, event.Done); !ok || !strings.HasPrefix(e.Message, "https://s.test/") {
		t.Errorf("the search ended with %+v", e)
	}
	w.Forget()
	if again := w.must("example.com/app:1.0"); again.ID != img.ID || len(w.Requests()) > 0 {
		t.Errorf("again: %.20s after %v", again.ID, w.gets())
	}
}

func TestTheSimpleTemplateGoesFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(app("1.0"), "1.0")
	w.Host("example.com").File("/app-1.0-linux-"+goarch+".aci", app("1.0").bytes(t))
	w.must("example.com/app:1.0")
	if got := w.gets(); len(got) != 1 || got[0] != "example.com/app-1.0-linux-"+goarch+".aci" {
		t.Errorf("%v", got)
	}
}

func TestEveryEndpointIsTriedInTheOrderOfThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Host("example.com").Page("/", `<meta name="ac-discovery" content="example.com https://a.test/{name}.{ext}">
		<meta name="ac-discovery" content="example.com https://b.test/{name}.{ext}">
		<meta name="ac-discovery" content="example.com https://c.test/{name}.{ext}">`)
	w.Host("b.test").File("/example.com/app.aci", nil).Always(origin.Status(404))
	w.Host("c.test").File("/example.com/app.aci", app("1.0").bytes(t))
	w.must("example.com/app:1.0")
	var asked []string
	for _, r := range w.Requests() {
		if strings.HasSuffix(r.Host, ".test") {
			asked = append(asked, r.Host)
		}
	}
	if got := strings.Join(asked, " "); got != "a.test b.test c.test" {
		t.Errorf("asked %s", got)
	}
}

// Without a version it is the latest, whatever older ones the store has.
func TestTheLatestIsRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(app("2.0"), "latest")
	w.publish(app("1.0"), "1.0")
	latest := w.must("example.com/app")
	if latest.Version() != "2.0" {
		t.Fatalf("the latest is %s", latest.Version())
	}
	w.must("example.com/app:1.0") // imported later
	w.Forget()
	if again := w.must("example.com/app"); again.ID != latest.ID || len(w.Requests()) > 0 {
		t.Errorf("later the latest is %s", again.Version())
	}
}

func TestWhatComesMustBeWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		asked string
		came  aci
		want  string
	}{
		"another name":           {"example.com/app:1.0", aci{name: "example.com/other", labels: map[string]string{"version": "1.0"}}, `the image that came has the name "example.com/other", and "example.com/app" was asked for`},
		"another version":        {"example.com/app:1.0", app("1.1"), `has the label version "1.1", and "1.0" was asked for`},
		"no version":             {"example.com/app:1.0", aci{name: "example.com/app"}, `has no label version, and "1.0" was asked for`},
		"another os":             {"example.com/app:1.0", aci{name: "example.com/app", labels: map[string]string{"version": "1.0", "os": "freebsd", "arch": "amd64"}}, `label os "freebsd", and "linux"`},
		"a label that is not so": {"example.com/app:1.0,channel=beta", aci{name: "example.com/app", labels: map[string]string{"version": "1.0", "channel": "alpha"}}, `label channel "alpha", and "beta"`},
		"an os that was asked":   {"example.com/app:1.0,os=linux", aci{name: "example.com/app", labels: map[string]string{"version": "1.0"}}, `no label os`},
		"any host's":             {"example.com/app:1.0", aci{name: "example.com/app", labels: map[string]string{"version": "1.0"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.came.name = strings.TrimSpace(c.came.name)
			w.Host("example.com").Page("/", discovery)
			w.Host("s.test").File("/example.com/app-1.0-linux-"+goarch+".aci", c.came.bytes(t))
			_, err := w.fetch(c.asked)
			if c.want == "" && err == nil {
				return
			}
			var mismatch *fetch.MismatchError
			if !errors.As(err, &mismatch) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if list, _ := w.store().List(); len(list) > 0 {
				t.Errorf("the store has %v", list)
			}
		})
	}
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.fetchAs("example.com/app:1.0", spec.PullNever)
	if !errors.Is(err, store.ErrNotFound) || !strings.Contains(err.Error(), "--pull-policy=never") || len(w.Requests()) > 0 || len(w.Proxied()) > 0 {
		t.Errorf("never: %v, and asked %v", err, w.gets())
	}
	file := w.publish(app("1.0"), "1.0")
	first := w.must("example.com/app:1.0")
	if img, err := w.fetchAs("example.com/app:1.0", spec.PullNever); err != nil || img.ID != first.ID {
		t.Errorf("never, with the image here: %v", err)
	}

	w.Forget()
	const path = "/example.com/app-1.0-linux-" + goarch + ".aci"
	if img, err := w.fetchAs("example.com/app:1.0", spec.PullUpdate); err != nil || img.ID != first.ID || w.Served(path) != 0 {
		t.Errorf("update of what has not changed: %v, served %d bytes", err, w.Served(path))
	}
	changed := app("1.0")
	changed.files = map[string]string{"/new": "content"}
	file.Replace(changed.bytes(t))
	second, err := w.fetchAs("example.com/app:1.0", spec.PullUpdate)
	if err != nil || second.ID == first.ID {
		t.Errorf("update of what has changed: %.20s, %v", second.ID, err)
	}
	if img := w.must("example.com/app:1.0"); img.ID != second.ID {
		t.Error("of two that fit, the older is taken")
	}
}

// Who says that an image is fresh for an hour is believed.
func TestAFreshImageIsNotAskedAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(app("1.0"), "1.0").Header("Cache-Control", "max-age=3600")
	w.must("example.com/app:1.0")
	w.Forget()
	if _, err := w.fetchAs("example.com/app:1.0", spec.PullUpdate); err != nil || len(w.Requests()) > 0 {
		t.Errorf("%v, asked %v", err, w.gets())
	}
}
