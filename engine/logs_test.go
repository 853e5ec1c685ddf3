package engine_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
)

// logged is a pod's folder as its supervisor would have left it, so that tests
// write its logs themselves.
type logged struct {
	*enginetest.Host
	dir     *poddir.Dir
	status  poddir.Status
	writers map[string]*poddir.LogWriter
}

func newLogged(t *testing.T, state poddir.State, apps ...string) *logged {
	t.Helper()
	h := enginetest.NewHost(t)
	dir, err := poddir.Create(filepath.Join(h.Dir, "pods"), poddir.NewUUID())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(dir.Unlock)
	l := &logged{Host: h, dir: dir, writers: make(map[string]*poddir.LogWriter)}
	for _, app := range apps {
		l.status.Apps = append(l.status.Apps, poddir.AppStatus{Name: app})
	}
	l.become(t, state)
	return l
}

func (l *logged) become(t *testing.T, state poddir.State) {
	t.Helper()
	l.status.State = state
	if err := l.dir.WriteStatus(l.status); err != nil {
		t.Fatal(err)
	}
}

// say logs output of an app, as of so many seconds after a begin.
func (l *logged) say(t *testing.T, app string, second int, text string) {
	t.Helper()
	w := l.writers[app]
	if w == nil {
		var err error
		if w, err = l.dir.CreateLog(app); err != nil {
			t.Fatal(err)
		}
		l.writers[app] = w
		t.Cleanup(func() { w.Close() })
	}
	at := time.Date(2026, 11, 26, 12, 0, second, 0, time.UTC)
	if err := w.Write(at, "stdout", []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// listener takes lines as they come, but for probes.
type listener struct {
	mu     sync.Mutex
	lines  []string
	probed bool
}

const probe = "does anybody hear?"

func (h *listener) hears() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.probed
}

func (h *listener) take(batch []poddir.LogLine) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, line := range batch {
		if line.Text == probe {
			h.probed = true
			continue
		}
		h.lines = append(h.lines, line.App+" "+line.Text)
	}
	return nil
}

func (h *listener) all() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.lines, "|")
}

func TestLastLinesAreThoseOfAllAppsTogether(t *testing.T) {
	t.Parallel()
	l := newLogged(t, poddir.Exited, "a", "b", "silent")
	for second, text := range []string{"1\n", "2\n", "3\n4\n", "5\n", "no end"} {
		l.say(t, []string{"a", "b"}[second%2], second, text)
	}
	all := strings.Split("a 1|b 2|a 3|a 4|b 5|a no end", "|")
	for n := 1; n <= len(all)+1; n++ {
		var h listener
		if err := l.Logs(t.Context(), l.dir.UUID, engine.LogOptions{Last: n}, h.take); err != nil {
			t.Fatal(err)
		}
		if want := strings.Join(all[max(len(all)-n, 0):], "|"); h.all() != want {
			t.Errorf("the last %d: %s, want %s", n, h.all(), want)
		}
	}
	var h listener
	if err := l.Logs(t.Context(), l.dir.UUID, engine.LogOptions{Last: 2, App: "b"}, h.take); err != nil || h.all() != "b 2|b 5" {
		t.Errorf("of one app: %s (%v)", h.all(), err)
	}
}

// Whoever follows a pod hears of all that is written from then on, once, also
// after an app has begun to write and when the pod is started again.
func TestFollowGoesOnThroughARestart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options      engine.LogOptions
		first, later string
	}{
		"all":     {engine.LogOptions{}, "a 1|a 2", "a 1|a 2|b late|a 3|b 4|a 5"},
		"the end": {engine.LogOptions{Last: 1}, "a 2", "a 2|b late|a 3|b 4|a 5"},
		"new":     {engine.LogOptions{New: true}, "", "b late|a 3|b 4|a 5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLogged(t, poddir.Running, "a", "b")
			l.say(t, "a", 1, "1\n2\n")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var h listener
			ended := make(chan error)
			c.options.Follow = true
			go func() { ended <- l.Logs(ctx, l.dir.UUID, c.options, h.take) }()
			if c.options.New { // nothing else is to be seen of its beginning
				enginetest.Eventually(t, "it hears", func() bool {
					l.say(t, "a", 1, probe+"\n")
					return h.hears()
				})
			}
			enginetest.Eventually(t, c.first, func() bool { return h.all() == c.first })
			l.say(t, "b", 2, "late\n")
			enginetest.Eventually(t, "a log that comes later", func() bool { return strings.HasSuffix(h.all(), "b late") })
			l.say(t, "a", 3, "3\n")
			l.become(t, poddir.Exited)
			enginetest.Eventually(t, "its last line", func() bool { return strings.HasSuffix(h.all(), "a 3") })
			l.become(t, poddir.Preparing)
			l.say(t, "b", 4, "4\n")
			l.become(t, poddir.Running)
			enginetest.Eventually(t, "a line of its second life", func() bool { return strings.HasSuffix(h.all(), "b 4") })
			l.say(t, "a", 5, "5")
			l.become(t, poddir.Exited)
			if err := <-ended; err != nil || h.all() != c.later {
				t.Errorf("heard %s (%v)", h.all(), err)
			}
		})
	}
}

// A pod may be removed while it is followed, as it runs and just when it has ended.
func TestFollowEndsWithThePodsRemoval(t *testing.T) {
	t.Parallel()
	for _, state := range []poddir.State{poddir.Running, poddir.Exited} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			l := newLogged(t, poddir.Running, "a")
			l.say(t, "a", 1, "1\n")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var h listener
			ended := make(chan error)
			go func() { ended <- l.Logs(ctx, l.dir.UUID, engine.LogOptions{Follow: true}, h.take) }()
			enginetest.Eventually(t, "its first line", func() bool { return h.all() == "a 1" })
			l.say(t, "a", 2, "2\n3")
			l.become(t, state)
			if err := l.dir.Remove(); err != nil {
				t.Fatal(err)
			}
			if err := <-ended; err != nil || h.all() != "a 1|a 2|a 3" {
				t.Errorf("heard %s (%v)", h.all(), err)
			}
		})
	}
}

func TestFollowEndsWithItsBound(t *testing.T) {
	t.Parallel()
	l := newLogged(t, poddir.Running, "a")
	l.say(t, "a", 1, "1\n")
	var h listener
	o := engine.LogOptions{Follow: true, Until: time.Now().Add(100 * time.Millisecond)}
	if err := l.Logs(t.Context(), l.dir.UUID, o, h.take); err != nil || h.all() != "a 1" {
		t.Errorf("heard %s (%v)", h.all(), err)
	}
}

// A real pod writes many small lines; its follower is not woken for each.
func TestManySmallWritesAreFollowedInFewBatches(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := h.Start(enginetest.Pod(enginetest.Shell(t, "echo ready; n=0; while [ $n -lt 20000 ]; do echo $n; n=$((n+1)); done")))
	pod.WaitFor(t, "ready")
	next, batches := 0, 0
	err := h.Logs(t.Context(), pod.UUID, engine.LogOptions{Follow: true}, func(lines []poddir.LogLine) error {
		batches++
		for _, line := range lines {
			if line.Text == "ready" {
				continue
			}
			if line.Text != fmt.Sprint(next) {
				return fmt.Errorf("%q instead of %d", line.Text, next)
			}
			next++
		}
		return nil
	})
	pod.Wait()
	if err != nil || next != 20_000 || batches > next/2 {
		t.Errorf("%d lines in %d batches (%v)", next, batches, err)
	}
}
