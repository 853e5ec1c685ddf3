package ui_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/uitest"
)

// What a search hides nobody sees, and nothing is done to it: it stays selected.
func TestWhatASearchHidesIsNotActedOn(t *testing.T) {
	e := live(t, func(d *uitest.Driver, _ *enginetest.Scripted) {
		find(d, "running").Press(keymap.PodsMarkAll).Sees("3 selected").SeesNot("hidden").Press(keymap.Back)
		find(d, "nightly").Sees("3 selected (3 hidden)").Press(keymap.PodsRun).Sees("Restart nightly (9e11d0c4)?").Press(keymap.DialogNo)
		d.Press(keymap.Back)
		find(d, "flaky-job").Sees("3 selected (2 hidden)").Press(keymap.PodsKill).Sees("Kill flaky-job (77aa03be)?").
			Pass(time.Second).Press(keymap.DialogYes).Sees("killed flaky-job", "2 selected (2 hidden)")
	})
	wantDeeds(t, e, "stop 77aa03be")
}

// What never ran is run, the others are restarted, with one question.
func TestPreparedPodsRunAsOthersAreRestarted(t *testing.T) {
	e := live(t, func(d *uitest.Driver, _ *enginetest.Scripted) {
		find(d, "tomorrow").Press(keymap.PodsMark, keymap.Back)
		find(d, "nightly").Press(keymap.PodsMark, keymap.Back).Sees("2 selected").
			Press(keymap.PodsRun).Sees("Run 1 prepared pod and restart 1?", "tomorrow (b27d10f4)", "nightly (9e11d0c4)").
			Pass(time.Second).Press(keymap.DialogYes).Sees("started 2 pods", "Pods ● 5").SeesNot("selected")
	})
	got := deeds(e)
	slices.Sort(got)
	if want := []string{"restart 9e11d0c4", "run b27d10f4"}; !slices.Equal(got, want) {
		t.Errorf("did %q", got)
	}
}

func TestTheOutputOfTheAppUnderTheCursorIsOpened(t *testing.T) {
	live(t, func(d *uitest.Driver, _ *enginetest.Scripted) {
		find(d, "5d0077aa").Press(keymap.PodInspect, keymap.Down, keymap.PageLogs, keymap.WatchSave).Sees("Save the output of worker-backup")
	})
}

// A path that can't be taken is asked for again, as it was typed.
func TestAPathThatCantBeSavedToIsNotForgotten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "there.log")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	live(t, func(d *uitest.Driver, _ *enginetest.Scripted) {
		find(d, "etcd-main").Press(keymap.PodsOpen, keymap.WatchSave).Type(path).Press(keymap.EditAccept).
			Sees("Save the output", "it is there already", "there.log").
			Type(".new").Press(keymap.EditAccept).Sees("0 lines saved to ")
	})
	if _, err := os.Stat(path + ".new"); err != nil {
		t.Error(err)
	}
}
