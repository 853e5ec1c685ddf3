package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
)

// To the shell and back: the terminal is the shell's meanwhile, and podtui's again
// after it, with all that was on it and in it.
func TestJourneyToTheShellAndBack(t *testing.T) {
	long(t)
	tm := openTerminal(t).Image("busybox")
	const stopped = 128 + int(syscall.SIGTSTP)
	tm.Command("clear; podtui").Sees("1 image")
	for _, at := range []struct {
		name string
		walk func()
		sees string
	}{
		{"a list", func() {}, "1 image"},
		{"a question", func() { tm.Press(keymap.ImagesRemove) }, "Remove busybox.net/busybox"},
		{"a field", func() { tm.Press(keymap.DialogNo).Loses("Remove busybox"); tm.Press(keymap.ImagesFilter).Type("busyb") }, "/ busyb"},
		{"the form, half typed", func() {
			tm.Press(keymap.EditAccept, keymap.ImagesChoose, keymap.ComposeEdit, keymap.ComposeEdit).Type("/bin/half")
		}, "/bin/half"},
	} {
		at.walk()
		tm.Sees(at.sees).Press(keymap.Suspend).IsShell(stopped)
		tm.Command("clear; fg").Sees(at.sees)
	}
	tm.Type("-typed").Press(keymap.EditAccept).Sees("/bin/half-typed")
	tm.Press(keymap.Cancel, keymap.Cancel).IsShell(0)
}

// A crash takes nothing along but the screen: the terminal is whole, the pod goes on,
// what was composed is kept, and a report tells what happened.
func TestJourneyThroughACrash(t *testing.T) {
	long(t)
	tm := openTerminal(t).Image("sleeper", "busybox").Export("PODTUI_PANIC=view:ctrl+l")
	tm.Command("clear; podtui --insecure-skip-verify run example.com/sleeper").Sees("example.com/sleeper 1.0.0").
		Press(keymap.ComposeRun).Sees("running · sleeper", "ready").
		Press(keymap.GoCompose, keymap.ComposeEdit, keymap.ComposeEdit).Type("/bin/half").Sees("/bin/half").
		Press(keymap.Redraw).Sees("the screen crashed; pods that run go on").IsShell(1)

	reports, err := filepath.Glob(filepath.Join(tm.host.Dir, "reports", "*"))
	if err != nil || len(reports) != 1 {
		t.Fatalf("reports %v, %v", reports, err)
	}
	report := string(readFile(t, reports[0]))
	if !strings.Contains(report, "crashed in a view") || strings.Contains(report, "/bin/half") || strings.Contains(report, "HOME=") {
		t.Errorf("the report is\n%s", report)
	}
	if info, err := os.Stat(reports[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if pods := tm.Pods(); len(pods) != 1 || pods[0].State != poddir.Running {
		t.Errorf("pods %+v", pods)
	}

	// What crashed is not opened again by itself: it could crash once more.
	tm.Command("clear; podtui").Sees("is set aside; o leads to it", "Pods ● 1").Press(keymap.ImagesShelf).Sees("composed before", "1 draft").
		Press(keymap.ShelfOpen).Sees("/bin/half")
	tm.Press(keymap.EditAccept, keymap.Cancel, keymap.Cancel).IsShell(0)
	if out := tm.Shell("podtui stop " + tm.Pods()[0].UUID); out.status != 0 {
		t.Errorf("stop: %+v", out)
	}
}
