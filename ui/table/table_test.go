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

// A heading is passed in the direction of the movement, and is in view with the
// row below it.
func TestTheCursorPassesWhatIsOnlyToBeRead(t *testing.T) {
	tab := rowsOf(6) // a heading, a row, two lines, two rows
	tab.Fixed = func(i int) bool { return i == 0 || i == 2 || i == 3 }
	tab.Select(0)
	for _, c := range []struct {
		move keymap.Action
		want int
	}{
		{keymap.None, 1}, {keymap.Up, 1}, {keymap.Down, 4}, {keymap.Down, 5}, {keymap.Down, 5},
		{keymap.Up, 4}, {keymap.Up, 1}, {keymap.End, 5}, {keymap.Home, 1},
	} {
		tab.Move(c.move)
		if tab.Cursor() != c.want {
			t.Errorf("after %q the cursor is at %d, want %d", c.move, tab.Cursor(), c.want)
		}
	}
	tab.Move(keymap.End)
	drawn(tab, 60, 3)
	tab.Move(keymap.Home)
	if out := drawn(tab, 60, 3); !strings.Contains(out, "row 0") {
		t.Errorf("the heading is out of view:\n%s", out)
	}
	tab.SetLen(1)
	if tab.Cursor() != -1 {
		t.Errorf("cursor %d on a heading", tab.Cursor())
	}
}

// A long name has the columns that say nothing in its row, and loses what can be
// spared before it is cut.
func TestALongNameUsesEmptyColumns(t *testing.T) {
	tab := rowsOf(4)
	const name = "docker://registry.test/a/long/name"
	out := ansi.Strip(tab.Draw(theme.New(theme.Plain), 62, 6, func(i int, r *Row) {
		r.Cells[0] = Cell{Text: name, Tail: true}
		if i%2 == 1 {
			r.Cells[1].Text = "12 MB"
		}
		if i >= 2 {
			r.Cells[0].Spare = len("docker://")
		}
		r.Cells[2].Text = "more"
	}))
	rows := strings.Split(out, "\n")
	for i, want := range []string{name, "…/registry.test/a/long/name", name, "registry.test/a/long/name"} {
		if !strings.Contains(rows[i+1], " "+want+" ") {
			t.Errorf("row %d: no %q in\n%s", i, want, out)
		}
	}
}

// Of who signed, the end of the fingerprint tells more than the name.
func TestTheEndOfACellIsNeverCut(t *testing.T) {
	tab := &Table{Columns: []Column{{Title: "name", Width: 8}, {Title: "by", Width: 18}}}
	tab.SetLen(1)
	out := ansi.Strip(tab.Draw(theme.New(theme.Plain), 40, 2, func(_ int, r *Row) {
		r.Cells[0].Text, r.Cells[1] = "app", Cell{Text: "Example Builds \x1b", End: " FC8A 365E"}
	}))
	if !strings.Contains(out, "app       Example… FC8A 365E") {
		t.Errorf("%q", out)
	}
}
