package main

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/podtui/podtui/keymap"
)

// Another opens one more window with a shell, as somebody else at the same host;
// Window goes back to one.
func (tm *terminal) Another() *terminal {
	tm.tmux("new-window", "-c", tm.home, "/bin/sh")
	return tm.Sees("$")
}

func (tm *terminal) Window(n int) *terminal {
	tm.tmux("select-window", "-t", ":"+strconv.Itoa(n))
	return tm
}

// A pod outlives the screen that it was started on, and is managed from another:
// looked at, stopped, run again, removed.
func TestJourneyWithAPodThatLives(t *testing.T) {
	long(t)
	tm := openTerminal(t).Image("sleeper")
	tm.Command("podtui --insecure-skip-verify run --pod-name=napper example.com/sleeper").Sees("example.com/sleeper 1.0.0").
		Press(keymap.ComposeRun).Sees("running · napper", "ready")
	tm.Press(keymap.Quit, keymap.Quit, keymap.Quit).Sees("pod napper (", ") still runs: podtui logs napper / podtui stop napper").IsShell(0)

	tm.Command("clear; podtui").Sees("Pods ● 1").Press(keymap.GoPods).Sees("▌  napper", "running", " kB")
	tm.Press(keymap.PodInspect).Sees("napper (", "running", "apps   network   volumes   events", "0:0", "1 task")
	tm.Press(keymap.PageNext).Sees("the host's: its addresses and ports").Press(keymap.PageNext).Sees("no volumes").Press(keymap.PageNext).Sees("sleeper started").
		Press(keymap.PageNext).Sees(`"acKind": "PodManifest"`).Press(keymap.PageNext).Sees("run --pod-name=napper", "example.com/sleeper")
	tm.Press(keymap.PageStop).Sees("Stop napper (").Consent().Sees("stopped napper (", "stopped ·")
	tm.Press(keymap.PageRun).Sees("Restart napper (").Consent().Sees("restarted napper (", "running ·", "run 2 times", "Pods ● 1")
	tm.Press(keymap.PageLogs).Sees("running · napper", "ready", "2 lines").Press(keymap.Back).Sees("run 2 times")
	tm.Press(keymap.PageKill).Sees("Kill napper (").Consent().Sees("killed napper (", "stopped ·")
	tm.Press(keymap.PageRemove).Sees("Remove napper (").Consent().Sees("removed napper (", ")  removed")
	tm.Press(keymap.Back).Sees("No pods.").Press(keymap.Quit, keymap.Quit).IsShell(0)
	if pods, err := tm.host.Pods(); err != nil || len(pods) > 0 {
		t.Errorf("left are %+v, %v", pods, err)
	}
}

// Two screens at once see each other's pods, and those of the command line, without
// being asked to look.
func TestJourneyOfTwoScreensAtOnce(t *testing.T) {
	long(t)
	tm := openTerminal(t).Image("sleeper")
	tm.Command("podtui").Sees("1 image").Press(keymap.GoPods).Sees("No pods.")
	tm.Another().Command("podtui --insecure-skip-verify run --pod-name=first example.com/sleeper").Sees("example.com/sleeper 1.0.0").
		Press(keymap.ComposeRun).Sees("running · first", "ready")
	tm.Window(0).Sees("▌  first", "running", "Pods ● 1").Press(keymap.PodsMark).Sees("1 selected")

	detached := tm.Shell("podtui --batch --insecure-options=image run --detach --pod-name=second example.com/sleeper")
	if detached.status != 0 {
		t.Fatalf("%+v", detached)
	}
	uuid := strings.TrimSpace(detached.stdout)
	tm.Sees("second", "Pods ● 2", "1 selected", "▌✓ first").Press(keymap.PodsMark, keymap.PodsMarkAll).Sees("2 selected").
		Press(keymap.PodsStop).Sees("Stop 2 pods?", "first (", "second ("+uuid[:8]+")").Consent().Sees("stopped 2 pods").Loses("Pods ●")
	tm.Window(1).Sees("killed by signal 15").Press(keymap.Quit).Sees("second", "first").Loses("running")
	tm.Press(keymap.PodsMarkAll, keymap.PodsRemove).Sees("Remove 2 pods?").Consent().Sees("removed 2 pods", "No pods.").
		Press(keymap.Quit, keymap.Quit).IsAnotherShell()
	tm.Window(0).Sees("No pods.").Press(keymap.Quit, keymap.Quit).IsShell(0)
	if pods, err := tm.host.Pods(); err != nil || len(pods) > 0 {
		t.Errorf("left are %+v, %v", pods, err)
	}
}

// The terminal goes to an app and to a shell beside it, and comes back: the screen is
// as it was, with the cursor on the same pod.
func TestJourneyIntoAPodAndBack(t *testing.T) {
	long(t)
	tm := openTerminal(t).Image("busybox", "sleeper")
	start := func(name, image string) {
		run := tm.Shell("podtui --batch --insecure-options=image run --detach --pod-name=" + name + " " + image)
		if run.status != 0 {
			t.Fatalf("%+v", run)
		}
	}
	start("talker", "--interactive busybox.net/busybox --exec=/bin/sh -- -c 'while read line; do echo you said $line; done; exit 3'")
	start("napper", "example.com/sleeper")
	tm.Command("podtui").Sees("1 Images").Press(keymap.GoPods).Sees("2 pods", "▌  napper").Press(keymap.Down).Sees("▌  talker")

	tm.Press(keymap.PodEnter).Sees("/ #").Command("echo inside $((6*7)); exit 5").Sees("left talker/busybox: status 5", "▌  talker", "pods of this host")
	tm.Press(keymap.PodInspect).Sees("talker (").Press(keymap.PodAttach).Sees("q detaches").Command("good day").Sees("you said good day")
	tm.key("ctrl+p", "ctrl+q").Sees("detached: talker/busybox goes on", "talker (", "apps   network   volumes").Press(keymap.Back).Sees("▌  talker")
	tm.Press(keymap.PodAttach).until("to be attached once more", func(screen string) bool { return strings.Count(screen, "q detaches") == 2 })
	tm.key("ctrl+d").Sees("talker/busybox exited 3", "exited 3")

	// Of one without an input the output is shown, and ctrl-c is the way back.
	tm.Press(keymap.Home, keymap.PodAttach).Sees("only what it writes is shown", "-c detaches").key("ctrl+c").
		Sees("detached: napper/sleeper goes on", "▌  napper", "running")

	// Without a shell something else of it can be run.
	for _, command := range []string{"rm /bin/sh /bin/ash", "busybox mv /bin/busybox /bin/busy"} {
		if out := tm.Shell("podtui enter napper " + command); out.status != 0 {
			t.Fatalf("%+v", out)
		}
	}
	tm.Press(keymap.PodEnter).Sees("sleeper has no shell. Which program shall run in it?", "/bin/", "esc as it was").
		Type("/bin/busy 'sh").Press(keymap.EditAccept).Sees("a quotation is not closed").Press(keymap.EditToStart).
		Type("/bin/busy false").Press(keymap.EditAccept).Sees("left napper/sleeper: status 1", "▌  napper")
	tm.Press(keymap.PodsMarkAll, keymap.PodsKill).Sees("Kill napper (").Consent().Sees("killed napper (")
	tm.Press(keymap.GoImages).Sees("2 images").Press(keymap.Quit).IsShell(0)
}

// IsAnotherShell ends the shell of a window that Another has opened.
func (tm *terminal) IsAnotherShell() *terminal {
	tm.until("the prompt", func(screen string) bool { return strings.HasSuffix("\n"+strings.TrimSpace(screen), "\n$") })
	return tm.Command("exit")
}

// The root of an app that failed becomes an image in a file, with what the app changed; that
// is all there is afterwards, and what is saved runs.
func TestJourneyIntoTheRootOfAnAppThatFailed(t *testing.T) {
	long(t)
	tm := openTerminal(t).Image("busybox")
	run := tm.Shell("podtui --batch --insecure-options=image run --pod-name=failing busybox.net/busybox --exec=/bin/sh -- -c 'echo made here > /made; echo the cause; kill -11 $$'")
	if run.status != 139 {
		t.Fatalf("%+v", run)
	}
	tm.Command("podtui").Sees("1 image").Press(keymap.GoPods).Sees("▌  failing", "exited 139").Press(keymap.PodsOpen).
		Sees("killed by signal 11", "a fault of the program", "the cause", "save its root")
	saved := filepath.Join(tm.home, "failed.aci")
	tm.File("theirs.aci", nil).Press(keymap.PodEnter).Sees("Save the root of busybox to which file?", "failing (").
		Type(filepath.Join(tm.home, "theirs.aci")).Press(keymap.EditAccept).Sees("exists, and is not replaced").
		Press(keymap.PodEnter).Sees("Save the root of busybox to which file?").Type(saved).Press(keymap.EditAccept).Sees("the root of busybox is saved to")
	if images, err := tm.host.Images(); err != nil || len(images) != 1 {
		t.Errorf("left are the images %+v, %v", images, err)
	}
	if pods, err := tm.host.Pods(); err != nil || len(pods) != 1 {
		t.Errorf("left are the pods %+v, %v", pods, err)
	}
	run = tm.Shell("podtui --batch --insecure-options=image run " + saved + " --exec=/bin/cat -- /made")
	if run.status != 0 || !strings.Contains(run.stdout, "made here") {
		t.Errorf("what is saved: %+v", run)
	}
	tm.Press(keymap.WatchRemove).Sees("Remove failing (").Consent().Sees("removed failing (").Press(keymap.Quit, keymap.Quit, keymap.Quit).IsShell(0)
}
