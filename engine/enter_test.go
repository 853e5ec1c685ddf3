package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// enterRole is this test binary as a process that enters, for a test that kills
// it.
const enterRole = "PODTUI_TEST_ENTER"

func init() {
	dir := os.Getenv(enterRole)
	if dir == "" {
		return
	}
	e, err := engine.Open(engine.Options{Dir: dir})
	if err != nil {
		panic(err)
	}
	status, err := e.Enter(context.Background(), os.Args[1], engine.EnterOptions{Argv: os.Args[2:], Stdout: os.Stdout, Stderr: os.Stderr})
	fmt.Println(status, err)
	os.Exit(1)
}

// startApp starts a pod, and waits until it has printed "ready". It is stopped
// when the test ends.
func startApp(t *testing.T, h *enginetest.Host, apps ...spec.App) *enginetest.Started {
	t.Helper()
	pod := h.Start(enginetest.Pod(apps...))
	pod.WaitFor(t, "ready")
	t.Cleanup(func() {
		if err := h.StopPod(context.Background(), pod.UUID, engine.StopOptions{Force: true}); err != nil {
			t.Error(err)
		}
		pod.Wait()
	})
	return pod
}

// enter runs a program in a pod, and returns what it has written.
func enter(t *testing.T, h *enginetest.Host, pod string, o engine.EnterOptions) (string, int, error) {
	t.Helper()
	ours, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	o.Stdout, o.Stderr = theirs, theirs
	said := make(chan string)
	go func() {
		text, _ := io.ReadAll(ours)
		said <- string(text)
	}()
	status, err := h.Enter(t.Context(), pod, o)
	theirs.Close()
	text := <-said
	ours.Close()
	return text, status, err
}

// surroundings prints what an app and a program that enters it must have in
// common.
const surroundings = `grep -E '^(Uid|Gid|Groups|Cap|Seccomp|NoNewPrivs|Umask)' /proc/self/status
cat /proc/self/cgroup /proc/self/limits /proc/self/oom_score_adj
for n in cgroup ipc mnt net pid user uts; do readlink /proc/self/ns/$n; done
ls -l /proc/self/fd 2>/dev/null | grep -c :; pwd; echo $HOME $FOO; (busybox unshare -U true; busybox mount -t tmpfs none /tmp) 2>&1; true
`

func TestProgramThatEntersIsAsTheApp(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	for name, change := range map[string]func(*spec.App){
		"root":         func(*spec.App) {},
		"another user": func(a *spec.App) { a.User, a.Group, a.WorkingDir = "1234", "567", "/bin" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := enginetest.Shell(t, surroundings+"echo ready; exec sleep 999")
			app.Env = []spec.Var{{Name: "FOO", Value: "bar"}}
			change(&app)
			pod := startApp(t, h, app)
			own, _, _ := strings.Cut(pod.Output(), "ready")
			said, status, err := enter(t, h, pod.UUID, engine.EnterOptions{Argv: []string{"sh", "-c", surroundings}})
			if err != nil || status != 0 {
				t.Errorf("%d (%v)", status, err)
			}
			for line := range strings.Lines(said) {
				if !strings.Contains(own, line) {
					t.Errorf("the app has no line %q; it has\n%s", line, own)
				}
			}
			if !strings.Contains(said, "unshare(0x10000000): Operation not permitted") || !strings.Contains(said, "Seccomp:\t2") {
				t.Errorf("it is not confined:\n%s", said)
			}
		})
	}
}

func TestExitStatusOfWhatEnters(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := startApp(t, h, enginetest.Shell(t, "echo text >/tmp/text; mkdir /tmp/x; printf '#!/none' >/tmp/none; chmod 755 /tmp/none; echo ready; exec sleep 999"))
	for name, c := range map[string]struct {
		argv   []string
		status int
	}{
		"its own":                     {[]string{"/bin/sh", "-c", "exit 3"}, 3},
		"a signal":                    {[]string{"sh", "-c", "kill -9 $$"}, 137},
		"not there":                   {[]string{"/bin/none"}, 127},
		"not in PATH":                 {[]string{"none"}, 127},
		"not executable":              {[]string{"/tmp/text"}, 126},
		"a folder":                    {[]string{"/tmp/x"}, 126},
		"an interpreter that is lost": {[]string{"/tmp/none"}, 126},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, status, err := enter(t, h, pod.UUID, engine.EnterOptions{Argv: c.argv})
			if err != nil {
				status = engine.ExitStatus(err)
			}
			if status != c.status {
				t.Errorf("status %d (%v), want %d", status, err, c.status)
			}
		})
	}
}

func TestWhatCanNotBeEntered(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	one := enginetest.Shell(t, "exit 0")
	ended := h.Run(enginetest.Pod(one))
	two := startApp(t, h, enginetest.Shell(t, "echo ready; exec sleep 999"), enginetest.Shell(t, "exec sleep 999"))
	for name, c := range map[string]struct{ pod, app, want string }{
		"a pod that has ended":   {ended.UUID, "", "pod " + ended.UUID + ": it is exited, and only a running pod can be entered"},
		"one of two apps":        {two.UUID, "", "pod " + two.UUID + ": it has 2 apps; choose one: a, b"},
		"an app that is not one": {two.UUID, "c", "pod " + two.UUID + `: it has no app "c"; it has a, b`},
	} {
		_, _, err := enter(t, h, c.pod, engine.EnterOptions{App: c.app})
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestEnteringAnAppThatEndsSaysSo(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := startApp(t, h, enginetest.Shell(t, "echo ready; exec sleep 0.3"))
	var entering sync.WaitGroup
	for range 4 {
		entering.Go(func() {
			var err error
			for err == nil {
				_, err = h.Enter(t.Context(), pod.UUID, engine.EnterOptions{Argv: []string{"busybox", "true"}})
			}
			for _, word := range []string{"it does not run", "has ended with status 0", "it is exited"} {
				if strings.Contains(err.Error(), word) {
					return
				}
			}
			t.Error(err)
		})
	}
	entering.Wait()
}

func TestAppWithoutAShellSaysWhatThereIs(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := startApp(t, h, enginetest.Shell(t, `cd /bin && for f in *; do case $f in busybox|rm|ln|mv|sleep) ;; *) rm $f ;; esac; done
mv busybox busy; ln -sf busy sleep; busy ln -s /../../../../bin/busybox ash; echo ready; exec sleep 999`))
	_, _, err := enter(t, h, pod.UUID, engine.EnterOptions{})
	var none *engine.NoShellError
	if !errors.As(err, &none) || len(none.Executables) < 2 || none.Executables[0][:5] != "/bin/" {
		t.Errorf("%v (%+v)", err, none)
	}
}

func TestEnteringAHostileApp(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	before, err := os.Stat("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	pod := startApp(t, h, enginetest.Shell(t, `
echo 'root:x:4321:4321::/evil:/evil' >/etc/passwd; echo 'root:x:4321:' >/etc/group
echo /evil.so >/etc/ld.so.preload; echo evil >/evil.so
rm -rf /proc 2>/dev/null; mv /proc /was 2>/dev/null; busybox mount -t tmpfs none /proc 2>/dev/null
rm -f /dev/tty /dev/ptmx /dev/pts/ptmx; ln -s /proc/1/root/dev/tty /dev/tty; ln -s / /dev/ptmx
printf '#!/proc/self/exe' >/bin/trick; chmod 755 /bin/trick
echo ready
while :; do for p in /proc/[0-9]*; do
  case "$(readlink $p/exe)" in /bin/busybox|'') ;; *) echo "leak: $p $(readlink $p/exe)"; cat $p/environ ;; esac
  for f in $p/fd/*; do case "$(readlink $f)" in *memfd*|*state*|/var/*|/work/*|/root/*) echo "leak: $f" ;; esac; done
done; done`))
	for range 5 {
		said, status, err := enter(t, h, pod.UUID, engine.EnterOptions{Argv: []string{"sh", "-c", "busybox id -u; echo $HOME; grep CapEff /proc/self/status"}})
		if err != nil || status != 0 || !strings.HasPrefix(said, "0\n/root\nCapEff:\t00000000a80425fb\n") {
			t.Errorf("status %d (%v): %q", status, err, said)
		}
	}
	_, _, _ = enter(t, h, pod.UUID, engine.EnterOptions{Argv: []string{"/bin/trick"}})
	_, _, err = enter(t, h, pod.UUID, engine.EnterOptions{Argv: []string{"sh", "-c", "exit 0"}, Terminal: true})
	if err != nil && !strings.Contains(err.Error(), "ptmx") {
		t.Error(err)
	}
	if strings.Contains(pod.Output(), "leak") {
		t.Error(pod.Output())
	}
	if after, err := os.Stat("/proc/self/exe"); err != nil || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("this program was changed (%v)", err)
	}
}

func TestEnterWithATerminal(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := startApp(t, h, enginetest.Shell(t, "echo ready; exec sleep 999"))
	keys, typing, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	screen, drawing, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	resized := make(chan [2]int, 1)
	type end struct {
		status int
		err    error
	}
	ended := make(chan end)
	go func() {
		status, err := h.Enter(t.Context(), pod.UUID, engine.EnterOptions{
			Env: []string{"TERM=dumb", "PS1=>"}, Stdin: keys, Stdout: drawing, Terminal: true, Rows: 31, Cols: 97, Resized: resized,
		})
		drawing.Close()
		ended <- end{status, err}
	}()
	see := func(text string) {
		t.Helper()
		var seen strings.Builder
		for buffer := make([]byte, 4096); !strings.Contains(seen.String(), text); {
			n, err := screen.Read(buffer)
			seen.Write(buffer[:n])
			if err != nil {
				t.Fatalf("%v, after %q", err, seen.String())
			}
		}
	}
	see(">")
	fmt.Fprintln(typing, "busybox stty size; tty")
	see("31 97\r\n/dev/pts/")
	resized <- [2]int{40, 120}
	enginetest.Eventually(t, "the terminal's new size", func() bool { return len(resized) == 0 })
	fmt.Fprintln(typing, "while [ \"$(busybox stty size)\" != '40 120' ]; do :; done; busybox stty size")
	see("\r\n40 120\r\n")
	fmt.Fprint(typing, "exit 9\nkept for the caller")
	if got := <-ended; got != (end{9, nil}) {
		t.Errorf("%+v", got)
	}
	screen.Close()
	typing.Close()
	keys.Close()
}

func TestWhatEntersDoesNotStay(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := startApp(t, h, enginetest.Shell(t, "echo ready; exec sleep 999"))
	before := len(processesOf(t, h, pod.UUID))
	gone := func() bool { return len(processesOf(t, h, pod.UUID)) == before }
	t.Run("when its context ends", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for deadline := time.Now().Add(time.Minute); !sleeps(t, h, pod.UUID, "998", "997") && time.Now().Before(deadline); {
				time.Sleep(20 * time.Millisecond)
			}
			cancel()
		}()
		status, err := h.Enter(ctx, pod.UUID, engine.EnterOptions{Argv: []string{"sh", "-c", "sleep 998 & sleep 997; :"}})
		if !errors.Is(err, context.Canceled) || status != 137 {
			t.Errorf("%d, %v", status, err)
		}
		enginetest.Eventually(t, "the end of what entered", gone)
	})
	t.Run("when it is stopped on its way", func(t *testing.T) {
		stopping := startApp(t, h, enginetest.Shell(t, "echo ready; while :; do kill -STOP -1; done"))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(500*time.Millisecond, cancel)
		for ctx.Err() == nil { // it may come through
			if _, err := h.Enter(ctx, stopping.UUID, engine.EnterOptions{Argv: []string{"busybox", "true"}}); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
	})
	t.Run("when who entered is killed", func(t *testing.T) {
		entering := enterElsewhere(t, h, pod.UUID)
		if err := entering.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = entering.Wait()
		enginetest.Eventually(t, "the end of what entered", gone)
	})
}

// enterElsewhere enters a pod from another process. It returns once the program
// runs.
func enterElsewhere(t *testing.T, h *enginetest.Host, pod string) *exec.Cmd {
	t.Helper()
	entering := exec.Command(os.Args[0], pod, "sh", "-c", "echo inside; exec sleep 996")
	entering.Env = append(os.Environ(), enterRole+"="+h.Dir)
	out, err := entering.StdoutPipe()
	if err == nil {
		err = entering.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 64)
	if n, err := out.Read(line); string(line[:n]) != "inside\n" {
		t.Fatalf("%q (%v)", line[:n], err)
	}
	return entering
}

func TestPodEndsWhileWhoEnteredItIsStopped(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := startApp(t, h, enginetest.Shell(t, "echo ready; exec sleep 999"))
	entering := enterElsewhere(t, h, pod.UUID)
	defer func() {
		_ = entering.Process.Kill()
		_ = entering.Wait()
	}()
	if err := entering.Process.Signal(unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := h.StopPod(ctx, pod.UUID, engine.StopOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
	if status, err := h.Pod(pod.UUID); err != nil || status.State != poddir.Exited || *status.Exit != 137 {
		t.Errorf("%+v (%v), want exited with 137", status, err)
	}
}

// Where an app has as many processes as it may, or almost, what would enter it says
// so in a line, however far its start has come, and leaves nothing behind.
func TestAppIsEnteredThatHasFewProcessesLeft(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	h := enginetest.NewHost(t)
	app := enginetest.Shell(t, "while read x; do sleep 999 & echo more; done")
	app.PIDs = "16"
	pod := startWith(t, h, app, engine.RunOptions{Input: engine.PipeInput})
	w := attach(t, h, pod.UUID, engine.AttachOptions{Input: true})
	entered, refused := 0, 0
	for more := range 15 {
		said, status, err := enter(t, h, pod.UUID, engine.EnterOptions{Argv: []string{"echo", "inside"}})
		var full *engine.StartError
		switch {
		case err == nil && status == 0 && said == "inside\n":
			entered++
		case errors.As(err, &full) && full.Status == 126 && said == "" &&
			strings.HasSuffix(full.Message, fmt.Sprintf(`app "busybox": its limit of processes leaves too few for another to start: %d of 16 are in use`, 1+more)):
			refused++
		default:
			t.Errorf("beside %d others: %d (%v): %q", more, status, err, said)
		}
		enginetest.Eventually(t, "the end of what has entered", func() bool {
			usage, err := h.PodUsage(pod.UUID) // which counts those too that are dead and not yet gone
			return err == nil && usage[0].PIDs == int64(1+more)
		})
		w.types("\n").sees(strings.Repeat("more\n", more+1))
	}
	if entered == 0 || refused == 0 {
		t.Errorf("%d entered, %d were refused", entered, refused)
	}
}

// processesOf are the IDs of a pod's processes in its PID namespace.
// sleeps reports whether all these run in a pod.
func sleeps(t *testing.T, h *enginetest.Host, pod string, seconds ...string) bool {
	t.Helper()
	var lines []string
	for _, pid := range processesOf(t, h, pod) {
		line, _ := os.ReadFile("/proc/" + pid + "/cmdline")
		lines = append(lines, string(line))
	}
	return !slices.ContainsFunc(seconds, func(s string) bool { return !slices.Contains(lines, "sleep\x00"+s+"\x00") })
}

func processesOf(t *testing.T, h *enginetest.Host, pod string) []string {
	t.Helper()
	status, err := h.Pod(pod)
	if err != nil {
		t.Fatal(err)
	}
	namespace := func(pid string) string {
		link, _ := os.Readlink("/proc/" + pid + "/ns/pid")
		return link
	}
	own := namespace(strconv.Itoa(status.Apps[0].PID))
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var members []string
	for _, entry := range entries {
		if namespace(entry.Name()) == own {
			members = append(members, entry.Name())
		}
	}
	return members
}
