package uitest

import (
	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/ui"
)

// Key is a keystroke by its name, as Bubble Tea says it: "ctrl+r", "G".
func Key(name string) tea.KeyPressMsg { return ui.Stroke(name) }
