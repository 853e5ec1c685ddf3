package settings

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/podtui/podtui/keymap"
)

// at writes a file of settings and returns its folder.
func at(t testing.TB, content string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, Name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return folder
}

type stroke string

func (s stroke) String() string { return string(s) }

func TestNoFileIsNoSettings(t *testing.T) {
	for _, folder := range []string{"", t.TempDir(), "/no/such/folder"} {
		s := Read(folder)
		if s.Theme != "" || s.Mouse || s.Linear || len(s.Mistakes) > 0 || s.Keys.Action(stroke("u"), keymap.Compose) != keymap.ComposeUndo {
			t.Errorf("%+v", s)
		}
	}
}

func TestSettingsAreRead(t *testing.T) {
	s := Read(at(t, "\ufeff# mine\r\n\r\ntheme=paper\r\n  mouse =  on # always\nlinear = on\nkey compose.undo = Ctrl+X, hash#\t\nkey\tpods.mark-all = hash, comma # for all"))
	if s.Theme != "paper" || !s.Mouse || !s.Linear {
		t.Errorf("%+v", s)
	}
	if s.Keys.Action(stroke("#"), keymap.Pods) != keymap.PodsMarkAll || s.Keys.Action(stroke(","), keymap.Pods) != keymap.PodsMarkAll {
		t.Error("no key was changed")
	}
	if len(s.Mistakes) != 1 || !strings.Contains(s.Mistakes[0], `tui.conf:6: key compose.undo: unknown key "hash#"`) {
		t.Errorf("%q", s.Mistakes)
	}
}

func TestEveryMistakeHasFileAndLine(t *testing.T) {
	for _, c := range []struct{ name, content, want string }{
		{"a word alone", "theme", `3: "theme": write NAME = VALUE`},
		{"a theme that is not there", "theme = neon", `3: theme: "neon" is none; there are terminal, dark,`},
		{"no theme", "theme =", `3: theme: "" is none; there are`},
		{"neither on nor off", "mouse = yes", `3: mouse: "yes"; write on or off`},
		{"a name that is nearly right", "moose = on", `3: unknown setting "moose"; perhaps mouse is meant`},
		{"any other name", "colour = red", `3: unknown setting "colour"; there are theme, mouse, linear and key ACTION`},
		{"an action without its word", "compose.undo = x", `3: unknown setting "compose.undo"; write key compose.undo = KEY`},
		{"too many words", "key compose undo = x", `3: unknown setting "key compose undo"`},
		{"a key that clashes", "key compose.undo = U", `3: key compose.undo: U is compose.redo already`},
		{"twice", "mouse = off\nmouse = on", `4: mouse: line 3 says it already`},
		{"bytes that are no text", "theme = \xff\x1b[2J", `3: it is no UTF-8`},
		{"an escape sequence", "the\x1b[2Jme = dark", `3: unknown setting "the\x1b[2Jme"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := at(t, "# one\nlinear = on\n"+c.content+"\nkey pods.sort = F\n")
			s := Read(folder)
			if len(s.Mistakes) != 1 || !strings.HasPrefix(s.Mistakes[0], filepath.Join(folder, Name)+":"+c.want) {
				t.Errorf("got %q\nwant …:%s", s.Mistakes, c.want)
			}
			if !s.Linear || s.Keys.Action(stroke("F"), keymap.Pods) != keymap.PodsSort {
				t.Error("the rest doesn't count")
			}
		})
	}
}

// Neither a pipe, nor a device, nor a file without an end holds up the screen.
func TestWhatIsNoFileOfSettingsIsSaid(t *testing.T) {
	folder := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(folder, Name), 0o600); err != nil {
		t.Fatal(err)
	}
	zero := t.TempDir()
	if err := os.Symlink("/dev/zero", filepath.Join(zero, Name)); err != nil {
		t.Fatal(err)
	}
	large := at(t, strings.Repeat("# more\n", most/7+1))
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, Name), 0o755); err != nil {
		t.Fatal(err)
	}
	for folder, want := range map[string]string{folder: "no regular file", zero: "no regular file", dir: "no regular file", large: "larger than 64 kB"} {
		s := Read(folder)
		if len(s.Mistakes) != 1 || !strings.Contains(s.Mistakes[0], want) || !strings.HasPrefix(s.Mistakes[0], filepath.Join(folder, Name)+": ") {
			t.Errorf("%q, want %s", s.Mistakes, want)
		}
	}
}

// What is written to start from says what counts now, and all of it can be
// uncommented.
func TestSettingsAreWrittenToStartFrom(t *testing.T) {
	for _, content := range []string{"", "theme = paper\nmouse = on\nkey compose.undo = Z\nkey pods.kill = none"} {
		before := Read(at(t, content))
		after := Read(at(t, before.Lines()))
		if len(after.Mistakes) > 0 || after.Theme != before.Theme || after.Mouse != before.Mouse || !sameKeys(before.Keys, after.Keys) {
			t.Errorf("%q\n%s", after.Mistakes, before.Lines())
		}
		all := strings.NewReplacer("\n#key ", "\nkey ", "\n#theme", "\ntheme", "\n#mouse", "\nmouse").Replace(before.Lines())
		if s := Read(at(t, all)); len(s.Mistakes) > 0 || !sameKeys(before.Keys, s.Keys) || s.Theme == "" {
			t.Errorf("%q\n%s", s.Mistakes, all)
		}
	}
}

func sameKeys(a, b *keymap.Map) bool {
	return slices.EqualFunc(a.Bindings(), b.Bindings(), func(a, b keymap.Binding) bool { return slices.Equal(a.Keys(), b.Keys()) })
}

// Whatever is in the file, there is a keymap, and every mistake is one line that
// says where it is.
func FuzzSettings(f *testing.F) {
	f.Add("theme = paper\nmouse = on # yes\nkey quit = Q, ctrl+q\nkey compose.undo = #")
	f.Add("key = x\nkey a b = c\n= =\n\xff\n# #\nlinear=off\nlinear=on")
	f.Fuzz(func(t *testing.T, content string) {
		s := Settings{Path: Name, Keys: keymap.Default()}
		s.parse(content)
		if s.Keys == nil || s.Keys.Action(stroke("ctrl+c"), keymap.Everywhere) == keymap.None && !strings.Contains(content, "cancel") {
			t.Error("nobody can leave")
		}
		for _, m := range s.Mistakes {
			if !strings.HasPrefix(m, Name+":") || strings.ContainsAny(m, "\n\x1b") {
				t.Errorf("%q", m)
			}
		}
	})
}
