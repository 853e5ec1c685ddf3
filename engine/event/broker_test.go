package event

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func progress(image string, bytes int64) Event {
	return Event{Type: ImageFetch, State: Started, Image: image, Bytes: bytes}
}

func logLine(n int) Event { return Event{Type: AppLog, App: "web", Line: fmt.Sprint(n)} }

func names(events []Event) string {
	var list []string
	for _, e := range events {
		switch {
		case e.Type == AppLog:
			list = append(list, e.Line)
		case e.Progress():
			list = append(list, fmt.Sprintf("%s:%d", e.Image, e.Bytes))
		default:
			list = append(list, strings.TrimSpace(string(e.Type)+" "+e.Image+" "+string(e.State)))
		}
	}
	return strings.Join(list, ", ")
}

func TestBatchesKeepStateAndTheLatestProgress(t *testing.T) {
	t.Parallel()
	done := Event{Type: ImageFetch, State: Done, Image: "a"}
	for name, c := range map[string]struct {
		put  []Event
		want string
	}{
		"progress of a step replaces its earlier one": {
			[]Event{progress("a", 1), progress("a", 2), progress("a", 3)}, "a:3"},
		"steps don't replace each other": {
			[]Event{progress("a", 1), progress("b", 1), progress("a", 2)}, "b:1, a:2"},
		"layers of an image are steps of their own": {
			[]Event{{Type: ImageFetch, State: Started, Image: "a", ID: "l1", Bytes: 1}, {Type: ImageFetch, State: Started, Image: "a", ID: "l2", Bytes: 2}},
			"a:1, a:2"},
		"no progress after the end of its step": {
			[]Event{progress("a", 1), done}, "image.fetch a done"},
		"no progress after the error that ends its image": {
			[]Event{progress("a", 1), progress("b", 1), {Type: Error, Image: "a"}}, "b:1, error a"},
		"state changes stay in order around progress": {
			[]Event{logLine(1), progress("a", 1), logLine(2)}, "1, a:1, 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := NewBroker(0)
			for _, e := range c.put {
				b.Put(e)
			}
			got, err := b.Next(t.Context())
			if err != nil || names(got) != c.want {
				t.Errorf("got %q, %v; want %q", names(got), err, c.want)
			}
		})
	}
}

func TestProgressComesAtMostThirtyTimesASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := NewBroker(0)
		go func() {
			for i := range 10_000 {
				b.Put(progress("a", int64(i+1)))
				time.Sleep(100 * time.Microsecond)
			}
			b.Close()
		}()
		updates, last := 0, int64(0)
		for {
			batch, err := b.Next(t.Context())
			if errors.Is(err, io.EOF) {
				break
			}
			for _, e := range batch {
				updates, last = updates+1, e.Bytes
			}
		}
		if updates > 32 || updates < 25 || last != 10_000 {
			t.Errorf("%d updates in one second, the last %d; want about 30 and 10000", updates, last)
		}
	})
}

func TestStateChangesDoNotWaitForProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := NewBroker(0)
		b.Put(progress("a", 1))
		if got, _ := b.Next(t.Context()); names(got) != "a:1" {
			t.Fatalf("got %q", names(got))
		}
		start := time.Now()
		b.Put(progress("a", 2))
		b.Put(logLine(1))
		if got, _ := b.Next(t.Context()); names(got) != "1" || time.Since(start) != 0 {
			t.Errorf("got %q after %v; want the line at once, alone", names(got), time.Since(start))
		}
		if got, _ := b.Next(t.Context()); names(got) != "a:2" || time.Since(start) != ProgressInterval {
			t.Errorf("got %q after %v; want the progress when it is due", names(got), time.Since(start))
		}
	})
}

func TestSlowReaderGetsEveryStateChangeInOrder(t *testing.T) {
	t.Parallel()
	b := NewBroker(0)
	const writers, each = 8, 5_000
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				b.Put(Event{Type: AppLog, App: fmt.Sprint(w), Bytes: int64(i)})
				b.Put(progress(fmt.Sprint(w), int64(i+1)))
			}
		})
	}
	go func() { wg.Wait(); b.Close() }()
	next := make(map[string]int64)
	for {
		batch, err := b.Next(context.Background())
		if errors.Is(err, io.EOF) {
			break
		}
		for _, e := range batch {
			if e.Type == AppLog && e.Bytes != next[e.App] {
				t.Fatalf("app %s: got line %d, want %d", e.App, e.Bytes, next[e.App])
			} else if e.Type == AppLog {
				next[e.App]++
			}
		}
	}
	for w := range writers {
		if n := next[fmt.Sprint(w)]; n != each {
			t.Errorf("writer %d: %d lines arrived, want %d", w, n, each)
		}
	}
}

func TestLinesBeyondTheLimitAreCountedInTheirPlace(t *testing.T) {
	t.Parallel()
	b := NewBroker(10)
	b.Put(Event{Type: AppStart, App: "web"})
	for i := range 1_005 {
		b.Put(logLine(i))
	}
	b.Put(Event{Type: AppExit, App: "web"})
	got, err := b.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Type != AppStart || got[len(got)-1].Type != AppExit || got[1].Type != Warning {
		t.Fatalf("got %s", names(got))
	}
	var skipped int
	if _, err := fmt.Sscanf(got[1].Message, "%d lines", &skipped); err != nil {
		t.Fatal(err)
	}
	lines := got[2 : len(got)-1]
	if skipped+len(lines) != 1_005 || lines[0].Line != fmt.Sprint(skipped) || len(lines) > 20 {
		t.Errorf("%d skipped, %d shown from %s on", skipped, len(lines), lines[0].Line)
	}
}

func TestNextEndsWithTheContextAndWithClose(t *testing.T) {
	t.Parallel()
	b := NewBroker(0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	b.Put(logLine(1))
	b.Close()
	b.Put(logLine(2))
	if got, err := b.Next(t.Context()); names(got) != "1" || err != nil {
		t.Errorf("got %q, %v; want what there was before Close", names(got), err)
	}
	if _, err := b.Next(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want io.EOF", err)
	}
}

func TestEventIsOneLineOfJSONWithoutEmptyFields(t *testing.T) {
	t.Parallel()
	e := Event{Time: time.Unix(1, 2).UTC(), Type: AppExit, App: "web", Status: Status(0)}
	got, err := json.Marshal(e)
	want := `{"time":"1970-01-01T00:00:01.000000002Z","type":"app.exit","app":"web","status":0}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
}

func TestSinkStampsAndMayBeNil(t *testing.T) {
	t.Parallel()
	var got Event
	Sink(func(e Event) { got = e }).Emit(Event{Type: Warning})
	Sink(nil).Emit(Event{Type: Warning})
	if got.Time.IsZero() {
		t.Error("no time")
	}
}

func BenchmarkPut(b *testing.B) {
	br := NewBroker(1_000)
	e := logLine(1)
	b.ReportAllocs()
	for b.Loop() {
		br.Put(e)
	}
}
