package engine_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// outliveDir, in the environment, has the test below be the front end that goes.
const outliveDir = "PODTUI_TEST_OUTLIVE"

func TestPodOutlivesItsTerminalItsParentAndItsProgram(t *testing.T) {
	if dir := os.Getenv(outliveDir); dir != "" {
		frontThatGoes(t, dir)
	}
	t.Parallel()
	h := enginetest.NewHost(t)
	h.Fetched(enginetest.BuildImage(t, "busybox"))
	program := filepath.Join(t.TempDir(), "podtui")
	output(t, ".", "cp", os.Args[0], program) // written here, it might still be open in what other tests start
	front := exec.Command(program, "-test.run=^"+t.Name()+"$")
	front.Env = append(os.Environ(), outliveDir+"="+h.Dir)
	terminal, err := pty.Start(front)
	if err != nil {
		t.Fatal(err)
	}
	var pod poddir.Status
	enginetest.Eventually(t, "a running app", func() bool {
		pods, _ := h.Pods()
		if len(pods) == 1 {
			pod = pods[0]
		}
		return pod.State == poddir.Running && pod.Apps[0].PID != 0
	})

	if err := os.WriteFile(program+".new", []byte("#!/bin/sh\nexit 9\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(program+".new", program); err != nil {
		t.Fatal(err)
	}
	terminal.Close()                                                   // the kernel sends SIGHUP to all that it controls
	time.AfterFunc(5*time.Second, func() { _ = front.Process.Kill() }) // where that is ignored, as below nohup
	_ = front.Wait()

	before := pod.Apps[0].Restarts
	enginetest.Eventually(t, "two more starts", func() bool {
		pod, err = h.Pod(pod.UUID)
		return err != nil || pod.Apps[0].Restarts >= before+2
	})
	if err != nil || pod.State != poddir.Running || strings.Count(logText(t, h, pod.UUID), "ran\n") < before+2 {
		t.Errorf("%+v (%v), logged %q", pod, err, logText(t, h, pod.UUID))
	}
	if err := h.StopPod(t.Context(), pod.UUID, engine.StopOptions{}); err != nil {
		t.Error(err)
	}
	if pod, err = h.Pod(pod.UUID); err != nil || pod.State != poddir.Exited || pod.Apps[0].Exit == nil {
		t.Errorf("%+v (%v)", pod, err)
	}
}

// frontThatGoes starts a pod and waits for its end, which it does not live to see.
func frontThatGoes(t *testing.T, dir string) {
	e, err := engine.Open(engine.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	running, err := e.Run(t.Context(), enginetest.Pod(spec.App{
		Image: "busybox.net/busybox", Exec: "/bin/sh", Args: []string{"-c", "echo ran; exit 4"}, Restart: "always",
	}), skipVerify(), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = running.Wait()
	os.Exit(0)
}
