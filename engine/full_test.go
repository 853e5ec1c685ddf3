package engine_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/sandbox"
)

// fullDisk, in the environment, says that the test below has a mount namespace of
// its own.
const fullDisk = "PODTUI_TEST_FULL_DISK"

func TestPodEndsOnAFullDisk(t *testing.T) {
	t.Parallel()
	enginetest.NewHost(t) // or skip
	if os.Getenv(fullDisk) == "" {
		again := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		again.Env = append(os.Environ(), fullDisk+"=1")
		again.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
		if out, err := again.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()+"/") {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	if err := sandbox.PrivateMounts(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		reserve bool // the pod's own is still there when it ends
		freed   bool // room is made as soon as the error is told
		exit    int
		cause   string
	}{
		"with what was reserved": {reserve: true, exit: 143, cause: "app \"busybox\": killed by signal 15 (SIGTERM)"},
		"freed when it was told": {freed: true, exit: 143, cause: "app \"busybox\": killed by signal 15 (SIGTERM)"},
		"with no room at all":    {exit: 137, cause: "its supervisor was killed"},
	} {
		t.Run(name, func(t *testing.T) {
			disk := newDisk(t)
			var told sync.Once
			warned := false
			running, err := disk.Run(t.Context(), enginetest.Pod(enginetest.Shell(t, `exec sleep 1000`)), skipVerify(), func(e event.Event) {
				if e.Type == event.Warning && strings.Contains(e.Message, "the pod's state can't be written") {
					told.Do(func() {
						warned = strings.Contains(e.Message, "no space left on device")
						if test.freed {
							disk.free(t)
						}
					})
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			defer running.Close()
			if !test.reserve {
				os.Remove(filepath.Join(disk.dir, "pods", running.UUID, "reserve"))
			}
			disk.fill(t)
			if err := disk.StopPod(t.Context(), running.UUID, engine.StopOptions{}); err != nil {
				t.Error(err)
			}
			if exit, err := running.Wait(); exit != 143 || err != nil {
				t.Errorf("exit %d (%v)", exit, err)
			}
			if warned == test.reserve {
				t.Errorf("told of the full disk: %v", warned)
			}
			pods, err := disk.Pods()
			if err != nil || len(pods) != 1 || pods[0].State != poddir.Exited || *pods[0].Exit != test.exit || pods[0].Cause != test.cause {
				t.Errorf("%+v (%v)", pods, err)
			}
			disk.free(t)
			again, err := disk.RestartPod(t.Context(), running.UUID, engine.StopOptions{}, skipVerify(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer again.Close()
			again.Stop(true)
			if exit, err := again.Wait(); exit != 137 || err != nil {
				t.Errorf("once more: exit %d (%v)", exit, err)
			}
			if _, err := disk.GC(t.Context(), engine.GCOptions{}); err != nil {
				t.Error(err)
			}
			if pods, err := disk.Pods(); err != nil || len(pods) != 0 {
				t.Errorf("after gc: %+v (%v)", pods, err)
			}
		})
	}
}

// disk is an engine on a small file system of its own.
type disk struct {
	*engine.Engine
	dir string
}

func newDisk(t *testing.T) *disk {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=32m"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	e, err := engine.Open(engine.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return &disk{e, dir}
}

func (d *disk) filler() string { return filepath.Join(d.dir, "filler") }

// fill takes all the room that there is.
func (d *disk) fill(t *testing.T) {
	t.Helper()
	file, err := os.Create(d.filler())
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for piece := make([]byte, 1<<20); len(piece) > 0; {
		if _, err := file.Write(piece); err != nil {
			piece = piece[:len(piece)/2]
		}
	}
}

func (d *disk) free(t *testing.T) {
	t.Helper()
	if err := os.Remove(d.filler()); err != nil && !os.IsNotExist(err) {
		t.Error(err)
	}
}
