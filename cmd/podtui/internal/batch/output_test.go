package batch

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/event"
)

// The warnings stand where rkt's did: after the first image that is fetched, and
// before anything is run. What is about servers is said where there was one.
func TestWhereWarningsStand(t *testing.T) {
	t.Parallel()
	fetch := func(image, from string) event.Event {
		return event.Event{Type: event.ImageFetch, State: event.Started, Image: image, Message: from}
	}
	prepare := event.Event{Type: event.PodPrepare, State: event.Done}
	for name, test := range map[string]struct {
		events []event.Event
		want   string
	}{
		"from the store": {[]event.Event{prepare}, "podtui: warning: image\n"},
		"a file": {[]event.Event{fetch("./a.aci", ""), prepare},
			"podtui: fetching image from ./a.aci\npodtui: warning: image\n"},
		"a file's URL": {[]event.Event{fetch("file:///a.aci", ""), prepare},
			"podtui: fetching image from file:///a.aci\npodtui: warning: image\n"},
		"plain HTTP": {[]event.Event{fetch("http://a/a.aci", "http://a/a.aci")},
			"podtui: fetching image from http://a/a.aci\npodtui: warning: image\n"},
		"a name": {[]event.Event{fetch("example.com/a", "https://example.com/a.aci"), fetch("example.com/b", "https://example.com/b.aci"), prepare},
			"podtui: fetching image from https://example.com/a.aci\npodtui: warning: image\npodtui: warning: server\n" +
				"podtui: fetching image from https://example.com/b.aci\n"},
		"a file, then a registry": {[]event.Event{fetch("./a.aci", ""), fetch("docker://a", ""), prepare},
			"podtui: fetching image from ./a.aci\npodtui: warning: image\npodtui: fetching image from docker://a\npodtui: warning: server\n"},
		"without a byte so far, and again": {[]event.Event{fetch("a", "https://x"), fetch("a", ""), fetch("a", "https://x"), fetch("a", "https://y")},
			"podtui: fetching image from https://x\npodtui: warning: image\npodtui: warning: server\npodtui: fetching image from https://y\n"},
		"only layers": {[]event.Event{{Type: event.ImageFetch, State: event.Started, Image: "docker://a", Layer: "sha256:1"}},
			"podtui: warning: image\npodtui: warning: server\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			out := New(Options{Warnings: []string{"image"}, ServerWarnings: []string{"server"}})
			out.printer = newText(file, file, false)
			for _, e := range test.events {
				out.Event(e)
			}
			if got, _ := os.ReadFile(file.Name()); string(got) != test.want {
				t.Errorf("got\n%swant\n%s", got, test.want)
			}
		})
	}
}

// Each step has progress of its own: one layer's does not keep another's back.
func TestProgressOfEachLayerIsToldToPrograms(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	j := newJSON(file)
	at := event.Event{Type: event.ImageFetch, State: event.Started, Image: "a", Bytes: 1, Total: 2, Time: time.Unix(1e9, 0).UTC()}
	for range 3 {
		for _, layer := range []string{"", "sha256:1", "sha256:2"} {
			at.Layer = layer
			if err := j.event(at); err != nil {
				t.Fatal(err)
			}
		}
	}
	const want = `{"time":"2001-09-09T01:46:40Z","type":"image.fetch","state":"started","image":"a","bytes":1,"total":2}
{"time":"2001-09-09T01:46:40Z","type":"image.fetch","state":"started","image":"a","layer":"sha256:1","bytes":1,"total":2}
{"time":"2001-09-09T01:46:40Z","type":"image.fetch","state":"started","image":"a","layer":"sha256:2","bytes":1,"total":2}
`
	if got, _ := os.ReadFile(file.Name()); string(got) != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
