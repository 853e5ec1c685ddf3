package engine_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// handling is an app whose image has event handlers that do what scripts say, after
// they have said who they are. main is the app's own script.
func handling(t *testing.T, preStart, main, postStop string) spec.App {
	t.Helper()
	return spec.App{
		Image: enginetest.BuildImage(t, "handlers"), Exec: "/bin/sh", Args: []string{"-c", main},
		Env: []spec.Var{{Name: "PRE_START", Value: preStart}, {Name: "POST_STOP", Value: postStop}},
	}
}

func TestHandlersRunBeforeAndAfterTheirApp(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	got := h.Run(enginetest.Pod(handling(t, "", "echo main", "echo said >&2")))
	if got.Err != nil || got.Exit != 0 || got.Stdout != "pre-start\nmain\npost-stop\n" || got.Stderr != "said\n" {
		t.Errorf("exit %d (%v), printed %q and %q", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
	want := "handlers app.start started made; not executed yet, handlers app.start done, handlers app.exit done"
	if story := strings.Join(told(got.Events), ", "); story != want {
		t.Errorf("events: %s", story)
	}
	if logged := logText(t, h, got.UUID); strings.ReplaceAll(logged, "said\n", "") != got.Stdout || len(logged) != len(got.Stdout+got.Stderr) {
		t.Errorf("logged %q", logged)
	}
}

// handlerSees prints all that a handler and its app must have in common.
const handlerSees = `grep -E '^(Uid|Gid|Groups|Cap|Seccomp|NoNewPrivs|Umask|SigIgn|SigBlk)' /proc/self/status
cat /proc/self/limits /proc/self/oom_score_adj; pwd; ls /proc/self/fd
env | grep -v -e ^PRE_START -e ^POST_STOP -e ^SHLVL -e ^_ | sort; cut -d' ' -f2 /proc/self/mounts
for n in ipc net pid user uts; do readlink /proc/self/ns/$n; done; readlink /proc/self/fd/0; cat; cat /kept/*; echo line >>/kept/lines`

func TestHandlerIsAsItsApp(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	app := handling(t, handlerSees, "echo main; "+handlerSees, handlerSees)
	app.User, app.Group, app.WorkingDir, app.Memory = "worker", "staff", "/home/worker", "64M"
	app.Env = append(app.Env, spec.Var{Name: "BYTES", Value: "\xff\xfe"})
	app.Mounts = []spec.Mount{{Volume: "kept", Path: "/kept"}}
	pod := enginetest.Pod(app)
	pod.Volumes = []spec.Volume{{Name: "kept", Kind: spec.EmptyVolume, Mode: "0777"}}
	got := h.Run(pod)
	if got.Err != nil || got.Exit != 0 {
		t.Fatalf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
	first, rest, _ := strings.Cut(got.Stdout, "main\n")
	_, before, _ := strings.Cut(first, "pre-start\n")
	during, after, _ := strings.Cut(rest, "post-stop\n")
	for _, each := range []*string{&before, &during, &after} {
		*each = strings.ReplaceAll(*each, "line\n", "") // each found what those before it had kept
	}
	if before != during || during != after || !strings.Contains(during, "Uid:\t1000\t") || !strings.Contains(during, "BYTES=\xff\xfe\n") {
		t.Errorf("before:\n%s\nduring:\n%s\nafter:\n%s", before, during, after)
	}
	if n := strings.Count(got.Stdout, "line\n"); n != 1+2 {
		t.Errorf("they share no volume: %d lines", n)
	}
}

func TestPodDoesNotStartWhosePreStartFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ script, says string }{
		"with a status":   {"exit 3", `app "b": pre-start handler: status 3`},
		"by a signal":     {"kill -9 $$", `app "b": pre-start handler: killed by signal 9 (SIGKILL)`},
		"of another user": {"kill -9 1; touch /root/mark && exit 4", `app "b": pre-start handler: status 1`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			app := handling(t, c.script, "echo ran", "")
			app.User, app.Group = "worker", "worker"
			got := h.Run(enginetest.Pod(enginetest.Shell(t, "echo ran"), app))
			if got.Err == nil || got.Err.Error() != c.says || got.Exit != 125 || strings.Contains(got.Stdout, "ran") || strings.Contains(got.Stdout, "post-stop") {
				t.Errorf("exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
			}
			if pods, _ := filepath.Glob(filepath.Join(h.Dir, "pods", "*")); len(pods) > 0 {
				t.Errorf("left %v", pods)
			}
		})
	}
}

func TestHandlerThatCannotBeExecuted(t *testing.T) {
	t.Parallel()
	for kind, c := range map[string]struct {
		exit int
		says string
	}{
		"pre-start": {125, `app "handlers": pre-start handler: exec /bin/none: no such file or directory`},
		"post-stop": {0, `app "handlers": post-stop handler: exec /bin/none: no such file or directory`},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			got := h.Run(enginetest.Pod(spec.App{Image: imageWithHandler(t, kind, "/bin/none")}))
			said := warnedOf(got.Events)
			if got.Err != nil {
				said = append(said, got.Err.Error())
			}
			if got.Exit != c.exit || len(said) != 1 || said[0] != c.says {
				t.Errorf("exit %d, said %q", got.Exit, said)
			}
		})
	}
}

// imageWithHandler is the image of the handlers with another one.
func imageWithHandler(t *testing.T, kind string, argv ...string) string {
	t.Helper()
	r, err := enginetest.Recipe("handlers")
	if err != nil {
		t.Fatal(err)
	}
	var manifest map[string]any
	if err := json.Unmarshal(r.Manifest, &manifest); err != nil {
		t.Fatal(err)
	}
	manifest["app"].(map[string]any)["eventHandlers"] = []any{map[string]any{"name": kind, "exec": argv}}
	if r.Manifest, err = json.Marshal(manifest); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "handlers.aci")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := enginetest.BuildACI(file, r); err != nil {
		t.Fatal(err)
	}
	return path
}

// warnedOf is what events warn of.
func warnedOf(events []event.Event) (said []string) {
	for _, e := range events {
		if e.Type == event.Warning {
			said = append(said, e.Message)
		}
	}
	return said
}

// What goes wrong with a handler is told in its app's name, which is the only one that
// anybody knows.
func TestHandlerThatCannotBeMade(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	app := handling(t, "", "rm -r /home/worker", "")
	app.WorkingDir = "/home/worker"
	got := h.Run(enginetest.Pod(app))
	want := `app "handlers": post-stop handler: working folder /home/worker is neither in the image nor in a volume; name one that is with --working-dir`
	if said := warnedOf(got.Events); got.Err != nil || got.Exit != 0 || len(said) != 1 || said[0] != want {
		t.Errorf("exit %d (%v), warned of %q", got.Exit, got.Err, said)
	}
}

func TestPostStopThatFailsIsAWarning(t *testing.T) {
	t.Parallel()
	for _, exit := range []int{0, 5} {
		h := enginetest.NewHost(t)
		got := h.Run(enginetest.Pod(handling(t, "", "exit "+string(rune('0'+exit)), "exit 3")))
		want := `app "handlers": post-stop handler: status 3`
		if said := warnedOf(got.Events); got.Err != nil || got.Exit != exit || len(said) != 1 || said[0] != want {
			t.Errorf("exit %d (%v), warned of %q", got.Exit, got.Err, said)
		}
	}
}

func TestHandlersRunAtEachStart(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	// The root of the second start is clean; its pre-start fails, which is a failed run.
	app := handling(t, "[ ! -e /mark ] || echo dirty; echo >>/kept/runs; [ $(wc -l </kept/runs) != 2 ]", "touch /mark; echo main; exit 4", "ls /mark")
	app.Restart, app.Mounts = "on-failure:2", []spec.Mount{{Volume: "kept", Path: "/kept"}}
	pod := enginetest.Pod(app)
	pod.Volumes = []spec.Volume{{Name: "kept", Kind: spec.EmptyVolume}}
	got := h.Run(pod)
	run := "pre-start\nmain\npost-stop\n/mark\n"
	if got.Err != nil || got.Exit != 4 || got.Stdout != run+"pre-start\n"+run {
		t.Errorf("exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
	}
	want := "handlers app.start started made; not executed yet, handlers app.start done, " +
		"handlers app.exit started status 4; started again in 100ms, " +
		"handlers app.exit started pre-start handler: status 1; started again in 200ms, " +
		"handlers app.start done, handlers app.exit done status 4"
	if story := strings.Join(told(got.Events), ", "); story != want {
		t.Errorf("events: %s", story)
	}
}

func TestFailureStopsTheOthersBesideItsPostStop(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	other := enginetest.Shell(t, "trap 'echo >/meet/ended; exit 0' TERM; echo >/meet/ready; while :; do sleep 0.01; done")
	pod := enginetest.Pod(handling(t, "", "until [ -e /meet/ready ]; do sleep 0.01; done; exit 6", "until [ -e /meet/ended ]; do sleep 0.01; done; echo met"), other)
	pod.Volumes = []spec.Volume{{Name: "meet", Kind: spec.EmptyVolume}}
	pod.Mounts = []spec.Mount{{Volume: "meet", Path: "/meet"}}
	if got := h.Run(pod); got.Err != nil || got.Exit != 6 || !strings.Contains(got.Stdout, "met\n") {
		t.Errorf("exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
	}
}

// An order that comes while a handler runs ends it: by the stop signal, or by
// SIGKILL after the stop timeout.
func TestStopDuringAHandler(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	const obedient, stubborn = "echo waiting; exec sleep 1000", "trap '' TERM; echo waiting; while :; do sleep 1; done"
	for name, c := range map[string]struct {
		preStart, postStop string
		force              bool
		exit               int
		err, warning       string
	}{
		"pre-start":                   {obedient, "", false, 143, "stopped before it ran", ""},
		"pre-start that hangs":        {stubborn, "", false, 143, "stopped before it ran", ""},
		"pre-start, by force":         {obedient, "", true, 137, "it was killed before its apps ran", ""},
		"post-stop":                   {"", obedient, false, 0, "", `app "handlers": post-stop handler: killed by signal 15 (SIGTERM)`},
		"post-stop that hangs":        {"", stubborn, false, 0, "", `app "handlers": post-stop handler: killed by signal 9 (SIGKILL)`},
		"post-stop, by force":         {"", obedient, true, 0, "", ""},
		"pre-start that has children": {"sleep 1000 & echo waiting; wait", "", false, 143, "stopped before it ran", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			app := handling(t, c.preStart, "echo main", c.postStop)
			app.StopTimeout = "1m"
			if strings.HasSuffix(name, "that hangs") {
				app.StopTimeout = "300ms"
			}
			ended := make(chan enginetest.Result, 1)
			go func() { ended <- h.Run(enginetest.Pod(app)) }()
			pod := awaitLog(t, h, "waiting\n")
			if err := h.StopPod(t.Context(), pod, engine.StopOptions{Force: c.force}); err != nil {
				t.Error(err)
			}
			got := <-ended
			message := ""
			if got.Err != nil {
				message = got.Err.Error()
			}
			if got.Exit != c.exit || message != c.err || strings.Join(warnedOf(got.Events), "") != c.warning {
				t.Errorf("exit %d (%v), warned of %q, printed %q", got.Exit, got.Err, warnedOf(got.Events), got.Stdout)
			}
		})
	}
}

// awaitLog waits until the only pod of a host has logged something, and returns its
// UUID.
func awaitLog(t *testing.T, h *enginetest.Host, text string) (uuid string) {
	t.Helper()
	enginetest.Eventually(t, "the log", func() bool {
		pods, err := h.Pods()
		if err != nil || len(pods) != 1 || pods[0].State != poddir.Running {
			return false
		}
		uuid = pods[0].UUID
		return strings.Contains(logText(t, h, uuid), text)
	})
	return uuid
}

// A handler that comes after the order to stop has its time, and no more.
func TestPostStopAfterAnOrder(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	for script, c := range map[string]struct{ timeout, want string }{
		"sleep 0.1; echo done":      {"1m", ""},
		"while :; do sleep 1; done": {"1s", `app "handlers": post-stop handler: killed by signal 9 (SIGKILL)`},
	} {
		h := enginetest.NewHost(t)
		app := handling(t, "", "trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done", script)
		app.StopTimeout = c.timeout
		pod := h.Start(enginetest.Pod(app))
		pod.WaitFor(t, "ready")
		pod.Stop(false)
		got := pod.Wait()
		if said := strings.Join(warnedOf(got.Events), ""); got.Err != nil || got.Exit != 0 || said != c.want || (c.want == "") != strings.HasSuffix(got.Stdout, "done\n") {
			t.Errorf("exit %d (%v), warned of %q, printed %q", got.Exit, got.Err, said, got.Stdout)
		}
	}
}

func TestSupervisorDiesDuringAHandler(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	h := &crashHost{Host: enginetest.NewHost(t), t: t, image: enginetest.BuildImage(t, "handlers")}
	h.Fetched(h.image)
	for _, c := range crashes {
		if c.doing != "handlers" {
			continue
		}
		h.die(c.who, c.nth, c.point, "run")
		h.looksTrue(c.left)
		h.collects()
	}
	h.must("run")
	h.collects()
}

func TestHandlerOfATerminalsApp(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := enginetest.Pod(handling(t, "", "tty", ""))
	pod.Interactive = true
	got := h.Run(pod)
	if want := "pre-start\r\n/dev/pts/0\r\npost-stop\r\n"; got.Err != nil || got.Stdout != want {
		t.Errorf("exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
	}
}
