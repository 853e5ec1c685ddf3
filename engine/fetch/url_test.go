package fetch_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"testing"

	"github.com/podtui/podtui/engine/enginetest/origin"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/spec"
)

func parse(tb testing.TB, reference string) imageref.Ref {
	tb.Helper()
	ref, err := imageref.Parse(reference, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return ref
}

// noise is text of some length that no compression makes small.
func noise(tb testing.TB, bytes int) string {
	tb.Helper()
	raw := make([]byte, bytes/2)
	if _, err := rand.Read(raw); err != nil {
		tb.Fatal(err)
	}
	return hex.EncodeToString(raw)
}

// big is an image that takes a while.
func big(tb testing.TB) aci {
	return aci{name: "example.com/big", files: map[string]string{"/noise": noise(tb, 4<<20)}, compressed: "none"}
}

func TestAURLIsFetchedOnceAndThenStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	data, id := app("1.0").build(t)
	w.File("/app.aci", data)
	for _, url := range []string{w.URL("/app.aci"), w.PlainURL("/app.aci")} {
		w.Forget()
		img := w.must(url)
		if img.ID != id || w.Served("/app.aci") != int64(len(data)) {
			t.Errorf("%s: %.20s, %d bytes", url, img.ID, w.Served("/app.aci"))
		}
		if w.must(url); w.Served("/app.aci") != int64(len(data)) {
			t.Errorf("%s: fetched twice", url)
		}
	}
}

func TestACutDownloadGoesOnInTheSameFetch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	data, id := big(t).build(t)
	file := w.File("/big.aci", data)
	for i := range 10 {
		file.Fault(origin.CutAt(int64(len(data)) * int64(i+1) / 11))
	}
	img := w.must(w.URL("/big.aci"))
	if served := w.Served("/big.aci"); img.ID != id || float64(served) > 1.1*float64(len(data)) {
		t.Errorf("%.20s; %d bytes served for %d", img.ID, served, len(data))
	}
}

// What came before somebody gave up is not fetched again.
func TestACancelledDownloadGoesOnInTheNextFetch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	data, id := big(t).build(t)
	file := w.File("/big.aci", data)
	file.Fault(origin.StallAfter(int64(len(data)) / 2))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := fetchBy(ctx, w.fetcher, w.URL("/big.aci"), spec.PullNew, func(e event.Event) {
		if e.Type == event.ImageFetch && e.Bytes > int64(len(data))/3 {
			cancel()
		}
	})
	if err == nil {
		t.Fatal("it was not cancelled")
	}
	before := w.Served("/big.aci")
	img := w.must(w.URL("/big.aci"))
	if rest := w.Served("/big.aci") - before; img.ID != id || rest > int64(len(data))*3/4 {
		t.Errorf("%.20s; %d more bytes for %d", img.ID, rest, len(data))
	}
}

func TestAnArchiveThatIsBadIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.File("/app.aci", []byte("this is no archive at all, and never was one"))
	if _, err := w.fetch(w.URL("/app.aci")); err == nil {
		t.Fatal("it was taken")
	}
	data, id := app("1.0").build(t)
	file.Replace(data)
	if img := w.must(w.URL("/app.aci")); img.ID != id {
		t.Errorf("%.20s", img.ID)
	}
}

func TestPlainHTTPIsForExplicitURLsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Host("plain.test").File("/app.aci", app("1.0").bytes(t))
	if _, err := w.fetch("http://plain.test/app.aci"); err != nil {
		t.Errorf("an explicit http:// URL: %v", err)
	}
	w.Host("secure.test").Redirect("/app.aci", "http://plain.test/app.aci")
	if _, err := w.fetch("https://secure.test/app.aci"); err == nil {
		t.Error("https led to http")
	}
}
