package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/keymap"
)

// From nothing to the first pod it is two keys: the demo, and run.
func TestJourneyFromNothingToTheFirstPod(t *testing.T) {
	long(t)
	tm := openTerminal(t)
	begun := time.Now()
	tm.Command("podtui").Sees("without a daemon", "the demo").Press(keymap.ImagesDemo).Sees("the demo is in the form").
		Press(keymap.ComposeRun).Sees("exited 0", "visitor")
	t.Logf("the first pod from nothing took %.1f s", time.Since(begun).Seconds())
	tm.Press(keymap.GoImages).Sees("2 images").Loses("without a daemon")
	tm.Press(keymap.Quit).IsShell(0)
}

func TestWelcomeLooksSo(t *testing.T) {
	long(t)
	tm := openTerminal(t)
	tm.Command("clear; podtui").Looks("welcome").Press(keymap.Quit).IsShell(0)
}

// Who is not root is told what is missing, and can do the rest: compose what root runs.
func TestJourneyWithoutRoot(t *testing.T) {
	long(t)
	tm := openTerminal(t)
	tm.File("podtui", readFile(t, os.Args[0]))
	own := filepath.Join(tm.home, "own")
	if err := os.Mkdir(own, 0o700); err != nil {
		t.Fatal(err)
	}
	const nobody = 65534
	if err := os.Chown(own, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(tm.home, "podtui"), 0o755); err != nil {
		t.Fatal(err)
	}
	as := "HOME=" + own + " setpriv --reuid=65534 --regid=65534 --clear-groups " + tm.home + "/podtui"
	tm.Command("clear; " + as).Looks("welcome-not-root")
	tm.Press(keymap.ImagesFilter).Type("https://127.0.0.1:1/app.aci").Press(keymap.EditAccept, keymap.OfferInto).
		Sees("podtui --batch run https://127.0.0.1:1/app.aci").Press(keymap.ComposeRun).Sees("because mounts")
	tm.Press(keymap.Quit, keymap.Quit, keymap.Quit).IsShell(0)

	// What he composed is there the next time, and nothing of it is root's.
	tm.Command("clear; " + as).Sees("is in the form again").Press(keymap.Quit).IsShell(0)
	if left, err := os.ReadDir(tm.host.Dir); err != nil || len(left) > 0 && strings.Contains(left[0].Name(), "drafts") {
		t.Errorf("%v, %v", left, err)
	}
}
