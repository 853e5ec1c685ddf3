package batch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/event"
)

// What people are told of apps that end: for good, or to be started again.
func TestEndsOfAppsAreTold(t *testing.T) {
	t.Parallel()
	start := func(app string) event.Event { return event.Event{Type: event.AppStart, State: event.Done, App: app} }
	exit := func(app string, state event.State, status int, message string) event.Event {
		return event.Event{Type: event.AppExit, State: state, App: app, Status: event.Status(status), Message: message}
	}
	over := func(status int, message string) event.Event {
		return event.Event{Type: event.PodExit, State: event.Done, Status: event.Status(status), Message: message}
	}
	for name, test := range map[string]struct {
		pod    Pod
		events []event.Event
		want   []string
	}{
		"started again": {Pod{Apps: 1},
			[]event.Event{start("a"), exit("a", event.Started, 1, "status 1; started again in 100 ms"), start("a"), exit("a", event.Done, 0, ""), over(0, "")},
			[]string{`app "a": status 1; started again in 100 ms`}},
		"started again after it went well": {Pod{Apps: 1},
			[]event.Event{start("a"), exit("a", event.Started, 0, "status 0; started again in 100 ms")},
			[]string{`app "a": status 0; started again in 100 ms`}},
		"given up, others were stopped": {Pod{Apps: 2},
			[]event.Event{start("a"), start("b"), exit("a", event.Started, 1, "status 1; started again in 100 ms"), start("a"),
				exit("a", event.Done, 1, "status 1"), exit("b", event.Done, 143, "killed by signal 15 (SIGTERM)"), over(1, `app "a": status 1`)},
			[]string{`app "a": status 1; started again in 100 ms`, `app "a": status 1; the others were stopped`}},
		"others go on": {Pod{Apps: 2, GoesOn: true},
			[]event.Event{start("a"), start("b"), exit("a", event.Done, 1, "status 1"), exit("b", event.Done, 2, "status 2"), over(1, `app "a": status 1`)},
			[]string{`app "a": status 1; the others go on`, `app "a": status 1`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			printer := newText(file, file, false)
			printer.begin(test.pod)
			for _, e := range test.events {
				if err := printer.event(e); err != nil {
					t.Fatal(err)
				}
			}
			want := ""
			for _, line := range test.want {
				want += "podtui: " + line + "\n"
			}
			if got, _ := os.ReadFile(file.Name()); string(got) != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

// An app that is started again keeps its number: output is told from others'.
func TestOutputGoesOnOverRestarts(t *testing.T) {
	t.Parallel()
	events := printed(t, func(j *jsonPrinter) {
		for _, app := range []string{"a", "b", "a"} {
			_ = j.event(event.Event{Type: event.AppStart, App: app})
		}
		_ = j.output(0, "stdout", []byte("from a\n"))
		_ = j.event(event.Event{Type: event.AppStart, App: "b"})
		_ = j.output(1, "stdout", []byte("from b\n"))
	})
	var got []string
	for _, e := range events {
		if e.Type == event.AppLog {
			got = append(got, e.App+": "+e.Line)
		}
	}
	if want := "a: from a|b: from b"; strings.Join(got, "|") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
