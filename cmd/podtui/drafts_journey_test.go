package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/drafts"
)

// drafted waits until what was typed is on the disk.
func (tm *terminal) drafted(typed string) *terminal {
	tm.t.Helper()
	enginetest.Eventually(tm.t, "a draft with "+typed, func() bool {
		files, _ := filepath.Glob(filepath.Join(tm.host.Dir, "drafts", "open", "*.json"))
		for _, name := range files {
			var draft drafts.Draft
			if data, err := os.ReadFile(name); err == nil && json.Unmarshal(data, &draft) == nil && draft.Typed != nil && string(draft.Typed.Text) == typed {
				return true
			}
		}
		return false
	})
	return tm
}

// kill -9 in the middle of composing takes nothing along: the next start has all of
// it, the field that was open and what was half typed into it.
func TestJourneyThroughAKillInTheMiddleOfComposing(t *testing.T) {
	long(t)
	tm := openTerminal(t).Image("busybox", "sleeper")
	tm.Command("before=$(stty -g); podtui run busybox.net/busybox --name=talker --exec=/bin/sh").Sees("busybox 1.35.0")
	tm.Press(keymap.ComposeAddApp).Sees("2 images").Press(keymap.ImagesFilter).Type("sleeper").Sees("1 of 2").
		Press(keymap.EditAccept, keymap.ImagesChoose).Sees("example.com/sleeper").
		Press(keymap.Up, keymap.ComposeEdit).Sees("▌ /bin/sh").Press(keymap.Down, keymap.ComposeEdit).Type(`-c 'echo half`).Sees(`-c 'echo half`)
	tm.drafted(`-c 'echo half`).Signal(syscall.SIGKILL).Sees("Killed") // and nobody is left to give the terminal back
	tm.Type(`stty "$before"; printf '\033[?1049l\033[?25h\033[?2004l'; clear`).key("ctrl+j").Loses("Killed")

	tm.Command("podtui").Sees("is in the form again", "u there gives it up", "2 images")
	tm.Press(keymap.GoCompose).Sees("talker", "sleeper", `-c 'echo half`).Looks("draft-taken-up")
	tm.Type(" done'").Press(keymap.EditAccept).Sees("-c 'echo half done'  ", "r run")
	tm.Press(keymap.ComposeOther, keymap.Down, keymap.ComposeRemove, keymap.ComposeRun).Sees("without verification").Consent().
		Sees("exited 0", "half done").Press(keymap.Quit, keymap.Quit).Press(keymap.Quit).IsShell(0)

	tm.Command("clear; podtui").Sees("2 images").Loses("in the form again") // it was run
	tm.Press(keymap.Quit).IsShell(0)
}

// What is saved is there the next day, and what was run is run again: from the shelf,
// and from the pod's page.
func TestJourneyOfASavedPodThatIsRunAgain(t *testing.T) {
	long(t)
	tm := openTerminal(t).Image("busybox")
	tm.Command("podtui run busybox.net/busybox --exec=/bin/echo -- said").Sees("busybox 1.35.0").
		Press(keymap.ComposeSave).Sees("Save the pod as").Press(keymap.EditToStart).Type("greeting").Press(keymap.EditAccept).Sees("saved as greeting").
		Press(keymap.Quit, keymap.Quit).IsShell(0)

	tm.Command("clear; podtui").Sees("1 image").Press(keymap.ImagesShelf).Sees("1 saved · 0 drafts · 0 run").Looks("shelf").
		Press(keymap.ShelfRun).Sees("without verification").Consent().Sees("exited 0", "said").
		Press(keymap.GoCompose, keymap.ComposeShelf).Sees("1 saved · 0 drafts · 1 run", "exited 0").
		Press(keymap.ShelfDuplicate).Sees("› greeting-2").Press(keymap.EditAccept).Sees("2 saved").
		Press(keymap.Quit).Sees("said").Press(keymap.GoPods).Sees("1 pod").Press(keymap.PodInspect).Sees("command line").
		Press(keymap.PodEdit).Sees("is in the form", "/bin/echo").
		Press(keymap.ComposeRun).Sees("exited 0", "said"). // nobody is asked twice
		Press(keymap.Quit, keymap.Quit).Press(keymap.Quit).IsShell(0)
	if pods := tm.Pods(); len(pods) != 2 || *pods[0].Exit != 0 || *pods[1].Exit != 0 {
		t.Errorf("pods %+v", pods)
	}
}
