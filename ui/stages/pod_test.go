package stages

import (
	"testing"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
)

func TestAnImageThatIsUsedTwiceIsOne(t *testing.T) {
	for want, images := range map[string][]string{"": nil, "a 1": {"a 1", "a 1"}, "2 images": {"a 1", "b 1", "a 1"}} {
		var p poddir.Status
		for _, image := range images {
			p.Apps = append(p.Apps, poddir.AppStatus{Image: image})
		}
		if got := PodImages(p); got != want {
			t.Errorf("%q: %q, want %q", images, got, want)
		}
	}
}

func TestThePodsStateTellsOfAnAppThatWaits(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	exit := 137
	for want, p := range map[string]poddir.Status{
		"running":           {State: poddir.Running, Apps: []poddir.AppStatus{{Name: "a"}}},
		"restarting in 3 s": {State: poddir.Running, Apps: []poddir.AppStatus{{Next: now.Add(9 * time.Second)}, {Next: now.Add(2100 * time.Millisecond)}}},
		"restarting":        {State: poddir.Running, Apps: []poddir.AppStatus{{Next: now.Add(-time.Second)}}},
		"exited 137":        {State: poddir.Exited, Exit: &exit, Apps: []poddir.AppStatus{{Next: now.Add(time.Second)}}},
		"prepared":          {State: poddir.Prepared},
	} {
		if got := PodState(p, now); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestProcessorTimeIsKnownWithTheSecondLook(t *testing.T) {
	at := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	look := func(app string, after, cpu time.Duration, memory int64) engine.Usage {
		return engine.Usage{App: app, Time: at.Add(after), CPU: cpu, Memory: memory}
	}
	var l Load
	if got := Percent(l.CPU()) + MemoryWords(l.Memory()); got != "" {
		t.Errorf("before a look %q", got)
	}
	l.Add([]engine.Usage{look("a", 0, time.Second, 1_000_000), look("b", 0, time.Minute, -1)})
	if got := Percent(l.CPU()) + MemoryWords(l.Memory()); got != "1.0 MB" {
		t.Errorf("after one look %q", got)
	}
	l.Add([]engine.Usage{look("a", 2*time.Second, 2*time.Second, 1_000_000), look("b", 2*time.Second, time.Second, 500_000)})
	if got := Percent(l.CPU()) + " " + MemoryWords(l.Memory()); got != "50 % 1.5 MB" {
		t.Errorf("after two looks, and a new start of b, %q", got)
	}
	if _, cpu, ok := l.App("b"); !ok || cpu >= 0 {
		t.Errorf("b: %v %v", cpu, ok)
	}
}

// A pod that was run again is what it is now, and not how it ended before.
func TestAPodThatRunsAgainHasNotEnded(t *testing.T) {
	at := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	var s Stages
	s.Add(event.Event{Type: event.AppStart, App: "a", Time: at}, event.Event{Type: event.AppStart, App: "b", Time: at},
		event.Event{Type: event.AppExit, App: "a", Status: event.Status(3), Message: "status 3"},
		event.Event{Type: event.AppExit, App: "b", Status: event.Status(143)}, event.Event{Type: event.PodExit, Status: event.Status(3)},
		event.Event{Type: event.AppStart, App: "a", Time: at.Add(time.Minute)})
	if s.Exit != nil || s.Apps[0].Status != nil || s.Apps[0].Cause != "" || s.Apps[1].Status != nil || !s.Apps[0].Started.After(at) {
		t.Errorf("%+v %+v %+v", s, s.Apps[0], s.Apps[1])
	}
}
