package engine_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// smallDisk is a data folder on a disk of its own.
type smallDisk struct {
	*crashHost
	filler string // a file that takes the room
}

// ownMounts has the test run in a process of its own with mounts of its own, which
// go with it, and reports whether this is that process.
func ownMounts(t *testing.T) bool {
	t.Helper()
	const inside = "PODTUI_TEST_MOUNTS"
	if os.Getenv(inside) != "" {
		return true
	}
	if os.Geteuid() != 0 {
		t.Skip("a disk of its own needs root")
	}
	again := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	again.Env = append(os.Environ(), inside+"=1")
	again.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	out, err := again.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("%v: %s", err, out)
	}
	return false
}

// newSmallDisk makes a disk with an image on it, and as much room as size says.
func newSmallDisk(t *testing.T, size string) *smallDisk {
	t.Helper()
	h, disk := enginetest.NewHost(t), t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size="+size); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(disk, unix.MNT_DETACH) })
	h.Dir = filepath.Join(disk, "data")
	h.Engine = h.Open()
	d := &smallDisk{crashHost: &crashHost{Host: h, t: t, image: enginetest.BuildImage(t, "busybox")}, filler: filepath.Join(h.Dir, "filler")}
	h.Fetched(d.image)
	return d
}

// leave fills the disk but for so many bytes.
func (d *smallDisk) leave(room int64) {
	d.t.Helper()
	var disk unix.Statfs_t
	info, err := os.Stat(d.filler)
	if errors.Is(err, os.ErrNotExist) {
		err = os.WriteFile(d.filler, nil, 0o600)
		info, _ = os.Stat(d.filler)
	}
	if err == nil {
		err = unix.Statfs(d.Dir, &disk)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	size := info.Size() + int64(disk.Bavail)*disk.Bsize - room
	file, err := os.OpenFile(d.filler, os.O_RDWR, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	defer file.Close()
	if err := errors.Join(file.Truncate(size), unix.Fallocate(int(file.Fd()), 0, 0, size)); err != nil {
		d.t.Fatal(err)
	}
}

// empty makes room.
func (d *smallDisk) empty() {
	d.t.Helper()
	if err := os.Remove(d.filler); err != nil {
		d.t.Error(err)
	}
}

// clear tells whether an error says in one line that the disk is full.
func (d *smallDisk) clear(doing string, err error) {
	d.t.Helper()
	if text := err.Error(); strings.Contains(text, "\n") || !strings.Contains(text, "no space left on device") || len(text) > 300 {
		d.t.Errorf("%s: %q", doing, text)
	}
}

func (d *smallDisk) pod() spec.Pod {
	app := spec.App{Image: d.image, Name: "app", Exec: "/bin/sh", Args: []string{"-c", "echo said"}}
	return spec.Pod{Name: "small", Apps: []spec.App{app}}
}

// Whatever room is left, a pod runs or there is an error that says why not, and
// nothing of it is left; it runs once there is room.
func TestDiskThatIsFullWhileAPodIsMade(t *testing.T) {
	t.Parallel()
	if !ownMounts(t) {
		return
	}
	d := newSmallDisk(t, "64m")
	for _, doing := range []string{"prepare", "run"} {
		did, refused := 0, 0
		for room := int64(0); room < 128<<10; room += 12 << 10 {
			d.leave(room)
			err := crashDo(d.Engine, doing, d.pod(), skipVerify())
			if err != nil {
				refused++
				d.clear(fmt.Sprintf("%s with %d bytes", doing, room), err)
			} else {
				did++
			}
			if pods, err := d.Pods(); err != nil || len(pods) > 1 || len(pods) == 1 && pods[0].State == poddir.Preparing {
				t.Errorf("%s with %d bytes left %+v (%v)", doing, room, pods, err)
			}
			d.remember()
			d.collects() // on the full disk
			d.empty()
		}
		if did == 0 || refused == 0 {
			t.Errorf("%s: done %d times, and refused %d times", doing, did, refused)
		}
		if err := crashDo(d.Engine, doing, d.pod(), skipVerify()); err != nil {
			t.Errorf("%s with room again: %v", doing, err)
		}
		d.remember()
		d.collects()
	}
}

// A pod that runs as the disk becomes full goes on, can be stopped, and has its end
// written down: there is room for that.
func TestDiskThatIsFullWhileAPodRunsAndStops(t *testing.T) {
	t.Parallel()
	if !ownMounts(t) {
		return
	}
	d := newSmallDisk(t, "64m")
	for _, stop := range []engine.StopOptions{{}, {Force: true}} {
		pod := d.pod()
		pod.Apps[0].Args[1] = "echo ready; trap 'echo asked; exit 3' TERM; while :; do echo x; sleep 0.01; done"
		running := d.Start(pod)
		running.WaitFor(t, "ready")
		d.leave(0)
		from := strings.Count(running.Output(), "x")
		enginetest.Eventually(t, "output that has no room", func() bool { return strings.Count(running.Output(), "x") > from+50 })
		if status, err := d.Pod("small"); err != nil || status.State != poddir.Running {
			t.Errorf("on the full disk: %+v (%v)", status, err)
		}
		if err := d.StopPod(t.Context(), running.UUID, stop); err != nil {
			t.Errorf("stop: %v", err)
		}
		want := 3
		if stop.Force {
			want = 137
		}
		got := running.Wait()
		status, err := d.Pod("small")
		if got.Exit != want || err != nil || status.State != poddir.Exited || *status.Exit != want || *status.Apps[0].Exit != want {
			t.Errorf("exit %d (%v): %+v (%v)", got.Exit, got.Err, status, err)
		}
		d.restartsLater(pod)
	}
}

// restartsLater starts the pod again on the full disk, if that can be, and then
// with room.
func (d *smallDisk) restartsLater(pod spec.Pod) {
	d.t.Helper()
	again, err := d.RestartPod(d.t.Context(), pod.Name, engine.StopOptions{}, skipVerify(), nil)
	if err != nil {
		d.clear("restart", err)
		d.empty()
		if status, err := d.Pod(pod.Name); err != nil || status.State != poddir.Exited && status.State != poddir.Failed {
			d.t.Errorf("after a restart that came to nothing: %+v (%v)", status, err)
		}
		again, err = d.RestartPod(d.t.Context(), pod.Name, engine.StopOptions{}, skipVerify(), nil)
	} else {
		d.empty()
	}
	if err != nil {
		d.t.Fatalf("restart with room: %v", err)
	}
	again.Close()
	if err := d.StopPod(d.t.Context(), pod.Name, engine.StopOptions{Force: true}); err != nil {
		d.t.Error(err)
	}
	if err := d.Logs(d.t.Context(), pod.Name, engine.LogOptions{}, func([]poddir.LogLine) error { return nil }); err != nil {
		d.t.Errorf("logs: %v", err)
	}
	d.remember()
	d.collects()
}
