package engine_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

func TestCollectingAndLookingAreInNobodysWay(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	h := enginetest.NewHost(t)
	h.Fetched(enginetest.BuildImage(t, "busybox"))
	ctx, done := context.WithCancel(t.Context())
	var others sync.WaitGroup
	for range 2 {
		others.Go(func() {
			for e := h.Open(); ctx.Err() == nil; {
				if _, err := e.GC(t.Context(), engine.GCOptions{}); err != nil {
					t.Errorf("gc: %v", err)
				}
			}
		})
		others.Go(func() {
			for e := h.Open(); ctx.Err() == nil; {
				if _, err := e.Pods(); err != nil {
					t.Errorf("list: %v", err)
				}
			}
		})
	}
	for range 30 {
		if got := h.Run(enginetest.Pod(spec.App{Image: "busybox.net/busybox", Exec: "/bin/true"})); got.Err != nil {
			t.Errorf("exit %d: %v", got.Exit, got.Err)
		}
	}
	done()
	others.Wait()
}

func TestDamagedPodHidesNoOther(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	first := h.Run(enginetest.Pod(enginetest.Shell(t, "true")))
	second := h.Run(enginetest.Pod(enginetest.Shell(t, "true")))
	os.WriteFile(filepath.Join(h.Dir, "pods", first.UUID, "state"), nil, 0o600)
	pods, err := h.Pods()
	if err != nil || len(pods) != 2 {
		t.Fatalf("%v (%v)", pods, err)
	}
	if s, err := h.Pod(first.UUID); err != nil || s.State != poddir.Failed || s.Cause != "its state file is damaged" {
		t.Errorf("the damaged one is %+v (%v)", s, err)
	}
	if s, err := h.Pod(second.UUID); err != nil || s.State != poddir.Exited {
		t.Errorf("the other is %+v (%v)", s, err)
	}
	if _, err := h.GC(t.Context(), engine.GCOptions{}); err != nil {
		t.Error(err)
	}
	if pods, _ := h.Pods(); len(pods) > 0 {
		t.Errorf("gc left %v", pods)
	}
}

func TestAnyPathOfADataFolderWillDo(t *testing.T) {
	t.Parallel()
	for name, folder := range map[string]string{
		"long":               strings.Repeat("long/", 30),
		"with overlay's own": `a\b:c,d e`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			e, err := engine.Open(engine.Options{Dir: filepath.Join(h.Dir, folder)})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			pod, err := e.Run(t.Context(), enginetest.Pod(spec.App{Image: enginetest.BuildImage(t, "sleeper")}), skipVerify(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer pod.Close()
			if err := e.StopPod(t.Context(), pod.UUID, engine.StopOptions{Force: true}); err != nil { // over a socket in it
				t.Error(err)
			}
		})
	}
}

func TestStoppedFrontEndHoldsNothingUp(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	h := enginetest.NewHost(t)
	front := exec.Command(os.Args[0], enginetest.BuildImage(t, "busybox"), "yes | head -c 20000000; sleep 1000", "sleep 0.5; exit 3")
	front.Env = append(os.Environ(), frontRole+"="+h.Dir)
	if err := front.Start(); err != nil {
		t.Fatal(err)
	}
	defer front.Wait()
	defer front.Process.Kill()
	var pod poddir.Status
	enginetest.Eventually(t, "a running pod", func() bool {
		pods, _ := h.Pods()
		if len(pods) == 1 {
			pod = pods[0]
		}
		return pod.State == poddir.Running
	})
	front.Process.Signal(syscall.SIGSTOP)
	time.Sleep(time.Second) // the second app fails meanwhile, and ends the first
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := h.StopPod(ctx, pod.UUID, engine.StopOptions{Force: true}); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// An app's start that is killed before it has its filter, by a lack of memory
// say, is an error and not a hanging supervisor.
func TestInitKilledWhileAppsStart(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	h := enginetest.NewHost(t)
	h.Fetched(enginetest.BuildImage(t, "sleeper"))
	for delay := time.Duration(0); delay < 40*time.Millisecond; delay += 4 * time.Millisecond {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		killed := make(chan struct{})
		go func() {
			defer close(killed)
			killInit(t, h, delay)
		}()
		pod, err := h.Engine.Run(ctx, spec.Pod{Apps: []spec.App{{Image: "example.com/sleeper"}, {Image: "example.com/sleeper", Name: "two"}}}, skipVerify(), nil)
		<-killed
		if err == nil {
			pod.Stop(true)
			pod.Wait()
			pod.Close()
		}
		if ctx.Err() != nil {
			t.Fatalf("hangs when init is killed after %v", delay)
		}
		cancel()
	}
}

// killInit kills the pod init of this data folder's pod, some time after it has
// appeared.
func killInit(t *testing.T, h *enginetest.Host, delay time.Duration) {
	for range 10_000 {
		uuids, _ := poddir.List(filepath.Join(h.Dir, "pods"))
		for _, uuid := range uuids {
			out, err := exec.Command("pgrep", "-f", "pod-init "+uuid).Output()
			if err != nil {
				continue
			}
			time.Sleep(delay)
			for _, pid := range pids(string(out)) {
				unix.Kill(pid, unix.SIGKILL)
			}
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func TestWatchAndLogsBeginWithThePreparation(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	dir, err := poddir.Create(filepath.Join(h.Dir, "pods"), poddir.NewUUID())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := h.Logs(ctx, dir.UUID, engine.LogOptions{Follow: true}, nil); err != context.DeadlineExceeded {
		t.Errorf("logs of a pod in preparation: %v", err)
	}
	dir.Unlock() // as if podtui had been killed
	var last event.Event
	if err := h.Watch(t.Context(), dir.UUID, func(e event.Event) { last = e }); err != nil || !strings.Contains(last.Message, "was killed") {
		t.Errorf("the last event is %+v (%v)", last, err)
	}
}
