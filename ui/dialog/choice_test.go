package dialog

import (
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/theme"
)

func typeInto(d Dialog, keys ...string) (done bool, answer tea.Msg) {
	codes := map[string]rune{"enter": tea.KeyEnter, "esc": tea.KeyEscape, "up": tea.KeyUp, "down": tea.KeyDown, "end": tea.KeyEnd}
	for _, name := range keys {
		k := tea.KeyPressMsg{Code: codes[name]}
		if k.Code == 0 {
			k = tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
		}
		if done, answer = d.Key(k, keymap.Default(), time.Now()); done {
			return done, answer
		}
	}
	return done, answer
}

func TestOneOfAFewThingsIsChosen(t *testing.T) {
	for keys, want := range map[string]any{
		"enter": 0, "down enter": 1, "down down down down enter": 2, "up enter": 0, "end enter": 2, "j k j enter": 1, "esc": nil, "down n": nil,
	} {
		c := &Choice{Title: "which?", Among: []string{"a", "b", "c"}, Answer: func(i int) tea.Msg { return i }}
		done, got := typeInto(c, strings.Fields(keys)...)
		if !done || got != want {
			t.Errorf("%s: %v, %v; want %v", keys, done, got, want)
		}
	}
}

func TestTheChosenIsInViewOfASmallWindow(t *testing.T) {
	c := &Choice{Title: "which?", Among: strings.Split("abcdefghij", ""), Answer: func(i int) tea.Msg { return i }}
	typeInto(c, "end")
	for h := 1; h < 20; h++ {
		if box, _, _ := c.Draw(theme.New(theme.Plain), 40, h); h >= 3 && !strings.Contains(ansi.Strip(box), "▌ j") {
			t.Errorf("in %d rows:\n%s", h, box)
		}
	}
}

func TestAPromptTakesWhatIsTypedOrOffered(t *testing.T) {
	for keys, want := range map[string]any{
		"enter esc": nil, "l s enter": "ls", "down enter": "/bin/a", "down down down enter": "/bin/b", "down x enter": "/bin/ax", "' enter esc": nil,
	} {
		d := &Prompt{
			Title: "which program?", Offers: []string{"/bin/a", "/bin/b"}, Answer: func(typed string) tea.Msg { return typed },
			Check: func(typed string) error {
				if strings.Contains(typed, "'") {
					return errors.New("a quotation is not closed")
				}
				return nil
			},
		}
		if done, got := typeInto(d, strings.Fields(keys)...); !done || got != want {
			t.Errorf("%s: %v, %v; want %v", keys, done, got, want)
		}
	}
}

func TestAPromptSaysWhatIsWrongUntilTheNextKey(t *testing.T) {
	d := &Prompt{Title: "which?", Check: func(string) error { return errors.New("no such thing") }}
	d.Paste("a\nb")
	typeInto(d, "enter")
	draw := func() string {
		box, _, _ := d.Draw(theme.New(theme.Plain), 60, 20)
		return ansi.Strip(box)
	}
	if box := draw(); !strings.Contains(box, "no such thing") || !strings.Contains(box, "a b") {
		t.Error(box)
	}
	typeInto(d, "c")
	if box := draw(); strings.Contains(box, "no such thing") || !strings.Contains(box, "a bc") {
		t.Error(box)
	}
}
