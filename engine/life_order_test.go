package engine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// The front end of a pod in which one app had to be killed hears of the others on.
func TestAppThatIsKilledDoesNotSilenceTheOthers(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	stubborn := enginetest.Shell(t, `trap '' TERM; echo ready >/data/stubborn; while :; do sleep 0.02; done`)
	stubborn.StopTimeout = "100ms"
	got := h.Run(sharing(
		enginetest.Shell(t, `until [ -e /data/slow -a -e /data/stubborn ]; do sleep 0.02; done; exit 3`),
		stubborn,
		enginetest.Shell(t, `trap 'sleep 1.5; echo saved; exit 0' TERM; echo ready >/data/slow; while :; do sleep 0.02; done`),
	))
	if got.Exit != 3 || got.Err != nil || !strings.Contains(got.Stdout, "saved") {
		t.Errorf("exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
	}
}

// sharing is a pod whose apps have the same volume at /data.
func sharing(apps ...spec.App) spec.Pod {
	for i := range apps {
		apps[i].Mounts = []spec.Mount{{Volume: "data", Path: "/data"}}
	}
	pod := enginetest.Pod(apps...)
	pod.Volumes = []spec.Volume{{Name: "data", Kind: spec.EmptyVolume}}
	return pod
}

// What ends a service signals all its processes; a restart may meet a stop. None
// of that is impatience, and the last timeout that was named counts.
func TestSecondStopFromElsewhereJoinsTheFirst(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]func(h *enginetest.Host, pod *enginetest.Started, supervisor int) error{
		"a signal to the supervisor": func(_ *enginetest.Host, _ *enginetest.Started, supervisor int) error {
			return unix.Kill(supervisor, unix.SIGTERM)
		},
		"a signal and the terminal's end": func(_ *enginetest.Host, _ *enginetest.Started, supervisor int) error {
			return errors.Join(unix.Kill(supervisor, unix.SIGTERM), unix.Kill(supervisor, unix.SIGHUP))
		},
		"another stop": func(h *enginetest.Host, pod *enginetest.Started, _ int) error {
			return h.StopPod(t.Context(), pod.UUID, engine.StopOptions{})
		},
		"another stop, with a timeout": func(h *enginetest.Host, pod *enginetest.Started, _ int) error {
			long := time.Minute
			return h.StopPod(t.Context(), pod.UUID, engine.StopOptions{Timeout: &long})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			pod := h.Start(enginetest.Pod(enginetest.Shell(t, `trap 'echo asked; sleep 0.5; echo saved; exit 0' TERM; echo ready; while :; do sleep 0.02; done`)))
			pod.WaitFor(t, "ready")
			supervisor := supervisorOf(t, pod.UUID)
			pod.Stop(false)
			pod.WaitFor(t, "asked")
			if err := second(h, pod, supervisor); err != nil {
				t.Error(err)
			}
			if got := pod.Wait(); got.Exit != 0 || got.Err != nil || !strings.Contains(got.Stdout, "saved") {
				t.Errorf("exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
			}
		})
	}
}

func TestHangupStopsAPod(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := h.Start(enginetest.Pod(enginetest.Shell(t, `trap 'exit 4' TERM; echo ready; while :; do sleep 0.02; done`)))
	pod.WaitFor(t, "ready")
	unix.Kill(supervisorOf(t, pod.UUID), unix.SIGHUP)
	if got := pod.Wait(); got.Exit != 4 || got.Err != nil {
		t.Errorf("exit %d (%v)", got.Exit, got.Err)
	}
}

// An app can stop the start of another, which is in the pod already.
func TestStopEndsAPodWhoseStartIsHeldUp(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	again := enginetest.Shell(t, `exit 1`)
	again.Restart, again.StopTimeout = "always", "100ms"
	holds := enginetest.Shell(t, `trap 'exit 0' TERM; while :; do kill -STOP -1; done`)
	pod := enginetest.Pod(again, holds)
	pod.OnFailure = spec.ContinueOthers
	running := h.Start(pod)
	var before int
	enginetest.Eventually(t, "a start that is held up", func() bool {
		status, err := h.Pod(running.UUID)
		if err != nil {
			return false
		}
		before = status.Apps[0].Restarts
		return !status.Apps[0].Next.IsZero() && time.Since(status.Apps[0].Next) > time.Second
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := h.StopPod(ctx, running.UUID, engine.StopOptions{}); err != nil {
		t.Errorf("after %d restarts: %v", before, err)
		running.Stop(true)
	}
	running.Wait()
}

func TestThoseAttachedDoNotKeepAStopOut(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := h.Start(enginetest.Pod(enginetest.Shell(t, `echo ready; exec sleep 1000`)))
	pod.WaitFor(t, "ready")
	refused := false
	for range 70 {
		at, err := h.Attach(t.Context(), pod.UUID, engine.AttachOptions{})
		if refused = err != nil; refused {
			break
		}
		defer at.Close()
	}
	if !refused {
		t.Error("any number can be attached")
	}
	if err := h.StopPod(t.Context(), pod.UUID, engine.StopOptions{}); err != nil {
		t.Error(err)
		pod.Stop(true)
	}
	if got := pod.Wait(); got.Exit != 143 {
		t.Errorf("exit %d (%v)", got.Exit, got.Err)
	}
}

// unexecutable is a pod whose last app is made, and can't be executed.
func unexecutable(t *testing.T) spec.Pod {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "broken"), []byte("#!/nope\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	broken := enginetest.Shell(t, "")
	broken.Exec, broken.Args = "/data/broken", nil
	pod := sharing(enginetest.Shell(t, `echo ran; exec sleep 1000`), broken)
	pod.Volumes = []spec.Volume{{Name: "data", Kind: spec.HostVolume, Source: folder}}
	return pod
}

func TestAppThatRanBeforeAnotherFailedHasAnEnd(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	uuid, err := h.Prepare(t.Context(), unexecutable(t), skipVerify(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.RunPrepared(t.Context(), uuid, skipVerify(), nil); err == nil {
		t.Fatal("it runs")
	}
	status, err := h.Pod(uuid)
	if err != nil || status.State != poddir.Failed || status.Before != "" || status.Runs != 1 || strings.Count(status.Cause, "app ") != 1 {
		t.Errorf("%+v (%v)", status, err)
	}
	if ran := status.Apps[0]; ran.Exit == nil || ran.Started.IsZero() || ran.Ended.IsZero() || ran.PID != 0 {
		t.Errorf("the first: %+v", ran)
	}
	if never := status.Apps[1]; !never.Started.IsZero() || never.Exit != nil {
		t.Errorf("the second: %+v", never)
	}
}

func TestPodWhoseStateIsDamagedRuns(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	uuid, err := h.Prepare(t.Context(), enginetest.Pod(enginetest.Shell(t, "exit 3"), enginetest.Shell(t, "sleep 1000")), skipVerify(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(h.Dir, "pods", uuid, "state"), []byte(`{"state":"prepared","apps":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	running, err := h.RunPrepared(t.Context(), uuid, skipVerify(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	exit, err := running.Wait()
	status, statusErr := h.Pod(uuid)
	if exit != 3 || err != nil || statusErr != nil || len(status.Apps) != 2 || status.Apps[0].Name != "a" || status.Apps[1].ImageID == "" {
		t.Errorf("exit %d (%v), %+v (%v)", exit, err, status, statusErr)
	}
}
