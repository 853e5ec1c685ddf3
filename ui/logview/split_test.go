package logview

import (
	"slices"
	"strings"
	"testing"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/theme"
)

// Windows on the same lines have each a place of its own, and find what has come by
// another.
func TestWindowsBesideEachOther(t *testing.T) {
	plain := theme.New(theme.Plain)
	v := New()
	v.Times = false
	v.Arrange([]string{"web", "db"})
	v.Add(someLines(0, 100))
	web, db := v.Beside("web"), v.Beside("db")
	for _, w := range []*View{web, db} {
		w.Draw(plain, 20, 5)
	}
	web.Move(keymap.Home)
	web.Mark("line 1")
	db.Mark("line 101")
	v.Add(someLines(100, 10))
	if got := web.Draw(plain, 20, 2); !strings.HasPrefix(got, " line 0 ") || web.Follows() {
		t.Errorf("who had scrolled up sees %q", got)
	}
	if got := db.Draw(plain, 20, 2); !strings.Contains(got, "line 109") || strings.Contains(got, "108") || !db.Follows() {
		t.Errorf("who follows sees %q", got)
	}
	if _, of := db.Matches(); of != 1 {
		t.Errorf("%d lines have what came by another window", of)
	}
	if _, of := web.Matches(); of != 10 { // 10 12 14 16 18 100 102 104 106 108
		t.Errorf("%d lines of web match", of)
	}
}

// Copied is what is seen: the lines of the window, whole, or the match.
func TestWhatIsCopied(t *testing.T) {
	plain := theme.New(theme.Plain)
	long := strings.Repeat("long ", 50)
	for name, c := range map[string]struct {
		prepare func(*View)
		want    []string
	}{
		"nothing": {func(v *View) { v.Draw(plain, 20, 4) }, nil},
		"the end": {func(v *View) { v.Add(someLines(0, 9)); v.Draw(plain, 20, 2) }, []string{"line 7", "line 8"}},
		"scrolled up": {func(v *View) {
			v.Add(someLines(0, 9))
			v.Draw(plain, 20, 3)
			v.Move(keymap.Home)
			v.Draw(plain, 20, 3)
		}, []string{"line 0", "line 1", "line 2"}},
		"one app":   {func(v *View) { v.Add(someLines(0, 9)); v.Show("db"); v.Draw(plain, 20, 2) }, []string{"line 5", "line 7"}},
		"cut":       {func(v *View) { v.Add(someLines(0, 1)); v.ring.line(0).Text = long; v.Draw(plain, 20, 2) }, []string{long}},
		"the match": {func(v *View) { v.Add(someLines(0, 9)); v.Draw(plain, 20, 9); v.Search("line 3") }, []string{"line 3"}},
		"no match":  {func(v *View) { v.Add(someLines(0, 2)); v.Search("nowhere"); v.Draw(plain, 20, 9) }, []string{"line 0", "line 1"}},
		"gone since": {func(v *View) {
			v.Add(someLines(0, 5))
			v.Draw(plain, 20, 5)
			v.Add(someLines(5, maxLines-3))
		}, []string{"line 2", "line 3", "line 4"}},
	} {
		v := New()
		c.prepare(&v)
		if got := v.Copied(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
