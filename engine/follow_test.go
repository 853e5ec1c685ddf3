package engine_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// follower is somebody who is told of all pods, and keeps what they are.
type follower struct {
	mu    sync.Mutex
	pods  map[string]poddir.Status
	tells []engine.PodsChange
	at    []time.Time
}

func (f *follower) tell(c engine.PodsChange) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.All {
		clear(f.pods)
	}
	for _, pod := range c.Changed {
		f.pods[pod.UUID] = pod
	}
	for _, uuid := range c.Gone {
		delete(f.pods, uuid)
	}
	f.tells, f.at = append(f.tells, c), append(f.at, time.Now())
	return nil
}

func (f *follower) state(uuid string) poddir.State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pods[uuid].State
}

// follow follows the pods, as another process would, until the test ends.
func follow(t *testing.T, h *enginetest.Host) *follower {
	t.Helper()
	f := &follower{pods: make(map[string]poddir.Status)}
	e := h.Open()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.FollowPods(ctx, f.tell) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("following ended with %v", err)
		}
	})
	return f
}

func TestFollowerKnowsWhatBecomesOfPods(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	f := follow(t, h)
	sleeper := enginetest.BuildImage(t, "sleeper")
	stopped, killed := h.Start(enginetest.Pod(spec.App{Image: sleeper})), h.Start(enginetest.Pod(spec.App{Image: sleeper}))
	becomes := func(uuid string, want poddir.State) {
		t.Helper()
		enginetest.Eventually(t, "told that it is "+string(want), func() bool { return f.state(uuid) == want })
	}
	becomes(stopped.UUID, poddir.Running)
	becomes(killed.UUID, poddir.Running)
	if err := h.StopPod(t.Context(), stopped.UUID, engine.StopOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
	becomes(stopped.UUID, poddir.Exited)
	unix.Kill(supervisorOf(t, killed.UUID), unix.SIGKILL)
	becomes(killed.UUID, poddir.Exited)
	stopped.Wait()
	killed.Wait()
	if err := h.RemovePod(stopped.UUID); err != nil {
		t.Fatal(err)
	}
	becomes(stopped.UUID, "")
	again, err := h.RestartPod(t.Context(), killed.UUID, engine.StopOptions{}, skipVerify(), nil)
	if err != nil {
		t.Fatal(err)
	}
	becomes(killed.UUID, poddir.Running)
	again.Stop(true)
	becomes(killed.UUID, poddir.Exited)
	again.Wait()
	again.Close()

	f.mu.Lock()
	defer f.mu.Unlock()
	for i, c := range f.tells {
		if c.All && i > 1 || !c.All && i == 0 { // the second is, as the folder of all pods appears
			t.Errorf("tell %d of %d is everything: %t", i, len(f.tells), c.All)
		}
		if i > 0 && len(c.Changed)+len(c.Gone) == 0 {
			t.Errorf("tell %d tells nothing", i)
		}
		if i > 0 && f.at[i].Sub(f.at[i-1]) < 90*time.Millisecond {
			t.Errorf("tell %d came %v after the one before", i, f.at[i].Sub(f.at[i-1]))
		}
	}
}

func TestFollowerIsToldEverythingThenLittle(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pods := h.Dir + "/pods"
	var dirs []*poddir.Dir
	for n := range 50 {
		dir, err := poddir.Create(pods, poddir.NewUUID())
		if err == nil {
			err = dir.WriteStatus(poddir.Status{State: poddir.Prepared, Created: time.Unix(int64(n), 0)})
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(dir.Unlock)
		dirs = append(dirs, dir)
	}
	f := follow(t, h)
	enginetest.Eventually(t, "told of all", func() bool { return f.state(dirs[49].UUID) == poddir.Prepared })
	for run := range 200 { // many changes, close together
		if err := dirs[7].WriteStatus(poddir.Status{State: poddir.Prepared, Runs: run + 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := dirs[7].WriteStatus(poddir.Status{State: poddir.Failed}); err != nil {
		t.Fatal(err)
	}
	enginetest.Eventually(t, "told of the last change", func() bool { return f.state(dirs[7].UUID) == poddir.Failed })
	f.mu.Lock()
	defer f.mu.Unlock()
	if first := f.tells[0]; !first.All || len(first.Changed) != 50 || first.Changed[0].UUID != dirs[49].UUID {
		t.Errorf("the first tell has %d pods, all: %t", len(first.Changed), first.All)
	}
	for _, c := range f.tells[1:] {
		if c.All || len(c.Gone) > 0 || slices.ContainsFunc(c.Changed, func(s poddir.Status) bool { return s.UUID != dirs[7].UUID }) {
			t.Errorf("told too much: %+v", c)
		}
	}
	if len(f.tells) > 100 {
		t.Errorf("200 changes were %d tells", len(f.tells))
	}
}

func TestFollowingEndsWithWhoIsTold(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	enough := errors.New("enough")
	if err := h.FollowPods(t.Context(), func(engine.PodsChange) error { return enough }); !errors.Is(err, enough) {
		t.Error(err)
	}
}
