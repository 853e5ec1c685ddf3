package enginetest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

// Host is an engine with a data folder of the test's own, on this very host:
// its pods are real. When the test ends it fails if a pod has left something.
type Host struct {
	*engine.Engine
	Dir    string
	Config string // whom it trusts, and nothing else
	tb     testing.TB
}

// NewHost opens a data folder for real pods. Without root it skips the test.
func NewHost(tb testing.TB) *Host {
	tb.Helper()
	if os.Geteuid() != 0 {
		tb.Skip("real pods need root")
	}
	h := &Host{Dir: tb.TempDir(), Config: tb.TempDir(), tb: tb}
	h.Engine = h.Open()
	tb.Cleanup(h.leftNothing)
	return h
}

// Open opens the data folder once more, as another process would.
func (h *Host) Open() *engine.Engine {
	h.tb.Helper()
	e, err := engine.Open(engine.Options{Dir: h.Dir, ConfigDir: h.Config, Environ: []string{"EXAMPLE_ENV=parent", "EXAMPLE_OVERRIDE=under"}})
	if err != nil {
		h.tb.Fatal(err)
	}
	h.tb.Cleanup(func() { e.Close() })
	return e
}

// Fetched fetches an image that nobody needs to vouch for.
func (h *Host) Fetched(reference string) engine.Image {
	h.tb.Helper()
	image, err := h.Fetch(context.Background(), reference, engine.FetchOptions{SkipVerify: true}, nil)
	if err != nil {
		h.tb.Fatal(err)
	}
	return image
}

// Trusts trusts the keys in a file for images whose name begins with a prefix.
func (h *Host) Trusts(prefix string, keys []byte) {
	h.tb.Helper()
	offers, err := h.ParseKeys(bytes.NewReader(keys), "the test")
	for _, offer := range offers {
		if err == nil {
			_, err = h.Trust(prefix, offer.Key)
		}
	}
	if err != nil {
		h.tb.Fatal(err)
	}
}

// Result is what a pod did.
type Result struct {
	UUID   string
	Exit   int
	Err    error // why it did not start
	Stdout string
	Stderr string
	Events []event.Event
}

// Run runs a pod to its end.
func (h *Host) Run(pod spec.Pod) Result {
	h.tb.Helper()
	started := h.Start(pod)
	return started.Wait()
}

// Started is a pod that runs, or that could not be started.
type Started struct {
	*engine.Running
	err    error
	mu     sync.Mutex
	output map[string]*bytes.Buffer
	events []event.Event
}

// Start starts a pod without waiting for its end.
func (h *Host) Start(pod spec.Pod) *Started {
	h.tb.Helper()
	s := &Started{output: map[string]*bytes.Buffer{"stdout": {}, "stderr": {}}}
	options := engine.RunOptions{SkipVerify: true, Output: func(_ int, stream string, p []byte) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.output[stream].Write(p)
	}}
	s.Running, s.err = h.Engine.Run(context.Background(), pod, options, func(e event.Event) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.events = append(s.events, e)
	})
	return s
}

// Wait waits for the pod's end.
func (s *Started) Wait() Result {
	result := Result{Err: s.err}
	if s.Running != nil {
		result.UUID = s.UUID
		result.Exit, result.Err = s.Running.Wait()
		s.Close()
	} else {
		result.Exit = engine.ExitStatus(s.err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	result.Stdout, result.Stderr = s.output["stdout"].String(), s.output["stderr"].String()
	result.Events = s.events
	return result
}

// Output is what the pod has printed so far.
func (s *Started) Output() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output["stdout"].String()
}

// WaitFor waits until the pod has printed text.
func (s *Started) WaitFor(tb testing.TB, text string) {
	tb.Helper()
	if s.err != nil {
		tb.Fatal(s.err)
	}
	Eventually(tb, "output "+text, func() bool { return strings.Contains(s.Output(), text) })
}

// Eventually waits until something has come true: for long, as the machine may be busy
// with much else.
func Eventually(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			tb.Fatalf("not within a minute: %s", what)
		}
	}
}

// leftNothing fails the test if a pod of the data folder has left a mount, a
// cgroup or a process on this host.
func (h *Host) leftNothing() {
	for _, left := range h.Leftovers() {
		h.tb.Errorf("left on this host: %s", left)
	}
}

// Leftovers lists the mounts, processes and cgroups of this data folder's pods.
func (h *Host) Leftovers() []string {
	left := append(h.mounts(), h.processes()...)
	uuids, _ := filepath.Glob(filepath.Join(h.Dir, "pods", "*"))
	for _, path := range uuids {
		cgroups, _ := filepath.Glob("/sys/fs/cgroup/*/podtui-" + filepath.Base(path))
		unified, _ := filepath.Glob("/sys/fs/cgroup/podtui-" + filepath.Base(path))
		left = append(left, append(cgroups, unified...)...)
	}
	return left
}

func (h *Host) mounts() []string {
	var left []string
	table, _ := os.ReadFile("/proc/mounts")
	for line := range strings.Lines(string(table)) {
		if strings.Contains(line, h.Dir) {
			left = append(left, "mount "+line)
		}
	}
	return left
}

// processes are those that have the data folder on their command line, which
// every supervisor has. A zombie is dead, and has none.
func (h *Host) processes() []string {
	var left []string
	EachProcess(func(_ int, line []byte) {
		if bytes.Contains(line, []byte(h.Dir)) {
			left = append(left, "process "+string(bytes.ReplaceAll(line, []byte{0}, []byte{' '})))
		}
	})
	return left
}

// EachProcess tells of every process of this host and its command line, in which
// each word ends with a zero.
func EachProcess(tell func(pid int, line []byte)) {
	proc, err := os.Open("/proc")
	if err != nil {
		return
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1)
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			if line, err := os.ReadFile("/proc/" + name + "/cmdline"); err == nil {
				tell(pid, line)
			}
		}
	}
}

// Shell is an app that runs a script in the busybox image.
func Shell(tb testing.TB, script string, args ...string) spec.App {
	tb.Helper()
	return spec.App{
		Image: BuildImage(tb, "busybox"),
		Exec:  "/bin/sh",
		Args:  append([]string{"-c", script, "sh"}, args...),
	}
}

// Pod is a pod of these apps, called a, b, c and so on where they have no name.
func Pod(apps ...spec.App) spec.Pod {
	for i := range apps {
		if apps[i].Name == "" && len(apps) > 1 {
			apps[i].Name = string(rune('a' + i))
		}
	}
	return spec.Pod{Apps: apps}
}
