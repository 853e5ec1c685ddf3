package ui

import (
	"strconv"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

// Stroke is a keystroke by its name, as Bubble Tea says it: "ctrl+r", "G". It is for
// whoever means a key and has no keyboard: the mouse, tests.
func Stroke(name string) tea.KeyPressMsg {
	var k tea.KeyPressMsg
	for _, m := range []struct {
		prefix string
		mod    tea.KeyMod
	}{{"ctrl+", tea.ModCtrl}, {"alt+", tea.ModAlt}, {"shift+", tea.ModShift}, {"meta+", tea.ModMeta}, {"hyper+", tea.ModHyper}, {"super+", tea.ModSuper}} {
		if after, ok := strings.CutPrefix(name, m.prefix); ok && after != "" {
			name, k.Mod = after, k.Mod|m.mod
		}
	}
	if k.Code = special(name); k.Code == 0 {
		k.Code, _ = utf8.DecodeRuneInString(name)
		if k.Mod == 0 {
			k.Text = name
		}
	}
	if k.Code == tea.KeySpace && k.Mod == 0 {
		k.Text = " "
	}
	return k
}

// special is a key that has a name instead of a character, or 0.
func special(name string) rune {
	switch name {
	case "enter":
		return tea.KeyEnter
	case "tab":
		return tea.KeyTab
	case "esc":
		return tea.KeyEscape
	case "space":
		return tea.KeySpace
	case "backspace":
		return tea.KeyBackspace
	case "delete":
		return tea.KeyDelete
	case "insert":
		return tea.KeyInsert
	case "up":
		return tea.KeyUp
	case "down":
		return tea.KeyDown
	case "left":
		return tea.KeyLeft
	case "right":
		return tea.KeyRight
	case "home":
		return tea.KeyHome
	case "end":
		return tea.KeyEnd
	case "pgup":
		return tea.KeyPgUp
	case "pgdown":
		return tea.KeyPgDown
	case "begin":
		return tea.KeyBegin
	case "find":
		return tea.KeyFind
	case "select":
		return tea.KeySelect
	case "menu":
		return tea.KeyMenu
	case "pause":
		return tea.KeyPause
	case "printscreen":
		return tea.KeyPrintScreen
	case "scrolllock":
		return tea.KeyScrollLock
	case "capslock":
		return tea.KeyCapsLock
	case "numlock":
		return tea.KeyNumLock
	}
	if n, err := strconv.Atoi(strings.TrimPrefix(name, "f")); err == nil && name[0] == 'f' && n >= 1 && n <= 63 {
		return tea.KeyF1 + rune(n-1)
	}
	return 0
}
