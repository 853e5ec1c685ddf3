package engine_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

func TestExitStatusIsTheApps(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]int{
		"exit 0": 0, "exit 1": 1, "exit 20": 20, "exit 255": 255, "kill -9 $$": 137, "kill -TERM $$": 143,
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			if got := h.Run(enginetest.Pod(enginetest.Shell(t, script))); got.Err != nil || got.Exit != want {
				t.Errorf("exit %d (%v), want %d", got.Exit, got.Err, want)
			}
		})
	}
}

func TestFirstAppThatFailsGivesTheStatusAndEndsTheOthers(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	got := h.Run(enginetest.Pod(
		enginetest.Shell(t, "exec sleep 1000"),
		enginetest.Shell(t, "exit 7"),
	))
	if got.Err != nil || got.Exit != 7 {
		t.Errorf("exit %d (%v), want 7", got.Exit, got.Err)
	}
}

func TestPodEndsWithItsLastApp(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	got := h.Run(enginetest.Pod(
		enginetest.Shell(t, "exit 0"),
		enginetest.Shell(t, "sleep 0.2; echo last"),
	))
	if got.Err != nil || got.Exit != 0 || got.Stdout != "last\n" {
		t.Errorf("exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
	}
}

func TestDaemonsOfAnAppEndWithIt(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	got := h.Run(enginetest.Pod(enginetest.Shell(t, "sleep 1000 & (setsid sleep 1000 &) ; echo started")))
	if got.Err != nil || got.Exit != 0 || got.Stdout != "started\n" {
		t.Errorf("exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
	}
}

func TestAppsShareNamespacesButNotRoots(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	volume := spec.Volume{Name: "meet", Kind: spec.EmptyVolume}
	script := `
for ns in pid ipc uts net; do readlink /proc/self/ns/$ns; done > /meet/.new-$AC_APP_NAME
mv /meet/.new-$AC_APP_NAME /meet/$AC_APP_NAME
touch /only-$AC_APP_NAME
until [ -s /meet/a ] && [ -s /meet/b ]; do sleep 0.01; done
cmp /meet/a /meet/b && ls -d /only-* && hostname && test -n "$(ls /proc/1/root/ 2>&1)" && echo "init: $(cat /proc/1/comm)"`
	pod := enginetest.Pod(enginetest.Shell(t, script), enginetest.Shell(t, script))
	pod.Volumes = []spec.Volume{volume}
	pod.Mounts = []spec.Mount{{Volume: "meet", Path: "/meet"}}
	got := h.Run(pod)
	if got.Err != nil || got.Exit != 0 {
		t.Fatalf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
	for _, want := range []string{"/only-a\n", "/only-b\n", "podtui-" + got.UUID[:8], "init: podtui-init"} {
		if !strings.Contains(got.Stdout, want) {
			t.Errorf("no %q in %q", want, got.Stdout)
		}
	}
}

func TestEachRunHasACleanRoot(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := enginetest.Pod(enginetest.Shell(t, "test ! -e /mark && touch /mark && rm /bin/ls"))
	for range 2 {
		if got := h.Run(pod); got.Exit != 0 {
			t.Errorf("exit %d: %s", got.Exit, got.Stderr)
		}
	}
}

func TestAppSeesWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*spec.Pod)
		script string
		want   string
	}{
		"arguments byte for byte": {
			func(p *spec.Pod) { p.Apps[0].Args = append(p.Apps[0].Args, "", "a b", "ü\n", "--") },
			`for a in "$@"; do printf '<%s>' "$a"; done`, "<><a b><ü\n><-->",
		},
		"user and group by name": {
			func(p *spec.Pod) { p.Apps[0].User, p.Apps[0].Group = "worker", "staff" },
			"id -u; id -g", "1000\n50\n",
		},
		"user and group of a file": {
			func(p *spec.Pod) { p.Apps[0].User, p.Apps[0].Group = "/home/worker", "/home/worker" },
			"id -u; id -g", "1000\n1000\n",
		},
		"user that the image doesn't know": {
			func(p *spec.Pod) { p.Apps[0].User = "4711" }, "id -u", "4711\n",
		},
		"standard output can be reopened by a user": {
			func(p *spec.Pod) { p.Apps[0].User = "worker" }, "echo again > /dev/stdout", "again\n",
		},
		"working folder": {
			func(p *spec.Pod) { p.Apps[0].WorkingDir = "/home/worker" }, "pwd", "/home/worker\n",
		},
		"nothing on standard input": {func(*spec.Pod) {}, "cat; echo end", "end\n"},
		"environment": {
			func(p *spec.Pod) {
				p.InheritEnv, p.RegisterMDS = true, new(bool)
				p.Env = []spec.Var{{Name: "EXAMPLE_OVERRIDE", Value: "over"}}
			},
			`echo "$EXAMPLE_ENV $EXAMPLE_OVERRIDE $container ${AC_METADATA_URL-unset}"`, "parent over podtui unset\n",
		},
		"no capability beyond the fourteen": {
			func(*spec.Pod) {}, "grep -E 'Cap(Prm|Eff|Bnd)' /proc/self/status | cut -f2 | uniq", "00000000a80425fb\n",
		},
		"no descriptor but the three": {func(*spec.Pod) {}, "ls /proc/self/fd | tr '\\n' ' '; ls /proc/1/fd", "0 1 2 3 3\n"},
		"a seccomp filter":            {func(*spec.Pod) {}, "grep Seccomp: /proc/self/status", "Seccomp:\t2\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			pod := enginetest.Pod(enginetest.Shell(t, c.script))
			c.change(&pod)
			got := h.Run(pod)
			if got.Err != nil || got.Exit != 0 || got.Stdout != c.want {
				t.Errorf("exit %d (%v), printed %q, want %q; %s", got.Exit, got.Err, got.Stdout, c.want, got.Stderr)
			}
		})
	}
}

func TestPodThatCannotStartLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		app    spec.App
		status int
		says   string
	}{
		"executable not there":         {spec.App{Exec: "/bin/nope"}, 127, `app "busybox": exec /bin/nope: no such file or directory`},
		"executable not in PATH":       {spec.App{Exec: "nope"}, 127, `app "busybox": exec nope: no such file or directory`},
		"executable without mode x":    {spec.App{Exec: "/etc/passwd"}, 126, "permission denied"},
		"executable is a folder":       {spec.App{Exec: "/bin"}, 126, "is a directory"},
		"unknown user":                 {spec.App{Exec: "/bin/true", User: "stranger"}, 125, `user "stranger": there is none of that name in the image's /etc/passwd, which has root, daemon, worker, nobody; write one of them, or a number`},
		"unknown group":                {spec.App{Exec: "/bin/true", Group: "strangers"}, 125, `group "strangers": there is none of that name in the image's /etc/group`},
		"image that isn't there":       {spec.App{Image: "./nothing.aci"}, 125, "image ./nothing.aci: no such file or directory"},
		"image that must be fetched":   {spec.App{Image: "example.com/app"}, 125, "image example.com/app: not in the store, and --pull-policy=never"},
		"image of a registry":          {spec.App{Image: "docker://busybox"}, 125, "--pull-policy=never lets nobody else be asked"},
		"working folder not there":     {spec.App{Exec: "/bin/true", WorkingDir: "/srv/none"}, 125, `working folder /srv/none is neither in the image nor in a volume`},
		"wrong by form":                {spec.App{Exec: "/bin/true", WorkingDir: "relative"}, 2, "relative is not an absolute path"},
		"image that is not an archive": {spec.App{Image: "/etc/passwd"}, 125, "image /etc/passwd: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			if c.app.Image == "" {
				c.app.Image = enginetest.BuildImage(t, "busybox")
			}
			pod := enginetest.Pod(c.app)
			pod.Pull = spec.PullNever // tests ask nobody on the internet
			got := h.Run(pod)
			if got.Err == nil || got.Exit != c.status || !strings.Contains(got.Err.Error(), c.says) {
				t.Errorf("status %d, error %v; want %d and %q", got.Exit, got.Err, c.status, c.says)
			}
			if strings.Contains(got.Err.Error(), "\n") {
				t.Errorf("more than one line: %q", got.Err)
			}
			last := got.Events[len(got.Events)-1]
			if last.Type != event.Error || *last.Status != c.status {
				t.Errorf("the last event is %+v", last)
			}
			if pods, _ := filepath.Glob(filepath.Join(h.Dir, "pods", "*")); len(pods) > 0 {
				t.Errorf("left %v", pods)
			}
		})
	}
}

func TestExecImagesThatCannotRun(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]int{
		"exec-missing": 127, "exec-not-executable": 126, "exec-wrong-format": 126, "exec-no-interpreter": 126,
	} {
		t.Run(image, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			if got := h.Run(enginetest.Pod(spec.App{Image: enginetest.BuildImage(t, image)})); got.Exit != want || got.Err == nil {
				t.Errorf("status %d (%v), want %d", got.Exit, got.Err, want)
			}
		})
	}
}

func TestUnverifiedImageIsNotRead(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	_, err := h.Engine.Run(t.Context(), enginetest.Pod(enginetest.Shell(t, "true")), engineOptions(), nil)
	if err == nil || !strings.Contains(err.Error(), ": no signature: there is no ") {
		t.Errorf("error %v", err)
	}
	if images, _ := h.Images(); len(images) > 0 {
		t.Errorf("imported %v", images)
	}
}

func TestStoredImageRunsByHashAndName(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	image := h.Fetched(enginetest.BuildImage(t, "busybox"))
	for _, reference := range []string{image.ID, image.ID[:20], "busybox.net/busybox", "busybox.net/busybox:1.35.0"} {
		got := h.Run(enginetest.Pod(spec.App{Image: reference, Exec: "/bin/echo", Args: []string{"here"}}))
		if got.Err != nil || got.Stdout != "here\n" {
			t.Errorf("%s: exit %d (%v), printed %q", reference, got.Exit, got.Err, got.Stdout)
		}
		for _, e := range got.Events {
			if e.Type == event.ImageFetch || e.Type == event.ImageUnpack {
				t.Errorf("%s: there was nothing to do, but %+v", reference, e)
			}
		}
	}
}

func TestEventsInOrder(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	got := h.Run(enginetest.Pod(enginetest.Shell(t, "exit 3")))
	var story []string
	for _, e := range got.Events {
		if !e.Progress() {
			story = append(story, string(e.Type)+" "+string(e.State))
		}
	}
	want := `image.search started, image.search done, image.verify skipped, image.fetch started, image.unpack started, ` +
		`image.fetch done, image.unpack done, pod.prepare done, app.start done, app.exit done, pod.exit done`
	if got := strings.Join(story, ", "); got != want {
		t.Errorf("events\n%s\nwant\n%s", got, want)
	}
	data, err := os.ReadFile(filepath.Join(h.Dir, "pods", got.UUID, "events"))
	if err != nil || strings.Count(string(data), "\n") != len(story) {
		t.Errorf("the pod's folder has another story (%v):\n%s", err, data)
	}
}

// A front end that was started with a pipe open hands it to nobody. Not in
// parallel: other tests' processes would inherit it as well.
func TestInheritedDescriptorIsNotHandedOn(t *testing.T) {
	h := enginetest.NewHost(t)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := unix.FcntlInt(writer.Fd(), unix.F_SETFD, 0); err != nil { // as a shell leaves it
		t.Fatal(err)
	}
	pod := h.Start(enginetest.Pod(spec.App{Image: enginetest.BuildImage(t, "sleeper")}))
	pod.WaitFor(t, "ready")
	writer.Close()
	reader.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := reader.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the pod holds the pipe: %v", err)
	}
	pod.Stop(true)
	pod.Wait()
}
