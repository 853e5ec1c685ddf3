package ui_test

import (
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
