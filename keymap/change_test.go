package keymap

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// lines are changes as they stand in a file, the first in line 1.
func lines(text string) []Change {
	var changes []Change
	for i, l := range strings.Split(text, "\n") {
		action, keys, _ := strings.Cut(l, "=")
		changes = append(changes, Change{i + 1, strings.TrimSpace(action), keys})
	}
	return changes
}

func TestDefaultsPassWhatChangesHaveToPass(t *testing.T) {
	m := Default()
	for _, c := range clashes(m.bindings) {
		t.Errorf("%s is %s and %s", c.key, m.bindings[c.a].Action, m.bindings[c.b].Action)
	}
	var all []Change
	for i, b := range m.bindings {
		all = append(all, Change{i + 1, string(b.Action), strings.Join(writtenApart(b), ", ")})
	}
	changed, mistakes := m.With(all)
	for _, m := range mistakes {
		t.Error(m.Text)
	}
	for i, b := range changed.bindings {
		if !slices.Equal(b.Keys(), m.bindings[i].Keys()) {
			t.Errorf("%s has %q", b.Action, b.Keys())
		}
	}
}

func writtenApart(b Binding) (keys []string) {
	for _, k := range b.Keys() {
		keys = append(keys, written(k))
	}
	return keys
}

func TestKeysCanBeChanged(t *testing.T) {
	m, mistakes := Default().With(lines("compose.undo = ctrl+z2\ncompose.undo = Ctrl+X, u, PgDn2\ncompose.undo=Ctrl+X, u\npods.kill = none\npods.mark-all = comma"))
	if len(mistakes) != 2 {
		t.Errorf("%v", mistakes)
	}
	for _, c := range []struct {
		key   stroke
		scope Scope
		want  Action
	}{{"ctrl+x", Compose, ComposeUndo}, {"u", Compose, ComposeUndo}, {"K", Pods, None}, {",", Pods, PodsMarkAll}, {"*", Pods, None}} {
		if got := m.Action(c.key, c.scope); got != c.want {
			t.Errorf("%s is %q, want %q", c.key, got, c.want)
		}
	}
	if key, does := m.Hint(ComposeUndo); key != "ctrl+x" || does != "undo" {
		t.Errorf("the footer says %q %q", key, does)
	}
	if key, _ := m.Hint(PodsKill); key != "no key" || m.Key(PodsKill) != "" {
		t.Errorf("sentences say %q", key)
	}
	if key, _ := m.Hint(PodsMarkAll); key != "," {
		t.Errorf("the footer says %q", key)
	}
	for _, b := range m.Help(Pods)[0].Bindings {
		if b.Action == PodsKill {
			t.Error("the help tells of an action without a key")
		}
	}
	if Default().Action(stroke("u"), Compose) != ComposeUndo || Default().Action(stroke("ctrl+x"), Compose) != None {
		t.Error("the default has changed")
	}
}

// Two actions can change their keys, because lines count together.
func TestLinesCountTogether(t *testing.T) {
	m, mistakes := Default().With(lines("compose.undo = U\ncompose.redo = u"))
	if len(mistakes) > 0 || m.Action(stroke("u"), Compose) != ComposeRedo || m.Action(stroke("U"), Compose) != ComposeUndo {
		t.Errorf("%v", mistakes)
	}
}

func TestEveryMistakeIsToldByItsLine(t *testing.T) {
	for _, c := range []struct{ name, lines, want string }{
		{"an action that is not there", "compose.unod = x", `1: unknown action "compose.unod"; perhaps compose.undo is meant`},
		{"the end of an action's name", "undo = ctrl+x", `1: unknown action "undo"; perhaps compose.undo is meant`},
		{"anything else", "frobnicate = x", `1: unknown action "frobnicate"; "podtui settings" lists those there are`},
		{"a key that is not there", "quit = qq", `1: key quit: unknown key "qq"; keys are characters, or enter, tab, esc, space, up, pgdown, f5 and such`},
		{"no key", "quit =", `1: key quit: a key is missing`},
		{"half a list", "compose.undo = u,", `1: key compose.undo: a key is missing`},
		{"a key twice", "compose.undo = u, u", `1: key compose.undo: u is there twice`},
		{"a key of the same screen", "compose.undo = U", `1: key compose.undo: U is compose.redo already; one would hide the other`},
		{"a key that the root takes first", "compose.undo = 1", `1: key compose.undo: 1 is go.images (everywhere) already; one would hide the other`},
		{"a global that a screen would hide", "go.images = u", `1: key go.images: u is fetches.unverified (fetches) already; one would hide the other`},
		{"a key that moves", "compose.undo = j", `1: key compose.undo: j is down (moving) already; one would hide the other`},
		{"a letter while typing", "edit.to-end = x", `1: key edit.to-end: x is typed into fields; take one with ctrl or alt, or such as tab or f2`},
		{"a space while typing", "search.complete = space", `1: key search.complete: space is typed into fields; take one with ctrl or alt, or such as tab or f2`},
		{"a letter that would cancel typing", "cancel = c", `1: key cancel: c is typed into fields; take one with ctrl or alt, or such as tab or f2`},
		{"a global that a field would hide", "redraw = ctrl+k", `1: key redraw: ctrl+k is edit.to-end (while typing) already; one would hide the other`},
		{"the way out", "quit = none", `1: key quit: it needs a key: there would be one way out less`},
		{"an answer", "dialog.no = none", `1: key dialog.no: it needs a key: a question could not be answered`},
		{"an action twice", "quit = Q\nquit = Z", `2: key quit: line 1 says it already`},
		{"two lines that want the same", "compose.undo = Y\ncompose.redo = Y", `2: key compose.redo: Y is compose.undo by line 1 already; one would hide the other`},
		{"a key that is free only if the other line counts", "compose.undo = U\ncompose.redo = 1",
			"1: key compose.undo: U is compose.redo already; one would hide the other\n2: key compose.redo: 1 is go.images (everywhere) already; one would hide the other"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, mistakes := Default().With(append(lines(c.lines), Change{9, "pods.sort", "F"}))
			var got []string
			for _, m := range mistakes {
				got = append(got, fmt.Sprintf("%d: %s", m.Line, m.Text))
			}
			if strings.Join(got, "\n") != c.want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "\n"), c.want)
			}
		})
	}
}

func TestTheRestCounts(t *testing.T) {
	m, mistakes := Default().With(lines("compose.undo = 1\npods.sort = F\nnothing = x"))
	if len(mistakes) != 2 || m.Action(stroke("F"), Pods) != PodsSort || m.Action(stroke("u"), Compose) != ComposeUndo {
		t.Errorf("%v", mistakes)
	}
}

// Whatever a file says, no key means two things, nobody is caught, and what the
// keymap writes down is the same keymap.
func FuzzChanges(f *testing.F) {
	f.Add("compose.undo = ctrl+z, u\npods.kill = none")
	f.Add("compose.undo = U\ncompose.redo = u\nquit = none\ncancel = c\nedit.accept=x")
	f.Add("pods.sort = comma, hash, ctrl+,\nhelp = #\nback = esc, \xff, é")
	f.Fuzz(func(t *testing.T, text string) {
		changes := lines(text)
		m, mistakes := Default().With(changes)
		if c := clashes(m.bindings); len(c) > 0 {
			t.Fatalf("%q: %+v", text, c)
		}
		for _, mistake := range mistakes {
			if mistake.Line < 1 || mistake.Line > len(changes) || mistake.Text == "" {
				t.Errorf("%q: %+v", text, mistake)
			}
		}
		for _, b := range m.bindings {
			if len(b.Keys()) == 0 && needed(b.Action) != "" {
				t.Errorf("%q: %s has no key", text, b.Action)
			}
		}
		again, mistakes := Default().With(readLines(m.Lines()))
		if len(mistakes) > 0 {
			t.Fatalf("%q: written down: %v", text, mistakes)
		}
		for i, b := range again.bindings {
			if !slices.Equal(b.Keys(), m.bindings[i].Keys()) {
				t.Errorf("%q: %s has %q, and written down %q", text, b.Action, m.bindings[i].Keys(), b.Keys())
			}
		}
	})
}

// readLines are the lines that count of what a keymap has written.
func readLines(text string) (changes []Change) {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "key "); ok {
			rest, _, _ = strings.Cut(rest, " #")
			action, keys, _ := strings.Cut(rest, " = ")
			changes = append(changes, Change{len(changes) + 1, action, keys})
		}
	}
	return changes
}

// What is written down with every comment taken away is the default.
func TestTheKeymapIsWrittenToStartFrom(t *testing.T) {
	m := Default()
	text := strings.ReplaceAll(m.Lines(), "\n#key ", "\nkey ")
	changes := readLines(text)
	if _, mistakes := m.With(changes); len(mistakes) > 0 || len(changes) != len(m.bindings) {
		t.Errorf("%d of %d lines, %v", len(changes), len(m.bindings), mistakes)
	}
	if !strings.Contains(m.Lines(), "\n# compose\n#key compose.run = r, ctrl+r") {
		t.Error(m.Lines())
	}
}
