package main

import (
	"strings"
	"testing"
)

// The first pod on a terminal that can only write lines: an image, run, its output,
// stopped. The same screens, and nothing is drawn.
func TestJourneyLineByLine(t *testing.T) {
	long(t)
	tm := openTerminal(t).Image("sleeper")
	tm.Command("TERM=dumb podtui --insecure-skip-verify").Sees("podtui, line by line", "image example.com/sleeper")
	tm.Command("enter").Sees("compose: 1 app", "app 1, sleeper")
	tm.Command("run").Sees("app sleeper running", "sleeper: ready")
	tm.Command("stop").Sees("Stop sleeper", "choices: 1 cancel (chosen), 2 stop").Patient().Command("stop").Sees("the pod ended: stopped")
	tm.Command("open pods").Sees("1 pod, by newest", "state stopped, apps sleeper").Command("quit").IsShell(0)
	if pods := tm.Pods(); len(pods) != 1 {
		t.Errorf("pods %+v", pods)
	}
}

// A script is a conversation through pipes: each line waits for what the one before led
// to, and its end waits for the pod to run.
func TestLinearModeTakesScripts(t *testing.T) {
	long(t)
	tm := openTerminal(t).Image("sleeper")
	out := tm.Shell(`printf 'enter\nrun\nwait 1\nlist\n' | podtui --linear --insecure-skip-verify | cat`)
	for _, want := range []string{"image example.com/sleeper", "compose: 1 app", "watch sleeper: starting", "1: sleeper: ready", "still runs"} {
		if !strings.Contains(out.stdout, want) {
			t.Errorf("%q was not said in\n%s%s", want, out.stdout, out.stderr)
		}
	}
	if strings.Contains(out.stdout, "\x1b") {
		t.Errorf("said %q", out.stdout)
	}
	if stop := tm.Shell("podtui stop " + tm.Pods()[0].UUID); stop.status != 0 {
		t.Errorf("%+v", stop)
	}
	if out := tm.Shell("podtui --linear >file </dev/null"); out.status != 2 || !strings.Contains(out.stderr, "not a terminal; use --batch") {
		t.Errorf("into a file: %+v", out)
	}
	if out := tm.Shell("PODTUI_LINEAR=1 podtui </dev/null | cat"); !strings.Contains(out.stderr, "not a terminal; use --batch") {
		t.Errorf("through pipes that nobody asked for: %+v", out)
	}
}
