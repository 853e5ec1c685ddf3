package welcome

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/theme"
)

func pages() map[string]Page {
	p := Page{Theme: theme.New(theme.Dark), Keys: keymap.Default()}
	demo, missing := p, p
	demo.Demo = true
	missing.Missing = "Not root: running pods needs root. sudo podtui has it all."
	missing.Works = "Searching works."
	return map[string]Page{"with a demo": demo, "without": p, "not root": missing}
}

// Ten lines, and none of them cut, have room on the smallest usual terminal.
func TestAllOfItHasRoomIn76CellsAnd17Rows(t *testing.T) {
	t.Parallel()
	for name, p := range pages() {
		screen := ansi.Strip(p.Draw(80, 17))
		if strings.Contains(screen, "…") || !strings.Contains(screen, "all keys that work where you are") ||
			!strings.Contains(screen, p.Works) || !strings.Contains(screen, p.Missing) {
			t.Errorf("%s:\n%s", name, screen)
		}
		lines := 0
		for row := range strings.Lines(screen) {
			if strings.TrimSpace(row) != "" {
				lines++
			}
		}
		if most := 10; lines > most && p.Missing == "" {
			t.Errorf("%s: %d lines", name, lines)
		}
	}
}

func TestItIsExactlyAsLargeAsItsPlace(t *testing.T) {
	t.Parallel()
	for name, p := range pages() {
		for w := 0; w < 100; w += 7 {
			for h := range 25 {
				rows := strings.Split(p.Draw(w, h), "\n")
				if h > 0 && len(rows) != h {
					t.Fatalf("%s, %d×%d: %d rows", name, w, h, len(rows))
				}
				for _, row := range rows {
					if got := ansi.StringWidthWc(row); got != w && h > 0 {
						t.Fatalf("%s, %d×%d: a row of %d: %q", name, w, h, got, row)
					}
				}
			}
		}
	}
}

// Who has changed his keys is told his own.
func TestItTellsTheKeysThatThereAre(t *testing.T) {
	t.Parallel()
	p := pages()["with a demo"]
	for _, a := range []keymap.Action{keymap.ImagesDemo, keymap.ImagesFilter, keymap.ImagesAdd, keymap.Help, keymap.ComposeRun} {
		keys, mistakes := keymap.Default().With([]keymap.Change{{Line: 1, Action: string(a), Keys: "f9"}})
		if len(mistakes) > 0 {
			t.Fatal(mistakes)
		}
		p.Keys = keys
		if screen := ansi.Strip(p.Draw(80, 17)); !strings.Contains(screen, "f9 ") {
			t.Errorf("%s:\n%s", fmt.Sprint(a), screen)
		}
	}
}
