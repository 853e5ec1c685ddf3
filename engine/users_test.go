package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/enginetest/registrytest"
	"github.com/podtui/podtui/engine/spec"
)

func TestWhoAnAppRunsAs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*spec.App)
		want   string // user, group, groups
	}{
		"nobody said anything": {func(*spec.App) {}, "0 0 0"},
		"numbers":              {func(a *spec.App) { a.User, a.Group = "12", "34" }, "12 34 34"},
		"names":                {func(a *spec.App) { a.User, a.Group = "worker", "staff" }, "1000 50 50"},
		"the owner of a file":  {func(a *spec.App) { a.User, a.Group = "/home/worker", "/etc" }, "1000 0 0"},
		"further groups": {func(a *spec.App) {
			a.User, a.Group, a.SupplementaryGIDs = "worker", "worker", []int{50, 4242}
		}, "1000 1000 1000 50 4242"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			app := enginetest.Shell(t, "echo $(id -u) $(id -g) $(id -G)")
			c.change(&app)
			if got := h.Run(enginetest.Pod(app)); got.Err != nil || got.Stdout != c.want+"\n" {
				t.Errorf("exit %d (%v), printed %q, want %q", got.Exit, got.Err, got.Stdout, c.want)
			}
		})
	}
}

// A user who is not root can't execute what he may not, whatever its start could.
func TestUserExecutesAsHimself(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "program"), []byte("#!/bin/sh\necho ran"), 0o700); err != nil {
		t.Fatal(err)
	}
	pod := enginetest.Pod(spec.App{Image: enginetest.BuildImage(t, "busybox"), Exec: "/host/program", Mounts: []spec.Mount{{Volume: "host", Path: "/host"}}})
	pod.Volumes = []spec.Volume{{Name: "host", Kind: spec.HostVolume, Source: dir}}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if got := h.Run(pod); got.Err != nil || got.Stdout != "ran\n" {
		t.Errorf("as root: exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
	}
	pod.Apps[0].User, pod.Apps[0].Group = "worker", "worker"
	if got := h.Run(pod); got.Exit != 126 || got.Err == nil || !strings.HasSuffix(got.Err.Error(), "exec /host/program: permission denied") {
		t.Errorf("as another: exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
	}
}

func TestWorkingFolder(t *testing.T) {
	t.Parallel()
	host := t.TempDir()
	for _, link := range [][2]string{{"/proc/1/root/tmp", "init"}, {"../../../../../../../..", "up"}, {"none", "dangling"}} {
		if err := os.Symlink(link[0], filepath.Join(host, link[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(host, "deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	const absent, circle = " is neither in the image nor in a volume; name one that is with --working-dir", " leads in a circle, or through a link of /proc; name another with --working-dir"
	for folder, want := range map[string]string{
		"/home/worker":      "",
		"/host/deep":        "",
		"/host/up":          "",
		"/etc/passwd":       " is not a folder; name one with --working-dir",
		"/srv/none":         absent,
		"/host/none":        absent,
		"/host/dangling":    absent,
		"/proc/self/cwd":    circle,
		"/proc/1/root/tmp":  ": permission denied",
		"/host/init":        ": permission denied",
		"/proc/self/fd/5/x": absent,
	} {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			app := spec.App{Image: enginetest.BuildImage(t, "busybox"), Exec: "/bin/ls", Args: []string{"-1d", "."}, WorkingDir: folder}
			pod := enginetest.Pod(app)
			pod.Volumes = []spec.Volume{{Name: "host", Kind: spec.HostVolume, Source: host}}
			pod.Mounts = []spec.Mount{{Volume: "host", Path: "/host"}}
			got := h.Run(pod)
			if want == "" {
				if got.Err != nil || got.Stdout != ".\n" {
					t.Errorf("exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
				}
				return
			}
			if got.Exit != 125 || got.Err == nil || got.Err.Error() != `app "busybox": working folder `+folder+want {
				t.Errorf("exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
			}
		})
	}
	if made, err := os.ReadDir(host); err != nil || len(made) != 4 {
		t.Errorf("made on the host: %v (%v)", made, err)
	}
}

// Images of registries expect that their working folder is made, but nothing is made
// in a volume.
func TestWorkingFolderOfARegistrysImage(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	host := t.TempDir()
	app := spec.App{Image: registrytest.BusyboxLayout(t), Name: "app", Exec: "/bin/sh", Args: []string{"-c", "pwd; stat -c '%a %u' ."}, User: "0", Group: "0", WorkingDir: "/new/folder"}
	pod := enginetest.Pod(app)
	pod.Volumes = []spec.Volume{{Name: "host", Kind: spec.HostVolume, Source: host}}
	pod.Mounts = []spec.Mount{{Volume: "host", Path: "/host"}}
	if got := h.Run(pod); got.Err != nil || got.Stdout != "/new/folder\n755 0\n" {
		t.Errorf("exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
	}
	pod.Apps[0].WorkingDir = "/host/new"
	if got := h.Run(pod); got.Exit != 125 || got.Err == nil || !strings.Contains(got.Err.Error(), "working folder /host/new is neither") {
		t.Errorf("exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
	}
	if made, err := os.ReadDir(host); err != nil || len(made) > 0 {
		t.Errorf("made on the host: %v (%v)", made, err)
	}
}

// Every byte but zero reaches an app, and what enters it.
func TestBytesReachTheAppAsTheyAre(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	every := make([]byte, 0, 255)
	for c := 1; c <= 255; c++ {
		every = append(every, byte(c))
	}
	args := []string{string(every), "\xff", "\xed\xa0\x80", "�", strings.Repeat("\xfe", 100_000), "", "\U0010FFFF"}
	const script = `for a in "$@"; do printf '%s\0' "$a"; done; printf '%s\0' "$BYTES"; pwd`
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "f\xfflder"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "f\xfflder", "pr\xffgram"), []byte("#!/bin/sh\n"+script+"\necho ready; exec sleep 999"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	app := spec.App{
		Image: enginetest.BuildImage(t, "busybox"), Exec: "pr\xffgram", Args: args, WorkingDir: "/host/f\xfflder",
		Env: []spec.Var{{Name: "BYTES", Value: string(every)}, {Name: "PATH", Value: "/none:/host/f\xfflder:/bin"}, {Name: "HOME", Value: ""}},
	}
	pod := enginetest.Pod(app)
	pod.Volumes = []spec.Volume{{Name: "host", Kind: spec.HostVolume, Source: dir}}
	pod.Mounts = []spec.Mount{{Volume: "host", Path: "/host"}}
	started := h.Start(pod)
	started.WaitFor(t, "ready\n")
	want := strings.Join(args, "\x00") + "\x00" + string(every) + "\x00/host/f\xfflder\n"
	if got := started.Output(); got != want+"ready\n" {
		t.Errorf("%d bytes, want %d: %.400q", len(got), len(want), got)
	}
	said, status, err := enter(t, h, started.UUID, engine.EnterOptions{Argv: append([]string{"sh", "-c", script, "sh"}, args...)})
	if err != nil || status != 0 || said != want {
		t.Errorf("entered: %d (%v), %d bytes, want %d: %.400q", status, err, len(said), len(want), said)
	}
	started.Stop(true)
	started.Wait()
}

func TestExecutableIsSoughtAsAShellDoes(t *testing.T) {
	t.Parallel()
	host := t.TempDir()
	for name, mode := range map[string]os.FileMode{"first/plain": 0o644, "second/plain": 0o755, "first/folder/x": 0o755, "second/folder": 0o755, "here": 0o755, "alone/unable": 0o644} {
		path := filepath.Join(host, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\necho $0\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(host, 0o755); err != nil {
		t.Fatal(err)
	}
	const path = "/none:/host/first:/host/second:/host/alone"
	for name, c := range map[string]struct {
		exec, path string
		exit       int
		says       string
	}{
		"one that can't be executed comes before":  {"plain", path, 0, "/host/second/plain\n"},
		"a folder comes before":                    {"folder", path, 0, "/host/second/folder\n"},
		"an empty part is the working folder":      {"here", path + "::/bin", 0, "here\n"},
		"a dot is the working folder":              {"here", ".", 0, "./here\n"},
		"no PATH at all is the working folder":     {"here", "", 0, "here\n"},
		"with a slash, from the working folder":    {"./here", path, 0, "./here\n"},
		"with a slash, PATH is not asked":          {"first/plain", "/host", 126, "exec first/plain: permission denied"},
		"only one that can't be executed is there": {"unable", path, 126, "exec unable: permission denied"},
		"none is there":                            {"nope", path, 127, "exec nope: no such file or directory"},
		"below a file":                             {"/etc/passwd/x", path, 127, "exec /etc/passwd/x: not a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			app := spec.App{Image: enginetest.BuildImage(t, "busybox"), Exec: c.exec, WorkingDir: "/host", Env: []spec.Var{{Name: "PATH", Value: c.path}}}
			pod := enginetest.Pod(app)
			pod.Volumes = []spec.Volume{{Name: "host", Kind: spec.HostVolume, Source: host}}
			pod.Mounts = []spec.Mount{{Volume: "host", Path: "/host"}}
			got := h.Run(pod)
			said := got.Stdout
			if got.Err != nil {
				said = got.Err.Error()
			}
			if got.Exit != c.exit || !strings.HasSuffix(said, c.says) {
				t.Errorf("exit %d: %q", got.Exit, said)
			}
		})
	}
}

// An app has the three descriptors that it was given: of its start, which has had
// sockets, pipes and folders of the host, nothing is left, not even for a moment.
func TestDescriptorsOfAppsHandlersAndEntered(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	const list = "ls -l /proc/self/fd 2>/dev/null | sed -n 's/.* \\([0-9]*\\) -> \\([a-z/]*\\).*/\\1 \\2/p' | sort | tr '\\n' ' '; echo"
	own := "0 /dev/null 1 pipe 2 /dev/null \n" // of ls, which has the folder open as well
	pod := h.Start(enginetest.Pod(handling(t, list, list+"; echo ready; exec sleep 999", list)))
	pod.WaitFor(t, "ready\n")
	said, _, err := enter(t, h, pod.UUID, engine.EnterOptions{Argv: []string{"sh", "-c", list}})
	if err != nil || said != own {
		t.Errorf("entered: %q (%v), want %q", said, err, own)
	}
	pod.Stop(false)
	got := pod.Wait()
	if want := "pre-start\n" + own + own + "ready\npost-stop\n" + own; got.Stdout != want {
		t.Errorf("%q, want %q", got.Stdout, want)
	}
}
