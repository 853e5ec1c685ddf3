package engine_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

func skipVerify() engine.RunOptions { return engine.RunOptions{SkipVerify: true} }

// supervisorOf finds the process that has the pod's UUID on its command line.
func supervisorOf(t *testing.T, uuid string) int {
	t.Helper()
	out, err := exec.Command("pgrep", "-f", "supervisor "+uuid).Output()
	if err != nil {
		t.Fatal("no supervisor of ", uuid)
	}
	return pids(string(out))[0]
}

// pids reads what pgrep prints.
func pids(out string) []int {
	var list []int
	for _, field := range strings.Fields(out) {
		if pid, err := strconv.Atoi(field); err == nil {
			list = append(list, pid)
		}
	}
	return list
}

func TestKernelTakesThePodWithItsSupervisor(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := h.Start(enginetest.Pod(spec.App{Image: enginetest.BuildImage(t, "stubborn")}, spec.App{Image: enginetest.BuildImage(t, "sleeper")}))
	pod.WaitFor(t, "ready")
	status, err := h.Pod(pod.UUID)
	if err != nil {
		t.Fatal(err)
	}
	unix.Kill(supervisorOf(t, pod.UUID), unix.SIGKILL)
	if got := pod.Wait(); got.Exit != 137 || got.Err == nil {
		t.Errorf("exit %d (%v)", got.Exit, got.Err)
	}
	for _, app := range status.Apps {
		enginetest.Eventually(t, "the end of app "+app.Name, func() bool { return dead(app.PID) })
	}
	status, err = h.Pod(pod.UUID)
	if err != nil || status.State != poddir.Exited || *status.Exit != 137 || status.Cause != "its supervisor was killed" {
		t.Errorf("%+v (%v)", status, err)
	}
	var last event.Event
	if err := h.Watch(t.Context(), pod.UUID, func(e event.Event) { last = e }); err != nil || last.Type != event.PodExit {
		t.Errorf("the last event is %+v (%v)", last, err)
	}
	if _, err := h.GC(t.Context(), engine.GCOptions{Grace: time.Hour}); err != nil {
		t.Error(err)
	}
	if left := h.Leftovers(); len(left) > 0 {
		t.Errorf("after gc: %v", left)
	}
	if _, err := h.Pod(pod.UUID); err != nil {
		t.Errorf("gc removed a pod within its grace period: %v", err)
	}
}

// dead: gone, or a zombie whose parent takes its time.
func dead(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(state, "Z")
}

// frontRole is this test binary as a front end of its own, for tests that kill
// one.
const frontRole = "PODTUI_TEST_FRONT"

func frontMain(dir string) {
	e, err := engine.Open(engine.Options{Dir: dir})
	if err != nil {
		panic(err)
	}
	options := skipVerify()
	options.Output = func(_ int, _ string, p []byte) { os.Stdout.Write(p) }
	var pod spec.Pod
	for n, script := range os.Args[2:] {
		pod.Apps = append(pod.Apps, spec.App{
			Image: os.Args[1], Name: fmt.Sprintf("app%d", n), Exec: "/bin/sh", Args: []string{"-c", script},
		})
	}
	running, err := e.Run(context.Background(), pod, options, nil)
	if err != nil {
		fmt.Println(err)
		os.Exit(engine.ExitStatus(err))
	}
	exit, _ := running.Wait()
	os.Exit(exit)
}

func startFront(t *testing.T, h *enginetest.Host, script string) *exec.Cmd {
	t.Helper()
	front := exec.Command(os.Args[0], enginetest.BuildImage(t, "busybox"), script)
	front.Env = append(os.Environ(), frontRole+"="+h.Dir)
	if err := front.Start(); err != nil {
		t.Fatal(err)
	}
	return front
}

func TestPodOutlivesItsFrontEnd(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	front := startFront(t, h, "while :; do seq 1 20000; sleep 0.05; done")
	var pod poddir.Status
	enginetest.Eventually(t, "a running pod", func() bool {
		pods, _ := h.Pods()
		if len(pods) == 1 {
			pod = pods[0]
		}
		return pod.State == poddir.Running
	})
	front.Process.Kill()
	front.Wait()
	time.Sleep(50 * time.Millisecond)
	if status, err := h.Pod(pod.UUID); err != nil || status.State != poddir.Running {
		t.Fatalf("without its front end the pod is %+v (%v)", status, err)
	}
	if err := h.StopPod(t.Context(), pod.UUID, engine.StopOptions{Force: true}); err != nil {
		t.Error(err)
	}
}

func TestFrontEndKilledAtAnyMomentLeavesNothing(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	h := enginetest.NewHost(t)
	for delay := time.Millisecond; delay < 200*time.Millisecond; delay = delay * 3 / 2 {
		front := startFront(t, h, "exec sleep 0.1")
		time.Sleep(delay)
		front.Process.Kill()
		front.Wait()
		if images, err := h.Images(); err != nil || len(images) > 1 {
			t.Errorf("images %v (%v)", images, err)
		}
	}
	enginetest.Eventually(t, "all pods over", func() bool {
		pods, err := h.Pods()
		for _, pod := range pods {
			if pod.State == poddir.Running || pod.State == poddir.Preparing {
				return false
			}
		}
		return err == nil
	})
	left, err := h.GC(t.Context(), engine.GCOptions{})
	if err != nil {
		t.Error(left, err)
	}
	if pods, err := h.Pods(); err != nil || len(pods) > 0 {
		t.Errorf("after gc: %v (%v)", pods, err)
	}
}

func TestFiftyPodsEightAtATimeLeaveNothing(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	h := enginetest.NewHost(t)
	h.Fetched(enginetest.BuildImage(t, "busybox"))
	jobs := make(chan int)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for n := range jobs {
				app := spec.App{Image: "busybox.net/busybox", Exec: "/bin/echo", Args: []string{fmt.Sprint(n)}}
				if got := h.Run(enginetest.Pod(app)); got.Err != nil || got.Stdout != fmt.Sprintf("%d\n", n) {
					t.Errorf("pod %d: exit %d (%v), printed %q", n, got.Exit, got.Err, got.Stdout)
				}
			}
		})
	}
	for n := range 50 {
		jobs <- n
	}
	close(jobs)
	workers.Wait()
	if left := h.Leftovers(); len(left) > 0 {
		t.Errorf("before gc: %v", left)
	}
	collected, err := h.GC(t.Context(), engine.GCOptions{})
	if err != nil || len(collected.Pods) != 50 {
		t.Errorf("gc removed %d pods (%v)", len(collected.Pods), err)
	}
	if err := h.RemoveImage("sha512-" + enginetest.ImageID(t, "busybox")[7:20]); err != nil {
		t.Errorf("nothing uses the image: %v", err)
	}
}

func TestImageInUseIsKept(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	h.Run(enginetest.Pod(enginetest.Shell(t, "true")))
	id := enginetest.ImageID(t, "busybox")
	if err := h.RemoveImage(id); err == nil {
		t.Error("removed an image that an ended pod still has")
	}
	if _, err := h.GC(t.Context(), engine.GCOptions{}); err != nil {
		t.Error(err)
	}
	if err := h.RemoveImage(id); err != nil {
		t.Error(err)
	}
}
