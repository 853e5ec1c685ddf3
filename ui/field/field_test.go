package field

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
)

func press(l *Line, keys ...tea.KeyPressMsg) {
	for _, k := range keys {
		l.Key(k, keymap.Default())
	}
}

func ctrl(r rune) tea.KeyPressMsg { return tea.KeyPressMsg{Code: r, Mod: tea.ModCtrl} }

func TestLineEditsLikeAShell(t *testing.T) {
	for _, c := range []struct {
		name, start, want string
		keys              []tea.KeyPressMsg
	}{
		{"a word back takes one element of a path", "/srv/images/x.aci", "/srv/images/", []tea.KeyPressMsg{ctrl('w')}},
		{"to the start", "abc", "", []tea.KeyPressMsg{ctrl('u')}},
		{"home, then to the end", "abc", "", []tea.KeyPressMsg{ctrl('a'), ctrl('k')}},
		{"a whole rune", "日本", "日", []tea.KeyPressMsg{{Code: tea.KeyBackspace}}},
		{"in the middle", "ac", "abc", []tea.KeyPressMsg{{Code: tea.KeyLeft}, {Code: 'b', Text: "b"}}},
		{"at the end nothing is deleted", "a", "a", []tea.KeyPressMsg{{Code: tea.KeyDelete}}},
	} {
		var l Line
		l.Set(c.start)
		press(&l, c.keys...)
		if l.Value() != c.want {
			t.Errorf("%s: %q, want %q", c.name, l.Value(), c.want)
		}
	}
}

func TestAValueComesOutAsItWentIn(t *testing.T) {
	for _, v := range []string{"two\nlines\t", "\xff\xfe", "\x1b[31m", "e\u0301"} {
		var l Line
		l.Set(v)
		press(&l, tea.KeyPressMsg{Code: 'x', Text: "x"}, tea.KeyPressMsg{Code: tea.KeyBackspace})
		if l.Value() != v {
			t.Errorf("%q became %q", v, l.Value())
		}
	}
}

func TestPathCompletes(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"one.aci", "only.aci", ".hidden"} {
		os.WriteFile(filepath.Join(dir, name), nil, 0o644)
	}
	os.Mkdir(filepath.Join(dir, "folder"), 0o755)

	var p Path
	p.Set(dir + "/")
	p.Take(p.Refresh()().(Listing))
	if got, want := p.Candidates(), []string{"folder/", "one.aci", "only.aci"}; !slices.Equal(got, want) {
		t.Fatalf("%q", got)
	}
	p.Set(dir + "/o")
	if p.Refresh() != nil {
		t.Error("reads the folder again")
	}
	if !p.Complete() || p.Value() != dir+"/on" || p.Complete() {
		t.Errorf("completed to %s", p.Value())
	}
	p.Set(dir + "/f")
	if p.Complete(); p.Value() != dir+"/folder/" {
		t.Errorf("completed to %s", p.Value())
	}
	p.Set("/no/such/place/")
	stale := p.Refresh()
	p.Set(dir + "/")
	p.Take(p.Refresh()().(Listing))
	if p.Take(stale().(Listing)); p.Err() != nil {
		t.Error("took an answer about another folder")
	}
}

func TestWhatIsTypedAheadWaitsForTheFolder(t *testing.T) {
	var p Path
	tab, x := tea.KeyPressMsg{Code: tea.KeyTab}, tea.KeyPressMsg{Code: 'x', Text: "x"}
	p.Set("/a/")
	if p.Hold(tab, true) {
		t.Error("waits for a folder that nobody reads")
	}
	if p.Refresh(); p.Refresh() != nil {
		t.Error("reads the folder twice at once")
	}
	if p.Hold(x, false) || !p.Hold(tab, true) || !p.Hold(x, false) {
		t.Error("only what needs the names waits, and what is typed after it")
	}
	if held := p.Take(Listing{Dir: "/b/"}); held != nil {
		t.Errorf("another folder released %v", held)
	}
	if held := p.Take(Listing{Dir: "/a/", Err: os.ErrPermission}); !slices.Equal(held, []tea.Msg{tab, x}) {
		t.Errorf("released %v", held)
	}
	if p.Hold(tab, true) || p.Take(Listing{Dir: "/a/"}) != nil {
		t.Error("holds what nothing will release, or releases it twice")
	}

	p.Forget()
	p.Refresh()
	for range 2 * mostHeld {
		p.Hold(tab, true)
	}
	if n := len(p.held); n != mostHeld {
		t.Errorf("holds %d keys", n)
	}
	p.Forget()
	if p.Refresh(); p.Take(Listing{Dir: "/a/"}) != nil {
		t.Error("releases what was dropped")
	}
}

func TestPathCompletesToAnAbsoluteOne(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "a-file"), nil, 0o644)
	os.MkdirAll(filepath.Join(dir, "data", "one"), 0o755)
	t.Chdir(dir)
	for typed, want := range map[string]string{
		"da": dir + "/data/", "./da": dir + "/data/", "data/o": dir + "/data/one/", dir + "/da": dir + "/data/",
	} {
		p := Path{Absolute: true}
		p.Set(typed)
		p.Take(p.Refresh()().(Listing))
		if !p.Complete() || p.Value() != want {
			t.Errorf("%s became %s, want %s", typed, p.Value(), want)
		}
	}
	if got, want := list(dir+"/").Names, []string{"data/", "a-file"}; !slices.Equal(got, want) {
		t.Errorf("%q, want folders first", got)
	}
}
