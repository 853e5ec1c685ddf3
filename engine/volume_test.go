package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

func engineOptions() engine.RunOptions { return engine.RunOptions{} }

func TestHostVolumeIsTheHostsFolder(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	source := t.TempDir()
	os.WriteFile(filepath.Join(source, "in"), []byte("from the host\n"), 0o644)
	pod := enginetest.Pod(enginetest.Shell(t, "cat /data/in; echo from the pod > /data/out"))
	pod.Volumes = []spec.Volume{{Name: "data", Kind: spec.HostVolume, Source: source}}
	pod.Apps[0].Mounts = []spec.Mount{{Volume: "data", Path: "/data"}}
	if got := h.Run(pod); got.Stdout != "from the host\n" {
		t.Errorf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
	if data, _ := os.ReadFile(filepath.Join(source, "out")); string(data) != "from the pod\n" {
		t.Errorf("the host sees %q", data)
	}
}

func TestReadOnlyVolumeIsReadOnlyAllTheWayDown(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	yes := true
	pod := enginetest.Pod(enginetest.Shell(t, "touch /dev-of-host/x; touch /dev-of-host/shm/x; ls /dev-of-host/shm >/dev/null && echo seen"))
	// A folder that has something mounted below it on every host.
	pod.Volumes = []spec.Volume{{Name: "dev", Kind: spec.HostVolume, Source: "/dev", ReadOnly: &yes}}
	pod.Apps[0].Mounts = []spec.Mount{{Volume: "dev", Path: "/dev-of-host"}}
	got := h.Run(pod)
	if n := strings.Count(got.Stderr, "Read-only file system"); n != 2 || got.Stdout != "seen\n" {
		t.Errorf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
}

func TestSingleFileAsVolume(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	file := filepath.Join(t.TempDir(), "file")
	os.WriteFile(file, []byte("content\n"), 0o644)
	pod := enginetest.Pod(enginetest.Shell(t, "cat /etc/deep/er/file"))
	pod.Volumes = []spec.Volume{{Name: "one", Kind: spec.HostVolume, Source: file}}
	pod.Apps[0].Mounts = []spec.Mount{{Volume: "one", Path: "/etc/deep/er/file"}}
	if got := h.Run(pod); got.Stdout != "content\n" {
		t.Errorf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
}

func TestMissingSourceIsRefusedAndNotMade(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	source := filepath.Join(t.TempDir(), "typo")
	pod := enginetest.Pod(enginetest.Shell(t, "true"))
	pod.Volumes = []spec.Volume{{Name: "work", Kind: spec.HostVolume, Source: source}}
	got := h.Run(pod)
	if want := `volume "work": ` + source + ` does not exist on the host`; got.Exit != 125 || got.Err.Error() != want {
		t.Errorf("status %d (%v), want 125 and %s", got.Exit, got.Err, want)
	}
	if _, err := os.Stat(source); err == nil {
		t.Error("the host has it now")
	}
}

// The examples of rkt-run.md: one volume by its name, where each image wants it.
func TestVolumeGoesWhereEachImageWantsIt(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	source := t.TempDir()
	pod := spec.Pod{
		Apps: []spec.App{
			{Image: enginetest.BuildImage(t, "reduce-worker"), Exec: "/bin/sh", Args: []string{"-c", "echo work > /var/lib/work/file"}},
			{
				Image: enginetest.BuildImage(t, "worker-backup"), Exec: "/bin/sh",
				Args: []string{"-c", "until [ -s /backup/file ]; do sleep 0.01; done; cat /backup/file; ! touch /backup/x"},
			},
		},
		Volumes: []spec.Volume{{Name: "work", Kind: spec.HostVolume, Source: source}},
	}
	if got := h.Run(pod); got.Exit != 0 || got.Stdout != "work\n" || !strings.Contains(got.Stderr, "Read-only") {
		t.Errorf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
}

func TestMountPointWithoutVolumeStartsEmptyWithAWarning(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	got := h.Run(enginetest.Pod(spec.App{
		Image: enginetest.BuildImage(t, "reduce-worker"), Exec: "/bin/sh",
		Args: []string{"-c", "ls -A /var/lib/work; touch /var/lib/work/x && echo empty"},
	}))
	if got.Exit != 0 || got.Stdout != "empty\n" {
		t.Errorf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
	for _, e := range got.Events {
		if e.Type == event.Warning && strings.Contains(e.Message, "--volume=work,") {
			return
		}
	}
	t.Errorf("no warning names the flag: %+v", got.Events)
}

func TestFileOverAFolderIsRefusedInWords(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := enginetest.Pod(enginetest.Shell(t, "true"))
	pod.Volumes = []spec.Volume{{Name: "one", Kind: spec.HostVolume, Source: "/etc/passwd"}}
	pod.Apps[0].Mounts = []spec.Mount{{Volume: "one", Path: "/tmp"}}
	got := h.Run(pod)
	if want := `app "busybox": volume "one": /etc/passwd is a file on the host, and /tmp is a folder in the image`; got.Err == nil || got.Err.Error() != want {
		t.Errorf("%v, want %s", got.Err, want)
	}
}

func TestVolumeThatNobodyUsesIsToldOf(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := spec.Pod{
		Apps:    []spec.App{{Image: enginetest.BuildImage(t, "reduce-worker"), Exec: "/bin/true"}},
		Volumes: []spec.Volume{{Name: "wrok", Kind: spec.HostVolume, Source: t.TempDir()}},
	}
	for _, e := range h.Run(pod).Events {
		if e.Type == event.Warning && e.Message == `volume "wrok" is used by no app; perhaps "work" is meant` {
			return
		}
	}
	t.Error("not a word")
}

func TestAnOuterVolumeDoesNotHideAnInnerOneThatWasNamedFirst(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	outer, inner := t.TempDir(), t.TempDir()
	os.WriteFile(filepath.Join(outer, "file"), []byte("outer\n"), 0o644)
	os.WriteFile(filepath.Join(inner, "file"), []byte("inner\n"), 0o644)
	pod := enginetest.Pod(enginetest.Shell(t, "cat /data/deep/er/file /data/file"))
	pod.Volumes = []spec.Volume{{Name: "in", Kind: spec.HostVolume, Source: inner}, {Name: "out", Kind: spec.HostVolume, Source: outer}}
	pod.Apps[0].Mounts = []spec.Mount{{Volume: "in", Path: "/data/deep/er"}, {Volume: "out", Path: "/data"}}
	if got := h.Run(pod); got.Stdout != "inner\nouter\n" {
		t.Errorf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
}
