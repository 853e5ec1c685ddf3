package engine_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/engine/spec"
)

// restarting is an app with a restart policy.
func restarting(t *testing.T, policy, script string) spec.App {
	t.Helper()
	app := enginetest.Shell(t, script)
	app.Restart = policy
	return app
}

// told is what events say of the ends and starts of a pod's apps.
func told(events []event.Event) (story []string) {
	for _, e := range events {
		if e.Type == event.AppStart || e.Type == event.AppExit {
			story = append(story, strings.TrimSpace(e.App+" "+string(e.Type)+" "+string(e.State)+" "+e.Message))
		}
	}
	return story
}

func TestAppIsStartedAgainWithACleanRootAndTheSameVolumes(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	app := restarting(t, "on-failure:2", `[ ! -e /mark ] || echo dirty; mkdir -p /mark/deep; echo >>/data/runs; wc -l </data/runs; exit 3`)
	app.Mounts = []spec.Mount{{Volume: "data", Path: "/data"}}
	pod := enginetest.Pod(app)
	pod.Volumes = []spec.Volume{{Name: "data", Kind: spec.EmptyVolume}}
	got := h.Run(pod)
	if got.Exit != 3 || got.Err != nil || got.Stdout != "1\n2\n3\n" {
		t.Errorf("exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
	}
	if logged := logText(t, h, got.UUID); logged != got.Stdout {
		t.Errorf("logged %q", logged)
	}
	want := []string{
		"busybox app.start done", "busybox app.exit started status 3; started again in 100ms",
		"busybox app.start done", "busybox app.exit started status 3; started again in 200ms",
		"busybox app.start done", "busybox app.exit done status 3",
	}
	if story := told(got.Events); !slices.Equal(story, want) {
		t.Errorf("events:\n%s", strings.Join(story, "\n"))
	}
	status, err := h.Pod(got.UUID)
	if err != nil {
		t.Fatal(err)
	}
	of := status.Apps[0]
	if of.Restarts != 2 || !of.Next.IsZero() || of.PID != 0 || of.Exit == nil || *of.Exit != 3 || of.Cause != "status 3" {
		t.Errorf("%+v", of)
	}
}

func TestOthersAreStoppedOnlyWhenThePolicyHasGivenUp(t *testing.T) {
	t.Parallel()
	for onFailure, c := range map[spec.OnFailure]struct{ does, want string }{
		spec.StopOthers:     {`while :; do sleep 0.05; done`, "asked\n"},
		spec.ContinueOthers: {`sleep 0.8; echo went on`, "went on\n"},
	} {
		t.Run(string(onFailure), func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			pod := enginetest.Pod(
				restarting(t, "on-failure:1", `exit 5`),
				enginetest.Shell(t, `trap 'echo asked; exit 0' TERM; `+c.does),
			)
			pod.OnFailure = onFailure
			got := h.Run(pod)
			if got.Exit != 5 || got.Stdout != c.want {
				t.Errorf("exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
			}
			if status, err := h.Pod(got.UUID); err != nil || status.Apps[0].Restarts != 1 || status.Cause != `app "a": status 5` {
				t.Errorf("%+v (%v)", status, err)
			}
		})
	}
}

func TestStopEndsAnAppThatWaitsForItsNextStart(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := h.Start(enginetest.Pod(restarting(t, "always", "echo ran; exit 6"), restarting(t, "always", "sleep 1000")))
	var waits poddir.AppStatus
	enginetest.Eventually(t, "an app that waits", func() bool {
		status, err := h.Pod(pod.UUID)
		waits = status.Apps[0]
		return err == nil && waits.Restarts >= 2 && !waits.Next.IsZero()
	})
	if waits.Exit != nil || waits.Cause != "status 6" || waits.PID != 0 || waits.Ended.IsZero() || waits.Next.Before(waits.Ended) {
		t.Errorf("it waits: %+v", waits)
	}
	if err := h.StopPod(t.Context(), pod.UUID, engine.StopOptions{}); err != nil {
		t.Error(err)
	}
	if got := pod.Wait(); got.Exit != 6 {
		t.Errorf("exit %d (%v)", got.Exit, got.Err)
	}
	status, err := h.Pod(pod.UUID)
	if err != nil || *status.Apps[0].Exit != 6 || !status.Apps[0].Next.IsZero() || *status.Apps[1].Exit != 143 {
		t.Errorf("%+v (%v)", status.Apps, err)
	}
}

func TestAppThatCanNotBeExecutedAnyMoreHasFailed(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	folder := t.TempDir()
	script := filepath.Join(folder, "once")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nrm $0\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	app := restarting(t, "on-failure:2", "")
	app.Exec, app.Args = "/data/once", nil
	app.Mounts = []spec.Mount{{Volume: "data", Path: "/data"}}
	pod := enginetest.Pod(app)
	pod.Volumes = []spec.Volume{{Name: "data", Kind: spec.HostVolume, Source: folder}}
	got := h.Run(pod)
	if got.Exit != 127 || got.Err != nil {
		t.Errorf("exit %d (%v)", got.Exit, got.Err)
	}
	want := []string{
		"busybox app.start done", "busybox app.exit started status 1; started again in 100ms",
		`busybox app.exit started exec /data/once: no such file or directory; started again in 200ms`,
		`busybox app.exit done exec /data/once: no such file or directory`,
	}
	if story := told(got.Events); !slices.Equal(story, want) {
		t.Errorf("events:\n%s", strings.Join(story, "\n"))
	}
}

func TestPodWithoutItsInitStartsNothingAgain(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := h.Start(enginetest.Pod(restarting(t, "always", "echo ready; exec sleep 1000"), restarting(t, "always", "exit 1")))
	pod.WaitFor(t, "ready")
	killInit(t, h, 0)
	if got := pod.Wait(); got.Exit == 0 {
		t.Errorf("exit %d (%v)", got.Exit, got.Err)
	}
}

// Each app gets its own signal, and is killed alone when its own time is over.
func TestAppsAreStoppedEachInItsOwnWay(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	politely := enginetest.Shell(t, `trap 'while kill -0 $(cat /data/stubborn); do sleep 0.02; done; sleep 0.6; echo done; exit 0' INT; echo ready; while :; do sleep 0.02; done`)
	politely.StopSignal = "INT"
	stubborn := enginetest.Shell(t, `trap '' TERM; echo $$ >/data/stubborn; echo ready; while :; do sleep 0.02; done`)
	stubborn.StopTimeout = "200ms"
	pod := sharing(politely, stubborn)
	pod.OnFailure = spec.ContinueOthers
	running := h.Start(pod)
	enginetest.Eventually(t, "both apps", func() bool { return strings.Count(running.Output(), "ready") == 2 })
	if err := h.StopPod(t.Context(), running.UUID, engine.StopOptions{}); err != nil {
		t.Error(err)
	}
	got := running.Wait()
	status, err := h.Pod(got.UUID)
	if err != nil || *status.Apps[0].Exit != 0 || !strings.HasSuffix(got.Stdout, "done\n") {
		t.Errorf("the polite one: %+v (%v), printed %q", status.Apps[0], err, got.Stdout)
	}
	if stubborn := status.Apps[1]; *stubborn.Exit != 137 || stubborn.Cause != "killed by signal 9 (SIGKILL)" || !stubborn.Ended.Before(status.Apps[0].Ended) {
		t.Errorf("the stubborn one: %+v", stubborn)
	}
}

// An order's timeout stands for each app's own, and what an app has left running
// goes with it.
func TestStopTimeoutOfTheOrder(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	app := enginetest.Shell(t, `trap '' TERM; (trap '' TERM; while :; do sleep 0.02; done) & echo ready; while :; do sleep 0.02; done`)
	app.StopTimeout = "1h"
	pod := h.Start(enginetest.Pod(app))
	pod.WaitFor(t, "ready")
	soon := 50 * time.Millisecond
	if err := h.StopPod(t.Context(), pod.UUID, engine.StopOptions{Timeout: &soon}); err != nil {
		t.Error(err)
	}
	if got := pod.Wait(); got.Exit != 137 {
		t.Errorf("exit %d (%v)", got.Exit, got.Err)
	}
}

func TestCauseOfAMemoryLimit(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	if err := sandbox.Limited(); err != nil {
		t.Skip(err)
	}
	app := enginetest.Shell(t, `exec tail /dev/zero`)
	app.Memory = "32Mi"
	got := h.Run(enginetest.Pod(app))
	if status, err := h.Pod(got.UUID); err != nil || got.Exit != 137 || status.Apps[0].Cause != "killed by its memory limit (32 MiB)" {
		t.Errorf("exit %d (%v): %+v (%v)", got.Exit, got.Err, status, err)
	}
}

// What an app may do is told once, when it is told to whom it belongs.
func TestStatusOfARunSaysWhatItRunsAs(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	app := enginetest.Shell(t, `exec sleep 1000`)
	app.User, app.Group = "7", "8"
	pod := h.Start(enginetest.Pod(app))
	status, err := h.Pod(pod.UUID)
	if err != nil || status.Runs != 1 || status.Boot != poddir.BootID() || !slices.Equal(status.Networks, []string{"host"}) ||
		status.Apps[0].UID != 7 || status.Apps[0].GID != 8 || status.Apps[0].Input || status.Apps[0].Terminal {
		t.Errorf("%+v (%v)", status, err)
	}
	unix.Kill(status.Apps[0].PID, unix.SIGKILL)
	pod.Wait()
}
