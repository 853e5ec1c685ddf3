package ui_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/settings"
	"github.com/podtui/podtui/ui/theme"
	"github.com/podtui/podtui/ui/uitest"
)

// settled is options of somebody who has a file of settings.
func settled(t *testing.T, content string) ui.Options {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, settings.Name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return ui.Options{ConfigDir: folder, Settings: settings.Read(folder)}
}

// Keys that were changed work, and help and footer say so; those that they stood
// for mean nothing.
func TestChangedKeysWorkAndAreSaid(t *testing.T) {
	o := settled(t, "key images.filter = F5, §\nkey images.sort = none\nkey quit = ctrl+q\nkey down = down, ctrl+x")
	uitest.Run(t, uitest.Setup{W: 120, H: 60, Engine: recordings(t), Options: o}, func(d *uitest.Driver) {
		d.Sees("f5 search").SeesNot("sort").Key("/", "s").Sees("f5 search", "5 images · by name").Key("j").SeesNot("▌  example").Key("ctrl+x", "ctrl+x").Sees("▌  example").
			Key("f5").Type("rwk").Sees("1 of 5 images").Key("esc").Key("§").Type("rwk").Sees("1 of 5 images").Key("esc")
		d.Press(keymap.Help).Sees("f5, §").SeesNot("sort").Press(keymap.End).Sees("ctrl+q", "↓, ctrl+x").Press(keymap.Back).Key("q").HasQuit(false).Key("ctrl+q").HasQuit(true)
	})
}

func TestMistakesOfTheSettingsAreSaidAndTheRestCounts(t *testing.T) {
	o := settled(t, "theme = paper\nmoose = on\nkey compose.undo = 1\n")
	uitest.Run(t, uitest.Setup{W: 160, H: 30, Engine: recordings(t), Options: o}, func(d *uitest.Driver) {
		d.Sees("! "+o.Settings.Path[:20], `tui.conf:2: unknown setting "moose"; perhaps mouse is meant (and 1 more; "podtui`, `tells all)`).
			Press(keymap.Down).Sees("moose"). // nobody is asked to be quick
			Press(keymap.GoCompose, keymap.ComposeUndo).Sees("nothing to undo").SeesNot("moose")
		if !strings.Contains(d.Raw(), theme.Named("paper", theme.Dark).Accent.On()) {
			t.Error("the theme does not count")
		}
	})
}

// A theme is chosen live, by everybody who draws, and says how it is kept.
func TestOneGoesThroughTheThemesLive(t *testing.T) {
	o := settled(t, "")
	uitest.Run(t, uitest.Setup{W: 120, H: 40, Engine: recordings(t), Options: o}, func(d *uitest.Driver) {
		d.Sees("5 images")
		for _, name := range append(theme.Names()[1:], theme.Terminal) {
			d.Press(keymap.Theme).Sees("theme " + name + " · theme = " + name + " in " + o.Settings.Path + " keeps it")
			wears(t, d, theme.Named(name, theme.Dark))
		}
		// Not lost while typing, nor over a question.
		d.Press(keymap.ImagesFilter).Type("rw").Press(keymap.Theme).Type("k").Sees("1 of 5 images").Press(keymap.EditCancel, keymap.ImagesRemove, keymap.Theme).Sees("Remove ")
		wears(t, d, theme.Named("light", theme.Dark))
	})
}

// wears holds a screen to a theme: each cell is on its background, and the accent
// is its own.
func wears(t *testing.T, d *uitest.Driver, th *theme.Theme) {
	t.Helper()
	raw := d.Raw()
	if !strings.Contains(raw, th.Accent.On()) {
		t.Errorf("nothing has the accent of %s", th.Name)
	}
	if got := strings.Contains(raw, "\x1b[48;") || strings.Contains(raw, ";48;"); got != th.Own() {
		t.Errorf("%s: a background is drawn: %v", th.Name, got)
	}
}

// Where there are few colours nobody gets a theme that can't be shown.
func TestAThemeThatTheTerminalCantShowIsNotTaken(t *testing.T) {
	o := settled(t, "theme = gruvbox")
	uitest.Run(t, uitest.Setup{W: 120, H: 40, Engine: recordings(t), Options: o}, func(d *uitest.Driver) {
		d.Sees("5 images").Send(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
		wears(t, d, theme.Named("gruvbox", theme.Dark))
		d.Send(tea.ColorProfileMsg{Profile: colorprofile.ANSI}).Sees("theme gruvbox needs 256 colours, which this terminal has not")
		wears(t, d, theme.New(theme.Dark))
		d.Press(keymap.Theme).Sees("theme plain").Press(keymap.Theme).Sees("theme terminal")
	})
}

// The theme of the terminal follows the terminal; others stay what they are.
func TestOnlyTheTerminalsThemeFollowsTheTerminal(t *testing.T) {
	for _, c := range []struct{ setting, want string }{{"", theme.New(theme.Light).Good.On()}, {"theme = dark", theme.Named("dark", theme.Light).Good.On()}} {
		uitest.Run(t, uitest.Setup{W: 120, H: 40, Engine: recordings(t), Options: settled(t, c.setting)}, func(d *uitest.Driver) {
			d.Sees("5 images").Send(tea.BackgroundColorMsg{Color: white{}}).Press(keymap.GoTrust).Sees("6 keys")
			if accent := theme.New(theme.Light).Accent.On(); strings.Contains(d.Raw(), accent) != (c.setting == "") {
				t.Errorf("%q: %s", c.setting, fmt.Sprintf("%.300q", d.Raw()))
			}
		})
	}
}

type white struct{}

func (white) RGBA() (r, g, b, a uint32) { return 0xffff, 0xffff, 0xffff, 0xffff }
