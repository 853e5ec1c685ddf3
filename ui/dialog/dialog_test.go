package dialog

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/charmbracelet/x/ansi"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

func TestAReflexAnswersNoQuestion(t *testing.T) {
	keys, opened := keymap.Default(), time.Now()
	enter, tab, yes := tea.KeyPressMsg{Code: tea.KeyEnter}, tea.KeyPressMsg{Code: tea.KeyTab}, tea.KeyPressMsg{Code: 'y', Text: "y"}
	for _, c := range []struct {
		name   string
		after  time.Duration
		keys   []tea.KeyPressMsg
		done   bool
		answer tea.Msg
	}{
		{"enter at once", 0, []tea.KeyPressMsg{enter}, false, nil},
		{"y at once", Grace - 1, []tea.KeyPressMsg{yes}, false, nil},
		{"enter later takes cancel", Grace, []tea.KeyPressMsg{enter}, true, nil},
		{"y later", Grace, []tea.KeyPressMsg{yes}, true, "done"},
		{"the other button", Grace, []tea.KeyPressMsg{tab, enter}, true, "done"},
		{"no at once", 0, []tea.KeyPressMsg{{Code: tea.KeyEscape}}, true, nil},
	} {
		d := NewConfirm(opened, "Remove x?", "remove", "done")
		var done bool
		var answer tea.Msg
		for _, k := range c.keys {
			done, answer = d.Key(k, keys, opened.Add(c.after))
		}
		if done != c.done || answer != c.answer {
			t.Errorf("%s: done %v, answer %v", c.name, done, answer)
		}
	}
}

func TestAQuestionMayHaveAThirdAnswer(t *testing.T) {
	opened := time.Now()
	for keys, want := range map[string]tea.Msg{
		"": nil, "tab": "once", "tab tab": "always", "tab tab tab": nil,
		"left": nil, "h": nil, "shift+tab": nil, // and not round to the last
		"right": "once", "l l": "always", "right right right": "always", "right right left": "once", "tab tab shift+tab h": nil,
	} {
		d := NewConfirm(opened, "Run x?", "run once", "once")
		d.Also, d.Else = "approve content", "always"
		for _, k := range strings.Fields(keys) {
			d.Key(keystroke(k), keymap.Default(), opened)
		}
		if done, got := d.Key(tea.KeyPressMsg{Code: tea.KeyEnter}, keymap.Default(), opened.Add(Grace-1)); done || got != nil {
			t.Errorf("%q: too early: %v", keys, got)
		}
		box, _, _ := d.Draw(theme.New(theme.Plain), 80, 24)
		if done, got := d.Key(tea.KeyPressMsg{Code: tea.KeyEnter}, keymap.Default(), opened.Add(Grace)); !done || got != want {
			t.Errorf("%q: %v, want %v\n%s", keys, got, want, ansi.Strip(box))
		}
		if words := map[any]string{nil: "[ cancel ]", "once": "[ run once ]", "always": "[ approve content ]"}[want]; !strings.Contains(ansi.Strip(box), words) {
			t.Errorf("%q: no %s\n%s", keys, words, ansi.Strip(box))
		}
	}
}

// All buttons are seen whole where a question is 60 cells wide.
func TestThreeButtonsFitANarrowWindow(t *testing.T) {
	d := NewConfirm(time.Now(), "Run x unverified?", "run it unverified", nil)
	d.Also = ApproveContent
	if box, _, _ := d.Draw(theme.New(theme.Plain), 60, 24); !strings.Contains(ansi.Strip(box), "run it unverified      approve content ") {
		t.Error(ansi.Strip(box))
	}
}

func TestTheTitlesOfTheHelpAreWhole(t *testing.T) {
	box, _, _ := NewHelp(keymap.Default(), keymap.Offer, keymap.Everywhere).Draw(theme.New(theme.Plain), 80, 60)
	if box = ansi.Strip(box); !strings.Contains(box, "│ what can be fetched ") || !strings.Contains(box, "  f, enter  fetch") {
		t.Error(box)
	}
}

// A question's keys are in the footer, and what it can't do is not.
func TestAQuestionTellsItsKeys(t *testing.T) {
	ask := NewConfirm(time.Now(), "Remove x?", "remove", nil)
	if got := ask.Footer(); !slices.Contains(got, keymap.DialogYes) || !slices.Contains(got, keymap.DialogNo) {
		t.Errorf("%q", got)
	}
	card := &Card{Confirm: *ask, Rows: func(int) int { return 50 }, No: "no"}
	box, _, _ := card.Draw(theme.New(theme.Plain), 80, 24)
	if got := card.Footer(); slices.Contains(got, keymap.DialogYes) || strings.Contains(ansi.Strip(box), "remove ") {
		t.Errorf("what can't be seen can be agreed to: %q\n%s", got, ansi.Strip(box))
	}
	told := NewConfirm(time.Now().Add(-Grace), "It is so.", "", "yes")
	for _, k := range []string{"y", "tab", "right"} {
		if done, answer := told.Key(keystroke(k), keymap.Default(), time.Now()); done || answer != nil {
			t.Errorf("%s answers %v where there is nothing to be done", k, answer)
		}
	}
	if done, answer := told.Key(keystroke("enter"), keymap.Default(), time.Now()); !done || answer != nil {
		t.Errorf("it stays: %v", answer)
	}
}

func TestTheObjectAndTheButtonsAreSeen(t *testing.T) {
	d := NewConfirm(time.Now(), "Remove example.com/a-rather-long-name/with-many-parts 1.0?", "remove", nil, strings.Repeat("why ", 200))
	box, w, h := d.Draw(theme.New(theme.Plain), 80, 24)
	box = ansi.Strip(box)
	if !strings.Contains(box, "[ cancel ]") || !strings.Contains(box, "many-parts") || w > 80 || h > 24 {
		t.Errorf("%d×%d\n%s", w, h, box)
	}
}

func TestACommandLineReadOffTheScreenIsTheSame(t *testing.T) {
	words := []string{"run", "--volume=work,kind=host,source=/srv/a folder", "--exec", "/bin/sh", "--",
		"-c", "echo  two   spaces; echo 'quoted'  \"$HOME\" \\ ; " + strings.Repeat("é=日本 ", 30), "", "~", "  "}
	for width := 12; width <= 300; width += 7 {
		rows := ShellRows(words, width)
		for _, row := range rows {
			if text.Width(row) > width {
				t.Errorf("%d cells have no room for %s", width, row)
			}
		}
		out, err := exec.Command("/bin/sh", "-c", "printf '%s\\0' "+strings.Join(rows, "\n")).Output()
		if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); err != nil || !slices.Equal(got, words) {
			t.Fatalf("%d cells: %v %q\n%s", width, err, got, strings.Join(rows, "\n"))
		}
	}
}
