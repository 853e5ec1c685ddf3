package ui_test

import (
	"testing"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/uitest"
)

// A search that is begun anew is empty, and stays open while it is: what is typed
// on is never a command. Leaving it gives the one before back.
func TestASearchThatIsBegunAnewIsEmpty(t *testing.T) {
	e := live(t, func(d *uitest.Driver, _ *enginetest.Scripted) {
		find(d, "nightly").Sees("1 of 6 pods").Press(keymap.PodsFilter).SeesNot(" of 6 pods").
			Press(keymap.EditBackspace).Type("xK").Sees("0 of 6 pods", "/ xK").SeesNot("[ cancel ]").
			Press(keymap.EditCancel).Sees("1 of 6 pods", "/ nightly")
	})
	wantDeeds(t, e)
}
