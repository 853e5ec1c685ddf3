package engine_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

var update = flag.Bool("update", false, "record the event streams of testdata/events anew")

// The recordings are what tests of screens replay. They stay true because real
// pods are held against them here; -update records them.
func TestRealPodsTellTheRecordedStories(t *testing.T) {
	t.Parallel()
	volume := spec.Volume{Name: "work", Kind: spec.EmptyVolume}
	for name, pod := range map[string]func() spec.Pod{
		"one-app": func() spec.Pod {
			return enginetest.Pod(spec.App{Image: enginetest.BuildImage(t, "env-printer")})
		},
		"two-apps-share": func() spec.Pod {
			say := func(image, script string) spec.App {
				return spec.App{Image: enginetest.BuildImage(t, image), Exec: "/bin/sh", Args: []string{"-c", script}}
			}
			return spec.Pod{
				Volumes: []spec.Volume{volume},
				Apps: []spec.App{
					say("reduce-worker", "echo listening; for n in 1 2 3; do echo part $n > /var/lib/work/$n; sleep 0.1; done; sleep 1; echo done"),
					say("worker-backup", "sleep 0.5; cat /backup/1 /backup/2 /backup/3; sleep 0.2; echo copied >&2"),
				},
			}
		},
		"fails":  func() spec.Pod { return enginetest.Pod(enginetest.Shell(t, "echo trying; exit 7")) },
		"killed": func() spec.Pod { return enginetest.Pod(enginetest.Shell(t, "echo ready; kill -9 $$")) },
		"no-volume": func() spec.Pod {
			return enginetest.Pod(spec.App{Image: enginetest.BuildImage(t, "reduce-worker"), Exec: "/bin/true"})
		},
		"no-exec":    func() spec.Pod { return enginetest.Pod(spec.App{Image: enginetest.BuildImage(t, "exec-missing")}) },
		"no-archive": func() spec.Pod { return enginetest.Pod(spec.App{Image: notAnArchive(t)}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			told := record(t, h, pod())
			path := filepath.Join("..", "testdata", "events", name+".jsonl")
			if *update {
				writeEvents(t, path, told)
			}
			got, want := lines(t, story(told)), lines(t, story(readEvents(t, path)))
			if got != want {
				t.Errorf("the real pod says\n%s\nthe recording\n%s", got, want)
			}
		})
	}
}

func notAnArchive(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "broken.aci")
	if err := os.WriteFile(path, []byte("this is no archive\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// record runs a pod and returns its events and its output as one stream, with
// everything made equal that differs from run to run and from host to host.
func record(t *testing.T, h *enginetest.Host, pod spec.Pod) []event.Event {
	t.Helper()
	got := h.Run(pod)
	all := got.Events
	if got.UUID != "" {
		all = withOutput(t, h, got)
	}
	for i := range all {
		all[i].Time = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(i) * 10 * time.Millisecond)
		mask(&all[i], pod)
	}
	return all
}

// withOutput puts each line of output where it belongs: before the end of its
// app.
func withOutput(t *testing.T, h *enginetest.Host, got enginetest.Result) []event.Event {
	t.Helper()
	output := make(map[string][]event.Event)
	err := h.Logs(t.Context(), got.UUID, engine.LogOptions{}, func(batch []poddir.LogLine) error {
		for _, line := range batch {
			output[line.App] = append(output[line.App], event.Event{
				Type: event.AppLog, Pod: got.UUID, App: line.App, Stream: line.Stream, Line: line.Text,
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []event.Event
	for _, e := range got.Events {
		if e.Type == event.AppExit {
			all = append(all, output[e.App]...)
		}
		all = append(all, e)
	}
	return all
}

// mask takes the names of this host and of this run out of an event.
func mask(e *event.Event, pod spec.Pod) {
	if e.Pod != "" {
		e.Pod = "5f0c1d3e-0000-4000-8000-000000000000"
	}
	if e.ID != "" {
		e.ID = "sha512-" + strings.Repeat("5", 128)
	}
	for _, app := range pod.Apps {
		base, _, _ := strings.Cut(filepath.Base(app.Image), "-sha512")
		short := "/images/" + strings.TrimSuffix(base, ".aci") + ".aci"
		for _, field := range []*string{&e.Image, &e.Message} {
			*field = strings.ReplaceAll(*field, app.Image, short)
		}
	}
}

// story is what must be equal: no progress, whose steps depend on the machine,
// and no sizes, which depend on the host's busybox.
func story(events []event.Event) []event.Event {
	var kept []event.Event
	for _, e := range events {
		if !e.Progress() {
			e.Time, e.Bytes, e.Total = time.Time{}, 0, 0
			kept = append(kept, e)
		}
	}
	return kept
}

func lines(t *testing.T, events []event.Event) string {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	for _, e := range events {
		if err := encoder.Encode(e); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func writeEvents(t *testing.T, path string, events []event.Event) {
	t.Helper()
	if err := os.WriteFile(path, []byte(lines(t, events)), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readEvents(t *testing.T, path string) []event.Event {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var events []event.Event
	for line := range bytes.Lines(data) {
		var e event.Event
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}
