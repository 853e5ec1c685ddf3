package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/enginetest/recipe"
	"github.com/podtui/podtui/engine/spec"
)

func exported(t *testing.T, host *enginetest.Host, pod, app string) (aci []byte, id string, left []string) {
	t.Helper()
	var out bytes.Buffer
	id, err := host.ExportPod(context.Background(), pod, app, &out, func(path string) { left = append(left, path) })
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), id, left
}

// What an app changed is in the exported image: what it made, changed and
// removed, and nothing of its volumes.
func TestExportedPodRunsAsItWas(t *testing.T) {
	t.Parallel()
	host := enginetest.NewHost(t)
	volume := t.TempDir()
	os.WriteFile(volume+"/secret", []byte("x"), 0o644)
	app := enginetest.Shell(t, `
		echo new >/new; ln /new /hard; ln -s /etc/shadow /link; mknod /null c 1 3; mkfifo /fifo; chmod 4711 /new
		echo changed >>/etc/passwd; rm /etc/group
		rm -r /home; mkdir /home; touch /home/only
		mv /root /moved; echo >"$(printf '/n\nl')"; touch -d '2001-02-03 04:05:06' /new
		echo ready; while [ ! -S /socket ]; do sleep 0.02; done`)
	pod := enginetest.Pod(app)
	pod.Volumes = []spec.Volume{{Name: "v", Kind: spec.HostVolume, Source: volume}}
	pod.Mounts = []spec.Mount{{Volume: "v", Path: "/tmp/volume"}}
	started := host.Start(pod)
	started.WaitFor(t, "ready\n")
	status, err := host.Pod(started.UUID)
	if err == nil { // busybox can't make one
		err = unix.Mknod(fmt.Sprintf("/proc/%d/root/socket", status.Apps[0].PID), unix.S_IFSOCK|0o644, 0)
	}
	ended := started.Wait()
	if ended.Exit != 0 || err != nil {
		t.Fatalf("%v %+v", err, ended)
	}
	aci, id, left := exported(t, host, ended.UUID, "")
	if !slices.Equal(left, []string{"/socket"}) {
		t.Errorf("left out: %q", left)
	}
	again, _, _ := exported(t, host, ended.UUID, "")
	if !bytes.Equal(aci, again) {
		t.Error("exported twice, it is two images")
	}
	if bytes.Contains(aci, []byte("trusted.overlay")) {
		t.Error("it has what overlayfs keeps for itself")
	}

	other := enginetest.NewHost(t)
	path := filepath.Join(t.TempDir(), "exported.aci")
	os.WriteFile(path, aci, 0o644)
	image := other.Fetched(path)
	if image.ID != id || image.Name() != "busybox.net/busybox" || image.Version() != "1.35.0" {
		t.Errorf("%s %s %s, want %s", image.ID, image.Name(), image.Version(), id)
	}
	look := enginetest.Shell(t, `
		cat /new; stat -c '%h %a %Y' /new; readlink /link; stat -c '%F' /null /fifo; tail -n 1 /etc/passwd
		ls /etc/group 2>&1; ls -A /home /moved; ls -d /root 2>&1; ls -A /tmp/volume; ls /socket 2>&1`)
	look.Image = path
	result := other.Run(enginetest.Pod(look))
	want := strings.Join([]string{
		"new", "2 4711 981173106", "/etc/shadow", "character special file", "fifo", "changed",
		"ls: /etc/group: No such file or directory", "/home:", "only", "", "/moved:", "ls: /root: No such file or directory",
		"ls: /socket: No such file or directory", "",
	}, "\n")
	if result.Stdout != want {
		t.Errorf("%v\ngot  %q\nwant %q", result.Err, result.Stdout, want)
	}
}

// A root that was stacked of several images is exported as one that needs none.
func TestExportedPodNeedsNoOtherImage(t *testing.T) {
	t.Parallel()
	host := enginetest.NewHost(t)
	app := stacked(t, host)
	ended := host.Run(enginetest.Pod(app))
	if ended.Exit != 0 {
		t.Fatalf("%+v", ended)
	}
	aci, _, _ := exported(t, host, ended.UUID, "")
	other := enginetest.NewHost(t)
	path := filepath.Join(t.TempDir(), "exported.aci")
	os.WriteFile(path, aci, 0o644)
	image := other.Fetched(path)
	if len(image.Manifest.Dependencies) > 0 || len(image.Manifest.PathWhitelist) > 0 {
		t.Errorf("%v %v", image.Manifest.Dependencies, image.Manifest.PathWhitelist)
	}
	app.Image, app.Exec, app.Args = path, "/bin/cat", []string{"/made", "/own"}
	if result := other.Run(enginetest.Pod(app)); result.Stdout != "by the app\nown" {
		t.Errorf("%+v", result)
	}
}

// stacked is an app of an image that stands on busybox, and shows some of it.
func stacked(t *testing.T, host *enginetest.Host) spec.App {
	t.Helper()
	host.Fetched(enginetest.BuildImage(t, "busybox"))
	path := filepath.Join(t.TempDir(), "stacked.aci")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	_, err = enginetest.BuildACI(file, recipe.Recipe{
		Manifest: []byte(`{"acKind": "ImageManifest", "acVersion": "0.8.11", "name": "example.com/stacked",
			"dependencies": [{"imageName": "busybox.net/busybox"}],
			"pathWhitelist": ["/bin/busybox", "/bin/sh", "/bin/cat", "/bin/ls", "/etc/passwd", "/own"],
			"app": {"exec": ["/bin/sh"], "user": "0", "group": "0"}}`),
		Files: []recipe.File{{Kind: recipe.Regular, Path: "/own", Mode: 0o644, Content: []byte("own")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return spec.App{Image: path, Exec: "/bin/sh", Args: []string{"-c", "echo by the app >/made; [ ! -e /bin/vi ]"}}
}

func TestRunningPodIsNotExported(t *testing.T) {
	t.Parallel()
	host := enginetest.NewHost(t)
	running := startUp(t, host, enginetest.Shell(t, "echo ready; exec sleep 1000"))
	_, err := host.ExportPod(context.Background(), running.UUID, "", new(bytes.Buffer), nil)
	if err == nil || !strings.HasSuffix(err.Error(), " is running: what it writes while it is exported would be torn; stop it first") {
		t.Error(err)
	}
	_, err = host.ExportPod(context.Background(), running.UUID, "nope", new(bytes.Buffer), nil)
	if err == nil || !strings.HasSuffix(err.Error(), `it has no app "nope"; it has busybox`) {
		t.Error(err)
	}
}
