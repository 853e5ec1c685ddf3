package ui_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/uitest"
)

var soakTime = flag.Duration("soak", 0, "how long TestSoak lets a screen live: 10m for what \"make soak\" promises")

// lines is how much each pod of a soak writes.
const lines = 4000

// TestSoak lives with one screen for long: pods are run, watched, looked at and
// collected, as somebody does who leaves podtui open. What it has got in the last third
// of its life is what it had in the first.
func TestSoak(t *testing.T) {
	if *soakTime == 0 {
		t.Skip("make soak does it")
	}
	host := enginetest.NewHost(t)
	host.Fetched(enginetest.BuildImage(t, "busybox"))
	script := fmt.Sprintf("/bin/busybox seq 1 %d", lines)
	l, err := goLive(host.Dir, ui.Options{
		Start: ui.StartCompose, AllowUnverified: true, Environ: os.Environ(),
		Pod: spec.Pod{Apps: []spec.App{{Image: "busybox.net/busybox", Exec: "/bin/sh", Args: []string{"-c", script}}}},
	}, 8)
	if err != nil {
		t.Fatal(err)
	}
	done := l.watch(time.Minute)
	s := &soak{lived: l, t: t}
	s.run(*soakTime)
	done()
	if err := l.close(); err != nil {
		t.Error(err)
	}
	s.judge()
}

// soak is one screen's life, and what it had at some times.
type soak struct {
	*lived
	t     *testing.T
	looks []looked
}

type looked struct {
	at         time.Duration
	pods       int64
	events     int64
	heap       uint64
	goroutines int
}

func (s *soak) run(most time.Duration) {
	begun := time.Now()
	for n := 1; time.Since(begun) < most; n++ {
		pods, events := s.starts.Load(), s.events.Load()
		s.press("2", "r")
		s.reads(pods+1, events+lines)
		s.browse(n)
		if n%20 == 0 { // each look is at the same time of a round
			s.collect()
			s.look(time.Since(begun))
		}
	}
}

// reads waits until the pod that was run has ended, and all that it wrote is here.
func (s *soak) reads(pods, events int64) {
	s.t.Helper()
	enginetest.Eventually(s.t, "a pod's life, and what it writes", func() bool {
		s.beat()
		return s.starts.Load() >= pods && s.here.Load() == 0 && s.events.Load() >= events
	})
}

// beat tells the watchdog that waiting is no hang: the loop takes messages.
func (s *soak) beat() { s.send(tea.WindowSizeMsg{Width: 80, Height: 24}) }

// browse looks around, each time elsewhere.
func (s *soak) browse(n int) {
	for range 20 {
		s.press("up", "pgup", "end", "home", "end")
	}
	s.press("/", "3", "9", "enter", "n", "n", "esc")
	switch n % 4 {
	case 0:
		s.press("3", "down", "i", "tab", "tab", "q")
	case 1:
		s.press("1", "i", "/", "b", "u", "esc")
	case 2:
		s.press("4", "1", "3", "/", "b", "esc")
	case 3:
		s.send(tea.WindowSizeMsg{Width: 200, Height: 60})
		s.press("3", "enter", "w", "t", "q")
		s.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	}
	s.press("2")
}

func (s *soak) press(names ...string) {
	for _, name := range names {
		s.send(uitest.Key(name))
	}
}

// collect removes the pods that have ended.
func (s *soak) collect() {
	pods, err := s.Engine.Pods()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, pod := range pods {
		if pod.State == poddir.Exited {
			if err := s.RemovePod(pod.UUID); err != nil && !errors.Is(err, poddir.ErrBusy) {
				s.t.Fatal(err)
			}
		}
	}
	_, _ = s.GC(context.Background(), engine.GCOptions{})
}

func (s *soak) look(at time.Duration) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s.looks = append(s.looks, looked{at, s.starts.Load(), s.events.Load(), m.HeapAlloc, runtime.NumGoroutine()})
}

// judge prints the life in ten lines, and compares its thirds.
func (s *soak) judge() {
	if len(s.looks) < 9 {
		s.t.Fatalf("%d looks are too few", len(s.looks))
	}
	var table strings.Builder
	fmt.Fprintf(&table, "%8s %6s %10s %10s %11s\n", "time", "pods", "events", "heap", "goroutines")
	for i := range 10 {
		l := s.looks[i*(len(s.looks)-1)/9]
		fmt.Fprintf(&table, "%7.0fs %6d %10d %7.2f MB %11d\n", l.at.Seconds(), l.pods, l.events, float64(l.heap)/1e6, l.goroutines)
	}
	third := len(s.looks) / 3
	firstHeap, firstGo := mean(s.looks[:third])
	lastHeap, lastGo := mean(s.looks[len(s.looks)-third:])
	fmt.Fprintf(&table, "thirds: heap %.2f and %.2f MB (%+.1f %%), goroutines %.1f and %.1f (%+.1f %%)\n",
		firstHeap/1e6, lastHeap/1e6, 100*(lastHeap/firstHeap-1), firstGo, lastGo, 100*(lastGo/firstGo-1))
	s.t.Logf("\n%s", &table)
	const most = 1.05
	if lastHeap > firstHeap*most || lastGo > firstGo*most {
		s.t.Errorf("it has more in the last third than 5 %% above the first")
	}
	end := s.looks[len(s.looks)-1]
	if *soakTime >= 10*time.Minute && (end.events < 1_000_000 || end.pods < 500) {
		s.t.Errorf("%d events and %d pods; a soak has 1,000,000 and 500", end.events, end.pods)
	}
}

func mean(looks []looked) (heap, goroutines float64) {
	for _, l := range looks {
		heap += float64(l.heap)
		goroutines += float64(l.goroutines)
	}
	return heap / float64(len(looks)), goroutines / float64(len(looks))
}
