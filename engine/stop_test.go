package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

func TestStopAsksFirst(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := h.Start(enginetest.Pod(enginetest.Shell(t, `trap 'echo asked; exit 4' TERM; echo ready; while :; do sleep 0.02; done`)))
	pod.WaitFor(t, "ready")
	pod.Stop(false)
	if got := pod.Wait(); got.Exit != 4 || got.Stdout != "ready\nasked\n" {
		t.Errorf("exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
	}
}

func TestSecondStopKills(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := h.Start(enginetest.Pod(spec.App{Image: enginetest.BuildImage(t, "stubborn")}))
	pod.WaitFor(t, "ready")
	pod.Stop(false)
	time.Sleep(50 * time.Millisecond)
	if status, err := h.Pod(pod.UUID); err != nil || status.State != poddir.Running {
		t.Errorf("a stubborn app is %s (%v) after SIGTERM", status.State, err)
	}
	pod.Stop(false)
	if got := pod.Wait(); got.Exit != 137 {
		t.Errorf("exit %d (%v), want 137", got.Exit, got.Err)
	}
}

func TestStopFromAnotherProcess(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := h.Start(enginetest.Pod(spec.App{Image: enginetest.BuildImage(t, "sleeper")}))
	pod.WaitFor(t, "ready")
	other := h.Open()
	if err := other.StopPod(t.Context(), pod.UUID[:8], engine.StopOptions{}); err != nil {
		t.Error(err)
	}
	if status, err := other.Pod(pod.UUID); err != nil || status.State != poddir.Exited || *status.Exit != 143 {
		t.Errorf("%+v (%v), want exited with 143", status, err)
	}
	if got := pod.Wait(); got.Exit != 143 {
		t.Errorf("exit %d (%v), want 143", got.Exit, got.Err)
	}
	if err := other.StopPod(t.Context(), pod.UUID, engine.StopOptions{}); err != nil {
		t.Errorf("stopping an ended pod: %v", err)
	}
}

func TestCancelWhileStartingLeavesNothing(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	h := enginetest.NewHost(t)
	h.Fetched(enginetest.BuildImage(t, "sleeper"))
	for delay := time.Duration(0); delay < 30*time.Millisecond; delay += 3 * time.Millisecond {
		ctx, cancel := context.WithTimeout(t.Context(), delay)
		running, err := h.Engine.Run(ctx, spec.Pod{Apps: []spec.App{{Image: "example.com/sleeper"}}}, skipVerify(), nil)
		cancel()
		if err == nil { // it was up before
			running.Stop(true)
			running.Wait()
			running.Close()
		}
	}
}

func TestKillEndsAPodWhoseFrontEndHangs(t *testing.T) {
	t.Parallel()
	skipIfShort(t) // takes the front end's last 10 s
	h := enginetest.NewHost(t)
	front := startFront(t, h, "while :; do seq 1 20000; sleep 0.05; done")
	defer front.Wait()
	defer front.Process.Kill()
	enginetest.Eventually(t, "a running pod", func() bool {
		pods, _ := h.Pods()
		return len(pods) == 1 && pods[0].State == poddir.Running
	})
	front.Process.Signal(unix.SIGSTOP)
	time.Sleep(100 * time.Millisecond)
	pods, _ := h.Pods()
	if err := h.StopPod(t.Context(), pods[0].UUID, engine.StopOptions{Force: true}); err != nil {
		t.Error(err)
	}
}

// A pod whose socket somebody has removed, or whose supervisor doesn't answer, is
// stopped all the same.
func TestPodWithoutASocketIsStopped(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]engine.StopOptions{"asked": {}, "forced": {Force: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			pod := h.Start(enginetest.Pod(enginetest.Shell(t, "echo up; exec sleep 1000")))
			pod.WaitFor(t, "up")
			if err := os.Remove(filepath.Join(h.Dir, "pods", pod.UUID, "socket")); err != nil {
				t.Fatal(err)
			}
			if err := h.StopPod(t.Context(), pod.UUID, o); err != nil {
				t.Error(err)
			}
			pod.Wait()
			if status, err := h.Pod(pod.UUID); err != nil || status.State != poddir.Exited {
				t.Errorf("%s (%v)", status.State, err)
			}
			if err := h.RemovePod(pod.UUID); err != nil {
				t.Error(err)
			}
		})
	}
}
