package engine_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/enginetest/gpg"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

// So do images that are not believed: each kind of refusal is recorded, and stays
// true.
func TestRealRefusalsTellTheRecordedStories(t *testing.T) {
	t.Parallel()
	home := gpg.New(t)
	image := enginetest.BuildImage(t, "busybox")
	data, past := read(t, image), time.Now().Add(-72*time.Hour)
	const builds = "Example Builds <builds@example.com>"
	key, other := home.Key(builds), home.Key("Other <other@example.com>")
	expired := home.Key(builds, gpg.CreatedAt(past), gpg.Expires("1d"))
	revoked := home.Key(builds)
	taken := revoked.Sign(data)
	revoked.Revoke()
	for kind, c := range map[string]struct {
		trusted   gpg.Key
		prefix    string
		signature []byte // nil: none
	}{
		"no-signature":  {key, "", nil},
		"unknown-key":   {other, "", key.Sign(data)},
		"not-trusted":   {key, "example.com", key.Sign(data)},
		"bad-signature": {key, "", key.Sign(data[1:])},
		"expired":       {expired, "", expired.Sign(data, gpg.At(past.Add(time.Hour)))},
		"revoked":       {revoked, "", taken},
		"weak":          {key, "", key.Sign(data, gpg.Digest("SHA1"))},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			place(t, h.Config, c.prefix, c.trusted)
			reference := signed(t, "busybox", c.signature)
			if c.signature == nil {
				if err := os.Remove(reference + ".asc"); err != nil {
					t.Fatal(err)
				}
			}
			told := refusalOf(t, h, reference)
			path := filepath.Join("..", "testdata", "events", "refused-"+kind+".jsonl")
			if *update {
				writeEvents(t, path, told)
			}
			got, want := lines(t, story(told)), lines(t, story(readEvents(t, path)))
			if got != want {
				t.Errorf("the real image says\n%s\nthe recording\n%s", got, want)
			}
		})
	}
}

// place puts a key where people put it: one that doesn't count would not be added.
func place(t *testing.T, config, prefix string, key gpg.Key) {
	t.Helper()
	folder := filepath.Join(config, "trustedkeys", "prefix.d", prefix)
	if prefix == "" {
		folder = filepath.Join(config, "trustedkeys", "root.d")
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, key.Fingerprint()), key.Armored(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// refusalOf runs an image that is refused, and returns its events as two runs have
// them in common.
func refusalOf(t *testing.T, h *enginetest.Host, reference string) []event.Event {
	t.Helper()
	var told []event.Event
	if _, err := h.Engine.Run(t.Context(), enginetest.Pod(spec.App{Image: reference}), engineOptions(), func(e event.Event) { told = append(told, e) }); err == nil {
		t.Fatal("it runs")
	}
	at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	of, on := regexp.MustCompile(`\b[0-9A-F]{16}\b`), regexp.MustCompile(`\b\d{4}-\d\d-\d\d\b`)
	told = slices.DeleteFunc(told, event.Event.Progress) // how many there are is chance
	for i := range told {
		e := &told[i]
		e.Time = at.Add(time.Duration(i) * 100 * time.Millisecond)
		if e.Pod != "" {
			e.Pod = "5f0c1d3e-0000-4000-8000-000000000000"
		}
		for _, field := range []*string{&e.Image, &e.Message} {
			*field = strings.ReplaceAll(*field, reference, "/images/busybox.aci")
			*field = on.ReplaceAllString(of.ReplaceAllString(*field, "F8E7D6C5B4A39281"), "2026-01-01")
		}
	}
	return told
}
