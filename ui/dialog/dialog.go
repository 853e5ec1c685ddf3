// Package dialog is what lies over a screen: a question before something that
// can't be taken back, and a text that is longer than its place. A dialog is a
// value that draws itself into at most the size it is given; the root keeps a
// stack of them, and the topmost gets the keys.
package dialog

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/theme"
)

// Dialog is one of them.
type Dialog interface {
	// Key takes a keystroke. The dialog is closed when done is true; answer, if
	// there is one, is a message for the screen that asked.
	Key(k tea.KeyPressMsg, keys *keymap.Map, now time.Time) (done bool, answer tea.Msg)
	// Draw returns a box of the width and height that it also returns.
	Draw(t *theme.Theme, w, h int) (box string, width, height int)
}
