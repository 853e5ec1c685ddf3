package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/enginetest/recipe"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// onBusybox fetches an image that stands on busybox, changes some of it and hides
// more.
func onBusybox(t *testing.T, h *enginetest.Host) string {
	t.Helper()
	base := h.Fetched(enginetest.BuildImage(t, "busybox"))
	manifest, err := json.Marshal(map[string]any{
		"acKind": "ImageManifest", "acVersion": "0.8.11", "name": "example.com/upper",
		"dependencies": []map[string]any{{"imageName": base.Name(), "imageID": base.ID}},
		"app":          map[string]any{"exec": []string{"/bin/sh"}, "user": "0", "group": "0"},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := recipe.Recipe{Manifest: manifest, Files: []recipe.File{
		{Kind: recipe.Regular, Path: "/etc/motd", Mode: 0o4640, UID: 7, GID: 8, Content: []byte("of the upper\n")},
		{Kind: recipe.Hardlink, Path: "/etc/motd.too", Target: "/etc/motd"},
	}}
	var aci bytes.Buffer
	if _, err := enginetest.BuildACI(&aci, r); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "upper.aci")
	write(t, path, aci.String())
	return path
}

var copiedLooks = []look{
	{"no overlay", "grep ' / ' /proc/mounts | grep -c overlay", "0"},
	{"both layers", "cat /etc/motd; stat -c '%a %u:%g %h' /etc/motd; grep -c . /etc/passwd", "of the upper 4640 7:8 2 4"},
	{"clean", "ls -d /mark /home/worker; touch /mark; rmdir /home/worker; echo changed >/etc/motd", "ls: /mark: No such file or directory /home/worker"},
	{"the root", "stat -c '%a %u:%g' /", "755 0:0"},
}

// A root that is copied is a clean one at each start, and cp and export find in it
// what they find in others.
func TestRootsThatAreCopied(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	again := "[ -e /kept/again ] || { touch /kept/again; exit 1; }"
	app := lookAround(onBusybox(t, h), copiedLooks)
	app.Args[1] += again
	app.Restart = "on-failure:1"
	pod := enginetest.Pod(app)
	pod.NoOverlay = true
	pod.Volumes = []spec.Volume{{Name: "kept", Kind: spec.EmptyVolume}}
	pod.Mounts = []spec.Mount{{Volume: "kept", Path: "/kept"}}
	got := h.Run(pod)
	answered(t, got, slices.Concat(copiedLooks, copiedLooks))
	if w := warnings(got); len(w) > 0 {
		t.Errorf("warned %q", w)
	}
	running, err := h.RestartPod(context.Background(), got.UUID, engine.StopOptions{}, skipVerify(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if status, err := running.Wait(); status != 0 || err != nil {
		t.Errorf("again: %d, %v", status, err)
	}
	running.Close()
	to := t.TempDir()
	if _, err := out(h, got.UUID, "/etc/motd", to+"/motd", false); err != nil {
		t.Error(err)
	}
	if data, _ := os.ReadFile(to + "/motd"); string(data) != "changed\n" {
		t.Errorf("copied out: %q", data)
	}
	aci, _, left := exported(t, h, got.UUID, "")
	write(t, to+"/exported.aci", string(aci))
	whole := h.Run(enginetest.Pod(spec.App{Image: to + "/exported.aci", Exec: "/bin/sh", Args: []string{"-c", "cat /etc/motd.too; ls -d /mark /home/*"}}))
	if whole.Stdout != "changed\n/mark\n" || len(left) > 0 {
		t.Errorf("exported: %+v, left out %q", whole, left)
	}
	if err := h.RemovePod(got.UUID); err != nil {
		t.Error(err)
	}
}

// A copy is the image's on the disk, and the pod's users see it as theirs; so do cp
// and export once the pod has ended.
func TestCopiedRootOfAPodWithUsersOfItsOwn(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	looks := slices.Concat(copiedLooks[1:], []look{
		{"what is made", "stat -c '%u:%g' /mark /disk /disk/below /disk/below/memory", "0:0 0:0 0:0 0:0"},
		{"users", "awk '{ print ($2 > 0) }' /proc/self/uid_map; chown 1000:50 /mark && stat -c '%u:%g' /mark", "1 1000:50"},
	})
	pod := enginetest.Pod(lookAround(onBusybox(t, h), looks))
	pod.NoOverlay, pod.PrivateUsers = true, true
	pod.Volumes = []spec.Volume{{Name: "disk", Kind: spec.EmptyVolume}, {Name: "memory", Kind: spec.EmptyVolume, Medium: spec.MemoryMedium}}
	pod.Mounts = []spec.Mount{{Volume: "disk", Path: "/disk"}, {Volume: "memory", Path: "/disk/below/memory"}}
	got := h.Run(pod)
	answered(t, got, looks)
	to := t.TempDir()
	for path, owner := range map[string][2]uint32{"/etc/motd": {7, 8}, "/mark": {1000, 50}} {
		if _, err := out(h, got.UUID, path, to+"/copy", true); err != nil {
			t.Error(err)
			continue
		}
		var st unix.Stat_t
		if err := unix.Stat(to+"/copy", &st); err != nil || st.Uid != owner[0] || st.Gid != owner[1] {
			t.Errorf("%s is %d:%d in the copy, want %v", path, st.Uid, st.Gid, owner)
		}
	}
}

// Where overlayfs can't write, an image is copied without being asked to.
func TestRootsAreCopiedWhereOverlaysAreImpossible(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	// An overlay can't be the upper folder of another.
	below := t.TempDir()
	for _, folder := range []string{"lower", "upper", "work"} {
		if err := os.Mkdir(filepath.Join(below, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mount("overlay", h.Dir, "overlay", 0, "lowerdir="+below+"/lower,upperdir="+below+"/upper,workdir="+below+"/work"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(h.Dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	h.Engine = h.Open()
	looks := copiedLooks[1:] // the data folder itself is on one
	app := lookAround(onBusybox(t, h), looks)
	got := h.Run(enginetest.Pod(app))
	answered(t, got, looks)
	if w := warnings(got); len(w) != 1 || !strings.HasPrefix(w[0], `app "app": its image is copied at each start, since it can't be stacked on here: overlay on `) {
		t.Errorf("warned %q", w)
	}
}

// A supervisor that dies while it takes a copy away leaves none that cp and export
// would take for what the app has changed, and stack on its image.
func TestCopyThatIsBeingTakenAwayIsNoRoot(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	h := &crashHost{Host: enginetest.NewHost(t), t: t, image: enginetest.BuildImage(t, "busybox")}
	h.Fetched(h.image)
	h.die("supervisor", 1, "copy put aside", "run copied")
	h.looksTrue(poddir.Exited)
	pod, err := h.Pod(crashName)
	if err != nil {
		t.Fatal(err)
	}
	to := t.TempDir() + "/passwd"
	want := `app "app" has no root: its supervisor was killed while it made a clean one; restart the pod, and it has one again`
	if _, err := out(h.Host, pod.UUID, "/etc/passwd", to, false); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("copied out: %v", err)
	}
	h.must("restart")
	if left, err := out(h.Host, crashName, "/etc/passwd", to, false); err != nil || len(left) > 0 {
		t.Errorf("copied out once it has run again: %v %q", err, left)
	}
	h.collects()
}

func TestPodThatWasNeverStartedHasNoRoot(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	for _, copied := range []bool{false, true} {
		pod := enginetest.Pod(enginetest.Shell(t, "true"))
		pod.NoOverlay = copied
		uuid, err := h.Prepare(t.Context(), pod, skipVerify(), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = out(h, uuid, "/etc/passwd", t.TempDir(), false)
		if err == nil || !strings.HasSuffix(err.Error(), `app "busybox" was never started, and has no root`) {
			t.Errorf("copied %v: %v", copied, err)
		}
	}
}
