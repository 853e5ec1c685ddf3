package batch

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"

	"github.com/podtui/podtui/engine/event"
)

// watched is a text printer on a terminal that is a file, and the screen that a
// person sees there.
type watched struct {
	t      *testing.T
	text   *textPrinter
	file   *os.File
	screen *vt.Emulator
	now    time.Time
	read   int64
}

func newWatched(t *testing.T) *watched {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "terminal"))
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{t: t, file: file, screen: vt.NewEmulator(80, 24), now: time.Unix(1e9, 0)}
	w.text = newText(file, file, false)
	w.text.meter = &meter{file: file}
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		io.Copy(io.Discard, w.screen)
	}()
	t.Cleanup(func() {
		w.screen.InputPipe().(io.Closer).Close()
		<-answered
		file.Close()
	})
	return w
}

// event prints an event that happens so many milliseconds after the last one.
func (w *watched) event(after int, e event.Event) {
	w.now = w.now.Add(time.Duration(after) * time.Millisecond)
	e.Time = w.now
	if err := w.text.event(e); err != nil {
		w.t.Fatal(err)
	}
}

func (w *watched) sees(want ...string) {
	w.t.Helper()
	written := make([]byte, 1<<20)
	n, _ := w.file.ReadAt(written, w.read)
	w.read += int64(n)
	w.screen.Write([]byte(strings.ReplaceAll(string(written[:n]), "\n", "\r\n"))) // as a terminal does
	var rows []string
	for row := range strings.SplitSeq(w.screen.String(), "\n") {
		if row = strings.TrimRight(row, " \r"); row != "" {
			rows = append(rows, row)
		}
	}
	if got := strings.Join(rows, "\n"); got != strings.Join(want, "\n") {
		w.t.Errorf("%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func fetching(image string, bytes, total int64) event.Event {
	return event.Event{Type: event.ImageFetch, State: event.Started, Image: image, Bytes: bytes, Total: total}
}

func unpacking(image string, bytes, total int64) event.Event {
	return event.Event{Type: event.ImageUnpack, State: event.Started, Image: image, Bytes: bytes, Total: total}
}

func done(t event.Type, image string) event.Event {
	return event.Event{Type: t, State: event.Done, Image: image}
}

func TestFetchIsALineThatGoesAway(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	const image = "example.com/a"
	w.event(0, event.Event{Type: event.ImageFetch, State: event.Started, Image: image, Message: "https://example.com/a.aci"})
	said := "podtui: fetching image from https://example.com/a.aci"
	w.event(0, fetching(image, 1, 100e6))
	w.event(200, fetching(image, 10e6, 100e6))
	w.sees(said) // it may be over at once
	w.event(200, fetching(image, 20e6, 100e6))
	w.sees(said, "podtui: fetching example.com/a: 20.0 of 100 MB, 50.0 MB/s, 2 s left")
	w.event(600, fetching(image, 50e6, 100e6))
	w.sees(said, "podtui: fetching example.com/a: 50.0 of 100 MB, 50.0 MB/s, 1 s left")
	w.event(10, unpacking(image, 1e6, 100e6)) // that goes on beside it
	w.sees(said, "podtui: fetching example.com/a: 50.0 of 100 MB, 50.0 MB/s, 1 s left")
	w.event(10, event.Event{Type: event.Warning, Message: "careful"})
	w.sees(said, "podtui: warning: careful")
	w.event(980, fetching(image, 100e6, 100e6))
	w.event(0, done(event.ImageFetch, image))
	w.event(100, unpacking(image, 50e6, 100e6))
	w.sees(said, "podtui: warning: careful", "podtui: unpacking example.com/a: 50.0 of 100 MB")
	w.event(0, done(event.ImageUnpack, image))
	w.sees(said, "podtui: warning: careful")
}

// Layers come side by side and out of order; the whole image's events are their
// sum, and only that is shown.
func TestLayersInParallelAreOneLine(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	layer := func(digest string, bytes int64) event.Event {
		e := fetching("docker://a", bytes, 50e6)
		e.Layer = digest
		return e
	}
	w.event(0, fetching("docker://a", 1, 100e6))
	for n := range int64(10) {
		w.event(50, layer("sha256:1", 4e6*n))
		w.event(0, layer("sha256:2", n))
		w.event(0, fetching("docker://a", 4e6*n+n+1, 100e6))
	}
	w.event(0, event.Event{Type: event.ImageFetch, State: event.Done, Image: "docker://a", Layer: "sha256:1"})
	w.sees("podtui: fetching docker://a: 36.0 of 100 MB, 80.0 MB/s, 1 s left")
}

func TestSeveralFetchesAreALineEach(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	w.event(0, event.Event{Type: event.Warning, Message: "before"})
	for _, image := range []string{"a", "b", "c"} {
		w.event(0, fetching(image, 1, 0))
	}
	w.event(400, fetching("b", 5e6, 0))
	w.event(100, fetching("a", 7e6, 10e6))
	w.sees("podtui: warning: before",
		"podtui: fetching a: 7.0 of 10.0 MB, 14.0 MB/s, 0 s left", "podtui: fetching b: 5.0 MB, 12.5 MB/s", "podtui: fetching c: 1 B")
	w.event(0, event.Event{Type: event.ImageFetch, State: event.Failed, Image: "b"})
	w.sees("podtui: warning: before")
	w.event(100, fetching("c", 1e6, 0))
	w.sees("podtui: warning: before",
		"podtui: fetching a: 7.0 of 10.0 MB, 14.0 MB/s, 0 s left", "podtui: fetching c: 1.0 MB, 1.7 MB/s")
	w.text.finish()
	w.text.fail("the end", 1)
	w.sees("podtui: warning: before", "podtui: the end")
}

// What can't be told is left out, no row is overrun, nothing of a name is obeyed.
func TestMeterIsOneRow(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	image := "docker://registry.example.com:5000/\x1b[31m/" + strings.Repeat("x", 300)
	w.event(0, fetching(image, 1, 0))
	w.event(1000, fetching(image, 1_000_001, 5e12))
	w.sees(`podtui: fetching docker://registry.exam…: 1.0 MB of 5.0 TB, 1.0 MB/s, 57 d left`)
	w.event(1000, fetching(image, 1, 0)) // from the start
	w.sees(`podtui: fetching docker://registry.example.com:5000/\x1b[31m/xxxxxxxxxxxx…: 1 B`)
}

// A download that goes on has not brought what was there before.
func TestRateOfAResumedDownload(t *testing.T) {
	t.Parallel()
	var r rate
	at := time.Unix(1e9, 0)
	r.add(at, 90e6)
	if words := r.words(10e6); words != "" {
		t.Errorf("a guess: %q", words)
	}
	r.add(at.Add(time.Second), 91e6)
	if words := r.words(9e6); words != "1.0 MB/s, 9 s left" {
		t.Error(words)
	}
	r.add(at.Add(3*time.Second), 91e6) // a stall shows
	if words := r.words(9e6); words != "333 kB/s, 27 s left" {
		t.Error(words)
	}
}
