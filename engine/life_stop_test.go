package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// An order can come as soon as the pod's socket is there, and no app is yet.
func TestStopWhileAPodStarts(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	h := enginetest.NewHost(t)
	h.Fetched(enginetest.BuildImage(t, "sleeper"))
	pod := spec.Pod{Apps: []spec.App{
		{Image: "example.com/sleeper", Restart: "always"}, {Image: "example.com/sleeper", Name: "two"}, {Image: "example.com/sleeper", Name: "three"},
	}}
	for _, force := range []bool{false, true, false, true} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		stopped := make(chan error, 1)
		go func() { stopped <- stopFirst(ctx, h, force) }()
		running, err := h.Engine.Run(ctx, pod, skipVerify(), nil)
		if err == nil {
			late := context.AfterFunc(ctx, func() { running.Stop(true) })
			running.Wait()
			late()
			running.Close()
		}
		if ctx.Err() != nil {
			t.Fatalf("hangs when it is stopped, force %v", force)
		}
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		cancel()
		if _, err := h.GC(t.Context(), engine.GCOptions{}); err != nil {
			t.Error(err)
		}
	}
}

// stopFirst stops the first pod that can be stopped, as soon as it can.
func stopFirst(ctx context.Context, h *enginetest.Host, force bool) error {
	e, err := engine.Open(engine.Options{Dir: h.Dir})
	if err != nil {
		return err
	}
	defer e.Close()
	for ; ctx.Err() == nil; time.Sleep(200 * time.Microsecond) {
		sockets, _ := filepath.Glob(filepath.Join(h.Dir, "pods", "*", "socket"))
		if len(sockets) == 0 {
			continue
		}
		uuid := filepath.Base(filepath.Dir(sockets[0]))
		if e.StopPod(ctx, uuid, engine.StopOptions{Force: force}) == nil {
			return nil
		}
		// Nobody listens there yet; or it was killed before it ran.
		if status, err := e.Pod(uuid); err != nil || status.State == poddir.Failed {
			return nil
		}
	}
	return ctx.Err()
}

// What an app has printed waits for a front end that does not read. The pod's end
// does not, even if it is asked for politely.
func TestStopEndsAPodWhoseFrontEndHangs(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	front := startFront(t, h, "while :; do seq 1 20000; done")
	defer front.Wait()
	defer front.Process.Kill()
	var pod poddir.Status
	enginetest.Eventually(t, "a running pod", func() bool {
		pods, _ := h.Pods()
		if len(pods) == 1 {
			pod = pods[0]
		}
		return pod.State == poddir.Running && pod.Apps[0].PID != 0
	})
	front.Process.Signal(syscall.SIGSTOP)
	time.Sleep(100 * time.Millisecond)
	soon := 50 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := h.StopPod(ctx, pod.UUID, engine.StopOptions{Timeout: &soon}); err != nil {
		t.Error(err)
	}
}

// A restart takes nothing that it doesn't give back.
func TestRestartsKeepNoDescriptorsOpen(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := h.Start(enginetest.Pod(restarting(t, "always", "exit 1")))
	supervisor := fmt.Sprintf("/proc/%d/fd", supervisorOf(t, pod.UUID))
	fewest := func(from, to int) (open int) { // some are open for a moment only
		enginetest.Eventually(t, "another restart", func() bool {
			files, err := os.ReadDir(supervisor)
			status, statusErr := h.Pod(pod.UUID)
			if err != nil || statusErr != nil {
				return false
			}
			if restarts := status.Apps[0].Restarts; restarts >= from && restarts <= to && (open == 0 || len(files) < open) {
				open = len(files)
			}
			return status.Apps[0].Restarts > to
		})
		return open
	}
	if before, after := fewest(1, 2), fewest(3, 3); before == 0 || before != after {
		t.Errorf("%d descriptors after one restart or two, %d after three", before, after)
	}
	pod.Stop(false)
	pod.Wait()
}
