package batch

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/ui/text"
)

// FuzzSafeJSON holds: the JSON means the same, and nothing in it is obeyed by a
// terminal.
func FuzzSafeJSON(f *testing.F) {
	for _, seed := range []string{"", "plain", "\u009b31m\u202e\u2028\x7f\x1b", "caf\xe9 é 👩‍🚀", "\U000e0041", `\u0085"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		encoded, err := json.Marshal(map[string]string{"line": s})
		if err != nil {
			t.Fatal(err)
		}
		var want, got map[string]string
		if err := json.Unmarshal(encoded, &want); err != nil {
			t.Fatal(err)
		}
		safe := SafeJSON(encoded)
		if err := json.Unmarshal(safe, &got); err != nil {
			t.Fatalf("%v: %q", err, safe)
		}
		if got["line"] != want["line"] {
			t.Errorf("%q became %q", want["line"], got["line"])
		}
		for _, r := range string(safe) {
			if text.Harmful(r) {
				t.Errorf("%q gets through in %q", r, safe)
			}
		}
	})
}

// printed is what a JSON printer writes to its file.
func printed(t *testing.T, do func(*jsonPrinter)) []event.Event {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	do(newJSON(file))
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	var events []event.Event
	for line := range strings.Lines(string(text)) {
		var e event.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		events = append(events, e)
	}
	return events
}

func TestProgressIsThinnedByStep(t *testing.T) {
	t.Parallel()
	start := time.Now()
	events := printed(t, func(j *jsonPrinter) {
		for i := range 1000 {
			at := start.Add(time.Duration(i) * time.Millisecond)
			for _, step := range []event.Type{event.ImageFetch, event.ImageUnpack} {
				if err := j.event(event.Event{Time: at, Type: step, State: event.Started, Bytes: int64(i + 1)}); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
	count := make(map[event.Type]int)
	for _, e := range events {
		count[e.Type]++
	}
	for _, step := range []event.Type{event.ImageFetch, event.ImageUnpack} {
		if n := count[step]; n < 25 || n > 31 {
			t.Errorf("%d of 1000 events of %s in a second; want about 30", n, step)
		}
	}
}

func TestLastLineComesBeforeItsAppsExit(t *testing.T) {
	t.Parallel()
	events := printed(t, func(j *jsonPrinter) {
		_ = j.event(event.Event{Type: event.AppStart, App: "a"})
		_ = j.event(event.Event{Type: event.AppStart, App: "b"})
		_ = j.output(1, "stdout", []byte("from b"))
		_ = j.output(0, "stdout", []byte("one\ntwo"))
		_ = j.event(event.Event{Type: event.AppExit, App: "a"})
		_ = j.finish()
	})
	var got []string
	for _, e := range events {
		got = append(got, string(e.Type)+" "+e.App+" "+e.Line)
	}
	want := "app.start a |app.start b |app.log a one|app.log a two|app.exit a |app.log b from b"
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
}

// A start that fails may have said something before any app runs.
func TestOutputOfAStartHasItsApp(t *testing.T) {
	t.Parallel()
	events := printed(t, func(j *jsonPrinter) {
		_ = j.event(event.Event{Type: event.PodPrepare, State: event.Done, Pod: "p", Apps: []event.App{{Name: "a"}, {Name: "b"}}})
		_ = j.output(1, "stderr", []byte("what\n"))
	})
	if last := events[len(events)-1]; last.App != "b" || last.Line != "what" || last.Pod != "p" {
		t.Errorf("%+v", last)
	}
}
