package main

import (
	"testing"

	"github.com/podtui/podtui/keymap"
)

// Paste pastes text as a terminal does, for programs that want to know.
func (tm *terminal) Paste(text string) *terminal {
	tm.t.Helper()
	tm.tmux("set-buffer", "--", text)
	tm.tmux("paste-buffer", "-p")
	return tm
}

// From a page of rkt's manual to a running pod, and from there to a script that runs the
// same without a screen.
func TestJourneyOfAPastedLine(t *testing.T) {
	long(t)
	tm := openTerminal(t).Image("busybox")
	tm.Command("podtui").Sees("1 image").Press(keymap.GoCompose).Sees("add an app")
	tm.Paste("podtui run busybox.net/busybox > log").Sees("not taken: after busybox.net/busybox: > reads or writes a file")
	tm.Paste("# Two words and one\n# sudo rkt --insecure-skip-verify run \\\n  busybox.net/busybox --exec /bin/echo -- 'two words' three\ntwo words three\n").
		Sees("the form is the pasted pod", "Not --insecure-skip-verify", "/bin/echo", "'two words' three")
	tm.Press(keymap.ComposeRun).Sees("without verification").Consent().Sees("exited 0", "two words three")

	script := tm.home + "/again.sh"
	tm.Press(keymap.WatchForm).Sees("one by one").Press(keymap.ComposeLine).Sees("the same pod, without a screen").
		Press(keymap.WrittenNext).Sees(`"acKind": "PodManifest"`).Press(keymap.WrittenPrev, keymap.WrittenSave).Sees("to which file?").
		Type(script).Press(keymap.EditAccept).Sees("the command line saved to").
		Press(keymap.Quit).Loses("without a screen").Press(keymap.Quit, keymap.Quit).IsShell(0)
	if got := tm.Shell(script); got.status != 0 || got.stdout != "two words three\n" {
		t.Errorf("%+v", got)
	}
}
