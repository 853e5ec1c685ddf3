package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// A pod's folder, copied at any moment of its life and looked at after a start of
// the machine, is that of a pod that has ended, or that waits to be run: never of
// one that is alive, and never one that nobody can look at or remove.
func TestPodAfterThePowerWasCut(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	image := enginetest.BuildImage(t, "busybox")
	h.Fetched(image)
	copies := t.TempDir()
	lived := make(chan error, 1)
	go func() { lived <- lives(h, image) }()
	taken := 0
	for alive := true; alive; {
		select {
		case err := <-lived:
			if alive = false; err != nil {
				t.Error(err)
			}
		default:
		}
		uuids, _ := poddir.List(h.Dir + "/pods")
		for _, uuid := range uuids {
			taken++ // what changes while it is copied is torn, which is the point
			_ = exec.Command("cp", "-a", filepath.Join(h.Dir, "pods", uuid), filepath.Join(copies, fmt.Sprintf("%d-%s", taken, uuid))).Run()
		}
	}
	seen := make(map[poddir.State]int)
	restarted := enginetest.NewHost(t)
	entries, err := os.ReadDir(copies)
	if err != nil || len(entries) == 0 {
		t.Fatalf("no copies were taken (%v)", err)
	}
	for _, entry := range entries {
		seen[afterRestart(t, restarted, filepath.Join(copies, entry.Name()), entry.Name()[len(entry.Name())-36:])]++
	}
	if seen[poddir.Exited] == 0 || seen[poddir.Exited]+seen[poddir.Failed]+seen[poddir.Prepared] != len(entries) {
		t.Errorf("%d copies are %v", len(entries), seen)
	}
}

// lives has a pod live a whole life, twice.
func lives(h *enginetest.Host, image string) error {
	pod := spec.Pod{Name: "powered", Apps: []spec.App{
		{Image: image, Name: "one", Exec: "/bin/sh", Args: []string{"-c", "seq 1 2000; sleep 0.2"}},
		{Image: image, Name: "two", Exec: "/bin/sleep", Args: []string{"0.1"}},
	}}
	ctx := context.Background()
	uuid, err := h.Prepare(ctx, pod, skipVerify(), nil)
	if err != nil {
		return err
	}
	running, err := h.RunPrepared(ctx, "powered", skipVerify(), nil)
	for again := 0; err == nil; again++ {
		if _, err = running.Wait(); err != nil || again == 1 {
			break
		}
		running, err = h.RestartPod(ctx, uuid, engine.StopOptions{}, skipVerify(), nil)
	}
	return err
}

// afterRestart looks at the copy of a pod's folder as podtui does that finds it
// after a start of the machine, and removes it.
func afterRestart(t *testing.T, h *enginetest.Host, copied, uuid string) poddir.State {
	t.Helper()
	path := filepath.Join(h.Dir, "pods", uuid)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(copied, path); err != nil {
		t.Fatal(err)
	}
	anotherBoot(t, filepath.Join(path, "state"))
	pods, err := h.Pods()
	if err != nil || len(pods) != 1 {
		t.Fatalf("%d pods (%v)", len(pods), err)
	}
	one, err := h.Pod(uuid)
	if err != nil || one.State != pods[0].State {
		t.Errorf("listed %+v, alone %+v (%v)", pods[0], one, err)
	}
	if err := h.Logs(t.Context(), uuid, engine.LogOptions{}, func([]poddir.LogLine) error { return nil }); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Logf("logs of %s: %v", one.State, err)
	}
	if _, err := h.GC(t.Context(), engine.GCOptions{ExpirePrepared: 1}); err != nil {
		t.Errorf("gc: %v", err)
	}
	if pods, err := h.Pods(); err != nil || len(pods) > 0 {
		t.Errorf("gc left %+v (%v)", pods, err)
	}
	return one.State
}

func anotherBoot(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.ReplaceAll(data, []byte(poddir.BootID()), []byte("00000000-0000-4000-8000-000000000000"))
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Files that were written and not synced may be empty, cut short, or zeros after
// a power cut.
func TestPodWhoseFilesAreTorn(t *testing.T) {
	t.Parallel()
	h, restarted := enginetest.NewHost(t), enginetest.NewHost(t)
	pod := h.Run(enginetest.Pod(enginetest.Shell(t, "echo output")))
	for _, file := range []string{"state", "record", "events", "logs/busybox", "lock"} {
		data, err := os.ReadFile(filepath.Join(h.Dir, "pods", pod.UUID, file))
		if err != nil && file != "logs/busybox" {
			t.Fatal(err)
		}
		for name, torn := range map[string][]byte{
			"empty": nil, "cut": data[:len(data)/2], "zeros": make([]byte, len(data)),
			"zeros at the end": append(bytes.Clone(data[:len(data)/2]), make([]byte, len(data)-len(data)/2)...),
		} {
			copied := filepath.Join(t.TempDir(), "copy")
			if out, err := exec.Command("cp", "-a", filepath.Join(h.Dir, "pods", pod.UUID), copied).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if err := os.WriteFile(filepath.Join(copied, file), torn, 0o600); err != nil {
				t.Fatal(err)
			}
			if got := afterRestart(t, restarted, copied, pod.UUID); got != poddir.Exited && (file != "state" || got != poddir.Failed) {
				t.Errorf("with its %s %s it is %s", file, name, got)
			}
		}
	}
}
