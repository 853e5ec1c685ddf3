package ui_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/podtui/podtui/ui/settings"
)

// configuredIn is the folder of the program's configuration.
const configuredIn = "PODTUI_TEST_CONFIG"

// The file of settings is there with the first frame; who names a theme for himself
// gets it, colours and all; and the mouse is the terminal's again at the end, however
// that comes.
func TestSettingsAreThereWithTheFirstFrame(t *testing.T) {
	folder := t.TempDir()
	content := "theme = paper\nmouse = on\nmoose = on\nkey quit = Q\n"
	if err := os.WriteFile(filepath.Join(folder, settings.Name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"key", "signal"} {
		tm := startTerminal(t, "quit", configuredIn+"="+folder, "PODTUI_THEME=gruvbox", "NO_COLOR=1", "COLORTERM=truecolor")
		tm.waitFor("5 images")
		tm.waitFor("perhaps mouse is meant")
		painted := tm.bytes()
		for what, want := range map[string]string{"the mouse": "\x1b[?1002h", "the background": "48;2;29;32;33"} {
			if !strings.Contains(painted, want) {
				t.Errorf("%s is missing: no %q", what, want)
			}
		}
		if end == "key" {
			_, _ = tm.pty.WriteString("qQ")
		} else if err := tm.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		tm.ended(0)
		if on, off := strings.LastIndex(tm.bytes(), "\x1b[?1002h"), strings.LastIndex(tm.bytes(), "\x1b[?1002l"); off < on {
			t.Error("the mouse is still on")
		}
	}
}
