package engine_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// heard is what a pod has printed, over a front end's own line.
type heard struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (h *heard) options() engine.RunOptions {
	o := skipVerify()
	o.Output = func(_ int, _ string, p []byte) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.b.Write(p)
	}
	return o
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.String()
}

func TestPreparedPodWaitsAndThenRunsOnce(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := enginetest.Pod(enginetest.Shell(t, "echo ran; exit 3"))
	pod.Name = "job"
	uuid, err := h.Prepare(t.Context(), pod, skipVerify(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if status, err := h.Pod("job"); err != nil || status.State != poddir.Prepared || status.UUID != uuid {
		t.Errorf("%+v (%v)", status, err)
	}
	if _, err := h.GC(t.Context(), engine.GCOptions{}); err != nil {
		t.Error(err)
	}
	var out heard
	running, err := h.RunPrepared(t.Context(), "job", out.options(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if exit, err := running.Wait(); exit != 3 || err != nil || out.String() != "ran\n" {
		t.Errorf("exit %d (%v), output %q", exit, err, out.String())
	}
	running.Close()
	var state *engine.StateError
	if _, err := h.RunPrepared(t.Context(), "job", skipVerify(), nil); !errors.As(err, &state) || state.State != poddir.Exited {
		t.Errorf("run once more: %v", err)
	}
}

func TestRestartedPodHasCleanRootsAndItsVolumes(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	app := enginetest.Shell(t, "echo x >>/root-file; echo x >>/data/volume-file; wc -l <root-file; wc -l </data/volume-file")
	app.Mounts = []spec.Mount{{Volume: "data", Path: "/data"}}
	pod := enginetest.Pod(app)
	pod.Volumes = []spec.Volume{{Name: "data", Kind: spec.EmptyVolume}}
	first := h.Run(pod)
	if first.Stdout != "1\n1\n" {
		t.Fatalf("%q %q (%v)", first.Stdout, first.Stderr, first.Err)
	}
	var out heard
	running, err := h.RestartPod(t.Context(), first.UUID, engine.StopOptions{}, out.options(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if exit, err := running.Wait(); exit != 0 || err != nil || out.String() != "1\n2\n" {
		t.Errorf("exit %d (%v), output %q", exit, err, out.String())
	}
	running.Close()
	var lines []string
	if err := h.Logs(t.Context(), first.UUID, engine.LogOptions{}, func(l []poddir.LogLine) error {
		for _, line := range l {
			lines = append(lines, line.Text)
		}
		return nil
	}); err != nil || strings.Join(lines, " ") != "1 1 1 2" {
		t.Errorf("the log of both runs: %q (%v)", lines, err)
	}
	if status, err := h.Pod(first.UUID); err != nil || status.State != poddir.Exited || status.Runs != 2 {
		t.Errorf("%+v (%v)", status, err)
	}
}

func TestRunningPodIsStoppedToBeRestarted(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := h.Start(enginetest.Pod(enginetest.Shell(t, "trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done")))
	pod.WaitFor(t, "up")
	running, err := h.RestartPod(t.Context(), pod.UUID, engine.StopOptions{}, skipVerify(), nil)
	if err != nil {
		t.Fatal(err)
	}
	running.Close()
	pod.Wait()
	if status, err := h.Pod(pod.UUID); err != nil || status.State != poddir.Running || status.Exit != nil {
		t.Errorf("%+v (%v)", status, err)
	}
	if err := h.StopPod(t.Context(), pod.UUID, engine.StopOptions{Force: true}); err != nil {
		t.Error(err)
	}
}

func TestPodThatIsRefusedAtARestartStaysWhatItWas(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	source := t.TempDir()
	app := enginetest.Shell(t, "exit 0")
	app.Mounts = []spec.Mount{{Volume: "data", Path: "/data"}}
	pod := enginetest.Pod(app)
	pod.Volumes = []spec.Volume{{Name: "data", Kind: spec.HostVolume, Source: source + "/gone"}}
	if _, err := h.Prepare(t.Context(), pod, skipVerify(), nil); err == nil {
		t.Error("a volume whose source is missing was prepared")
	}
	pod.Volumes[0].Source = source
	uuid, err := h.Prepare(t.Context(), pod, skipVerify(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(source); err != nil {
		t.Fatal(err)
	}
	var refuted *engine.RefutedError
	if _, err := h.RunPrepared(t.Context(), uuid, skipVerify(), nil); !errors.As(err, &refuted) {
		t.Errorf("%v", err)
	}
	if status, err := h.Pod(uuid); err != nil || status.State != poddir.Prepared {
		t.Errorf("%+v (%v)", status, err)
	}
}

func TestPreparedPodExpires(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	uuid, err := h.Prepare(t.Context(), enginetest.Pod(enginetest.Shell(t, "exit 0")), skipVerify(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []engine.GCOptions{{}, {ExpirePrepared: 1, MarkOnly: true}} {
		if c, err := h.GC(t.Context(), o); err != nil || len(c.Pods) > 0 {
			t.Errorf("%+v removed %v (%v)", o, c.Pods, err)
		}
	}
	if c, err := h.GC(t.Context(), engine.GCOptions{ExpirePrepared: 1}); err != nil || len(c.Pods) != 1 || c.Pods[0] != uuid {
		t.Errorf("removed %v (%v)", c.Pods, err)
	}
}
