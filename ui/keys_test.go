package ui_test

import (
	"testing"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/uitest"
)

func TestEscNeverQuits(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.GoCompose, keymap.Back, keymap.Back, keymap.Back).Sees("5 images").HasQuit(false).
			Press(keymap.Quit).HasQuit(true)
	})
}
