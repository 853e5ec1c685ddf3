package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
)

// The first journey: an image found by typing, a second app, exec, arguments,
// environment and a volume changed, run, watched to its end. Then the command
// line that the screen showed does the same without a screen.
func TestJourneyFromAnImageToTheSamePodInBatch(t *testing.T) {
	long(t)
	tm := openTerminal(t).Image("busybox", "env-printer", "exit", "reduce-worker", "syncer", "worker", "worker-backup")
	work := filepath.Join(tm.home, "work")
	if err := errors.Join(os.Mkdir(work, 0o755), os.WriteFile(filepath.Join(work, "part-1"), nil, 0o644),
		syscall.Mkfifo(filepath.Join(work, "pipe"), 0o644)); err != nil {
		t.Fatal(err)
	}

	tm.Command("podtui").Looks("1-images")
	tm.Press(keymap.ImagesFilter).Type("redwork").Looks("2-found")
	tm.Press(keymap.EditAccept, keymap.ImagesChoose).Looks("3-one-app")
	tm.Press(keymap.ComposeAddApp, keymap.ImagesFilter).Type("backup").Press(keymap.EditAccept, keymap.ImagesChoose).Looks("4-two-apps")

	// The backup reads the pipe until the worker's end closes it, so that words and
	// ends come in the same order each time: by so much apart that podtui, which
	// hears from each app by a way of its own, can't hear them the other way round.
	tm.Press(keymap.ComposeEdit, keymap.ComposeEdit).Type("/bin/sh").Press(keymap.EditNext).
		Type("-c 'cat /backup/pipe; sleep .3; exit 3'").Looks("5-arguments").Press(keymap.EditAccept)
	tm.Press(keymap.ComposeOther, keymap.Up, keymap.ComposeEdit, keymap.ComposeEdit).Type("/bin/sh").Press(keymap.EditNext).
		Type(`-c 'exec 3>/var/lib/work/pipe; reduce; sleep .3; echo "$MODE" >&3'`).Press(keymap.EditAccept)
	tm.Press(keymap.Down, keymap.Down, keymap.Down, keymap.Down, keymap.Down, keymap.Down, keymap.ComposeEdit).
		Type("MODE=very fast").Press(keymap.EditAccept).Looks("6-environment")
	tm.Press(keymap.Down, keymap.Down, keymap.Down, keymap.ComposeEdit).Type(tm.home + "/w").Sees(`work/`).
		Press(keymap.EditNext).Looks("7-volume").Press(keymap.EditAccept)
	tm.Press(keymap.ComposeLine).Looks("8-command-line")
	line, approvals := tm.Written(), approval.FindAllString(tm.Screen(), -1)
	tm.Press(keymap.Back).Loses("without a screen")

	tm.Press(keymap.ComposeRun).Looks("9-consent").Consent().Looks("10-ended")
	tm.Press(keymap.Back).Looks("11-pods").Press(keymap.Quit, keymap.Quit).IsShell(0)

	inTUI := tm.Pods()[0]
	batch := tm.Shell(line)
	if batch.status != 3 || inTUI.Exit == nil || *inTUI.Exit != batch.status {
		t.Errorf("exit status %d; in the TUI %v", batch.status, inTUI.Exit)
	}
	const said = "reduce-worker: work: 1 files\nworker-backup: very fast\n"
	if logs := tm.Shell("podtui logs " + inTUI.UUID); logs.stdout != said || batch.stdout != said {
		t.Errorf("output %q; in the TUI %q", batch.stdout, logs.stdout)
	}
	inBatch := tm.Pods()[0]
	if got, want := tm.story(inBatch.UUID), tm.story(inTUI.UUID); !slices.Equal(got, want) {
		t.Errorf("in batch\n%s\nin the TUI\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	// What stood below the line makes it do without its flag.
	for _, approve := range approvals {
		if out := tm.Shell(approve); out.status != 0 {
			t.Errorf("%s: %+v", approve, out)
		}
	}
	if out := tm.Shell(strings.Replace(line, "--insecure-options=image ", "", 1)); len(approvals) != 2 || out.status != 3 || out.stdout != said {
		t.Errorf("after %q: %+v", approvals, out)
	}
}

// approval is a command that the form shows.
var approval = regexp.MustCompile(`podtui trust --digest=\S+`)

// Failures say why, where they happened, and lose nothing that was typed.
func TestJourneyThroughFailures(t *testing.T) {
	long(t)
	tm := openTerminal(t)
	tm.File("images/busybox.aci", readFile(t, enginetest.BuildImage(t, "busybox")))
	tm.File("images/broken.aci", readFile(t, enginetest.BuildImage(t, "busybox"))[:100_000])

	tm.Command("podtui").Sees("0 images")
	tm.Press(keymap.ImagesAdd).Type("~/im").Press(keymap.EditNext).Type("br").Press(keymap.EditNext).Looks("add-completed")
	tm.Press(keymap.EditAccept).Looks("add-failed").Press(keymap.Back).Loses("truncated")
	tm.Press(keymap.ImagesAdd, keymap.EditBackspace, keymap.EditToStart).Type("~/images/bu").Press(keymap.EditNext, keymap.EditAccept).
		Sees("imported busybox.net/busybox 1.35.0").Looks("added")

	tm.Press(keymap.ImagesChoose, keymap.ComposeEdit, keymap.ComposeEdit).Type("/bin/ecco").Press(keymap.EditNext).
		Type("'two words'").Press(keymap.EditAccept, keymap.ComposeRun).Sees("without verification").Consent()
	tm.Looks("no-such-exec")
	tm.Press(keymap.WatchForm).Looks("back-to-the-form")
	tm.Press(keymap.ComposeEdit, keymap.EditToStart).Type("/bin/echo").Press(keymap.EditAccept, keymap.ComposeRun)
	tm.Looks("mended")
	tm.Press(keymap.Quit, keymap.Quit, keymap.Quit).IsShell(0)
	if pods := tm.Pods(); len(pods) == 0 || *pods[0].Exit != 0 {
		t.Errorf("pods %+v", pods)
	}
}

// A pod runs whoever looks at it: Watch is left, and podtui too.
func TestJourneyAwayFromARunningPod(t *testing.T) {
	long(t)
	tm := openTerminal(t).Image("sleeper")
	tm.Command("podtui --insecure-skip-verify run example.com/sleeper").Sees("example.com/sleeper 1.0.0")
	tm.Press(keymap.ComposeRun).Sees("running · sleeper", "ready").Looks("running").
		Press(keymap.Back).Looks("running-pods").
		Press(keymap.PodsOpen).Sees("running · sleeper", "ready")

	// As long as nobody chooses, the answer is no.
	tm.Press(keymap.WatchStop).Looks("stop").
		Patient().Press(keymap.DialogTake).Loses("[ cancel ]").Sees("running · sleeper")
	tm.Press(keymap.WatchStop).Sees("Stop sleeper").Consent().Looks("stopped")

	tm.Press(keymap.GoCompose, keymap.ComposeRun).Sees("running · sleeper", "ready")
	tm.Press(keymap.Quit, keymap.Quit, keymap.Quit).Sees("still runs: podtui logs ", " / podtui stop ").IsShell(0)
	tm.Command("clear; podtui").Sees("Pods ● 1").Press(keymap.GoPods).Looks("still-running").
		Press(keymap.Quit, keymap.Quit).IsShell(0)
	running := tm.Pods()[0]
	if stop := tm.Shell("podtui stop " + running.UUID[:8]); stop.status != 0 || stop.stdout != running.UUID+"\n" {
		t.Errorf("stop: %+v", stop)
	}
	if pods := tm.Pods(); pods[0].State != poddir.Exited || *pods[0].Exit != 143 {
		t.Errorf("after the stop %+v", pods[0])
	}
}

// However podtui ends, the shell gets its terminal back.
func TestTerminalIsGivenBack(t *testing.T) {
	tm := openTerminal(t)
	open := func() { tm.Command("clear; podtui").Sees("0 images") }
	open()
	tm.Press(keymap.Quit).IsShell(0)
	if testing.Short() {
		return
	}
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		open()
		tm.Signal(s).IsShell(0)
	}
	open()
	tm.Press(keymap.Cancel).Sees("ctrl+c again quits").Press(keymap.Cancel).IsShell(0)
}

// A connection that is lost takes nothing along; a terminal that is gone does.
func TestPodtuiOutlivesItsConnectionAndNotItsTerminal(t *testing.T) {
	long(t)
	tm := openTerminal(t)
	tm.Command("podtui").Sees("0 images")
	client := tm.Attach()
	client.Process.Kill()
	client.Wait()
	tm.Press(keymap.GoPods).Sees("No pods.")
	if len(tm.processes()) < 2 {
		t.Fatalf("it should run: %v", tm.processes())
	}
	tm.tmux("kill-server")
	enginetest.Eventually(t, "podtui to end with its terminal", func() bool { return len(tm.processes()) == 0 })
}

// Whatever size the terminal is dragged to, each screen is drawn, and right
// again when it is back.
func TestResizeStorm(t *testing.T) {
	long(t)
	tm := openTerminal(t).Image("sleeper")
	tm.Command("podtui --insecure-skip-verify run example.com/sleeper").Sees("example.com/sleeper 1.0.0").
		Press(keymap.ComposeRun).Sees("running · sleeper", "ready")
	for _, place := range []struct {
		by    keymap.Action
		sees  string
		loses string // of a dialog, which what is seen also stands beside
	}{
		{keymap.WatchStop, "Stop sleeper", ""},
		{keymap.DialogNo, "running · sleeper", "Stop sleeper"},
		{keymap.GoImages, "1 image", ""},
		{keymap.GoCompose, "private network", ""},
		{keymap.ComposeLine, "without a screen", ""},
		{keymap.Back, "private network", "without a screen"},
		{keymap.GoPods, "pods of this host", ""},
	} {
		tm.Press(place.by)
		for w := 40; w <= 200; w += 16 {
			tm.Resize(w, 10+(w-40)*50/160).Resize(240-w, 60-(w-40)*50/160)
		}
		tm.Resize(1, 1).Resize(80, 24).Sees(place.sees)
		if place.loses != "" {
			tm.Loses(place.loses)
		}
	}
	tm.Press(keymap.PodsStop).Sees("Stop sleeper").Consent().Sees("stopped", "sleeper").Loses("running").
		Press(keymap.Quit, keymap.Quit).IsShell(0)
}

// On a terminal, run opens the form with the pod, one key from running.
func TestRunOnATerminalIsOneKeyFromRunning(t *testing.T) {
	long(t)
	tm := openTerminal(t).Image("busybox")
	tm.Command(`podtui run busybox.net/busybox --exec /bin/echo -- 'two words' three`).Looks("run").
		Press(keymap.ComposeRun).Sees("without verification").Consent().Sees("exited 0", "two words three").
		Press(keymap.Quit, keymap.Quit, keymap.Quit).IsShell(0)
}

// So does the demo, whose images nobody has to be asked about.
func TestDemoOnATerminalIsOneKeyFromRunning(t *testing.T) {
	long(t)
	tm := openTerminal(t)
	tm.Command("podtui demo").Sees("+ mount").Looks("demo").Press(keymap.ComposeRun).Sees("exited 0", "visitor").
		Press(keymap.Quit, keymap.Quit, keymap.Quit).IsShell(0)
}

func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("a long journey")
	}
}

func readFile(tb testing.TB, path string) []byte {
	tb.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return content
}
