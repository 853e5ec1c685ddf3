package keymap

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"
)

// What is taken for a name is what Bubble Tea says when the key comes; what only
// comes alone, such as a shift, or is a character, is none.
func TestNamesAreThoseOfBubbleTea(t *testing.T) {
	ours := map[string]bool{}
	for _, n := range named() {
		ours[n] = true
	}
	theirs := map[string]bool{"enter": true}
	for _, code := range []rune{tea.KeyEnter, tea.KeyTab, tea.KeyBackspace, tea.KeyEscape, tea.KeySpace} {
		theirs[tea.Key{Code: code}.String()] = true
	}
	for code := tea.KeyUp; code < tea.KeyUp+400; code++ {
		theirs[tea.Key{Code: code}.String()] = true
	}
	for n := range ours {
		if !theirs[n] {
			t.Errorf("%s is no key of Bubble Tea's", n)
		}
	}
	for n := range theirs {
		alone := strings.HasPrefix(n, "left") || strings.HasPrefix(n, "right") || strings.HasPrefix(n, "iso") ||
			strings.HasPrefix(n, "media") || strings.HasSuffix(n, "vol") || n == "mute"
		keypad := strings.Contains(" equal mul plus comma minus period div sep 0 1 2 3 4 5 6 7 8 9 ", " "+n+" ")
		if !ours[n] && !alone && !keypad && len([]rune(n)) > 1 {
			t.Errorf("there is no name for %s", n)
		}
	}
}

// A key that is pressed is found by the name that people write for it: what
// terminals send goes through Bubble Tea's own decoder.
func TestWhatTerminalsSendIsFoundByItsName(t *testing.T) {
	for name, sequence := range map[string]string{
		"ctrl+r": "\x12", "Ctrl+R": "\x12", "Ctrl+Space": "\x00", "tab": "\t", "return": "\r", "Esc": "\x1b", "backspace": "\x7f", "ctrl+h": "\x08",
		"alt+b": "\x1bb", "alt+shift+b": "\x1bB", "G": "G", "space": " ", "+": "+", "plus": "+", "comma": ",", "hash": "#", "é": "é", "日": "日",
		"up": "\x1b[A", "↓": "\x1b[B", "shift+up": "\x1b[1;2A", "shift+ctrl+left": "\x1b[1;6D", "alt+right": "\x1b[1;3C",
		"PageUp": "\x1b[5~", "pgdn": "\x1b[6~", "del": "\x1b[3~", "ins": "\x1b[2~", "home": "\x1b[H", "f1": "\x1bOP", "F5": "\x1b[15~", "shift+tab": "\x1b[Z",
		"ctrl+_": "\x1f", `ctrl+\`: "\x1c", "ctrl+]": "\x1d", "ctrl+^": "\x1e", "ctrl++": "\x1b[43;5u", "ctrl+shift+a": "\x1b[97;6u", "super+k": "\x1b[107;9u",
	} {
		var d uv.EventDecoder
		_, event := d.Decode([]byte(sequence))
		pressed, ok := event.(uv.KeyPressEvent)
		if !ok {
			t.Errorf("%q is %T", sequence, event)
			continue
		}
		got, err := ParseKey(name)
		if want := tea.KeyPressMsg(pressed).String(); err != nil || got != want {
			t.Errorf("%s is read as %q (%v), and comes as %q", name, got, err, want)
		}
	}
}

func TestKeysThatNeverComeAreRefused(t *testing.T) {
	for name, want := range map[string]string{
		"":            "a key is missing",
		"ctrl+":       "unknown key",
		"pagedwn":     "perhaps pgdown is meant",
		"ctrl+pgdwn":  "perhaps pgdown is meant",
		"xx":          "keys are characters, or enter",
		"strg+c":      "before a + stands one of ctrl, alt",
		"shift+a":     "shift+a: write A",
		"shift+7":     "write the character that it makes",
		"alt+B":       "alt+B: write alt+shift+b",
		"ctrl+i":      "same as tab",
		"ctrl+m":      "same as enter",
		"ctrl+[":      "same as esc",
		"ctrl+@":      "same as ctrl+space",
		"ctrl+/":      "same as ctrl+_",
		"\x1b":        "is no key by itself",
		"\u0301":      "is no key by itself",
		"\u202e":      "is no key by itself",
		"\xff":        "unknown key",
		"leftctrl":    "unknown key",
		"mediaplay":   "unknown key",
		"super+hyper": "unknown key",
	} {
		if got, err := ParseKey(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %q, %v; want %q", name, got, err, want)
		}
	}
}

// What is written and what is shown are read as the same key.
func TestKeysAreReadBackAsTheyAreWritten(t *testing.T) {
	for _, b := range Default().Bindings() {
		for _, k := range append(b.Keys(), ",", "#", "ctrl+,", "+", "ctrl++", "shift+delete", "alt+down") {
			for _, form := range []string{k, written(k), shown(k)} {
				if got, err := ParseKey(form); err != nil || got != k {
					t.Errorf("%s of %s is read as %q, %v", form, b.Action, got, err)
				}
			}
		}
	}
}
