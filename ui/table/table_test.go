package table

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/theme"
)

func rowsOf(rows int) *Table {
	t := &Table{Columns: []Column{{Title: "name"}, {Title: "size", Width: 6, Right: true}, {Title: "more", Width: 20, Drop: 1}}}
	t.SetLen(rows)
	return t
}

func drawn(t *Table, w, h int) string {
	return ansi.Strip(t.Draw(theme.New(theme.Plain), w, h, func(i int, r *Row) {
		r.Cells[0].Text, r.Cells[1].Text, r.Cells[2].Text = fmt.Sprintf("row %d", i), fmt.Sprint(i), "more"
	}))
}

func TestOnlyRowsInViewAreAskedFor(t *testing.T) {
	tab := rowsOf(1_000_000)
	asked := 0
	tab.Draw(theme.New(theme.Plain), 80, 20, func(int, *Row) { asked++ })
	if asked != 19 {
		t.Errorf("asked for %d rows", asked)
	}
}

func TestTheCursorStaysInView(t *testing.T) {
	tab := rowsOf(1000)
	for _, a := range []keymap.Action{keymap.End, keymap.PageUp, keymap.Up, keymap.Home, keymap.PageDown, keymap.Down} {
		tab.Move(a)
		if out := drawn(tab, 60, 10); !strings.Contains(out, "▌") {
			t.Errorf("after %s:\n%s", a, out)
		}
	}
	tab.SetLen(2)
	if out := drawn(tab, 60, 10); tab.Cursor() != 1 || !strings.Contains(out, "row 0") {
		t.Errorf("cursor %d:\n%s", tab.Cursor(), out)
	}
	tab.SetLen(0)
	if tab.Cursor() != -1 {
		t.Errorf("cursor %d of nothing", tab.Cursor())
	}
}

func TestANarrowScreenLosesWhatMattersLeast(t *testing.T) {
	if out := drawn(rowsOf(3), 80, 5); !strings.Contains(out, "more") {
		t.Error(out)
	}
	if out := drawn(rowsOf(3), 45, 5); strings.Contains(out, "more") || !strings.Contains(out, "size") {
		t.Error(out)
	}
}
