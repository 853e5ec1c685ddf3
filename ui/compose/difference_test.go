package compose

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/screen"
)

// different is a form whose first app says otherwise than its image in several ways,
// beside one that says nothing.
func different(t *testing.T) *Screen {
	t.Helper()
	s := imaged(t, spec.Pod{
		Name: "pair",
		Apps: []spec.App{
			{Image: "img", Name: "one", User: "7", Args: []string{"a b", ""}, Env: []spec.Var{{Name: "A", Value: "1"}}, Memory: "32Mi", Mounts: []spec.Mount{{Volume: "data", Path: "/d"}}},
			{Image: "img", Name: "two"},
		},
		Volumes: []spec.Volume{{Name: "data", Kind: spec.HostVolume, Source: "/usr"}, {Name: "all", Kind: spec.EmptyVolume}},
		Mounts:  []spec.Mount{{Volume: "all", Path: "/all"}},
	}, Options{})
	return s
}

// notice is what a key says.
func notice(s *Screen, key string) string {
	n, _ := s.act(s.env.Keys.Action(keyOf(key), "compose", "moving", "everywhere")).Wish.(screen.Notice)
	return n.Text
}

// What differs can be told without colours, by the first column alone; the list counts
// it, and a key goes from one to the next and around.
func TestWhatDiffersFromTheImageIsSeenAtAGlance(t *testing.T) {
	t.Parallel()
	s := different(t)
	screen := ansi.Strip(s.Draw(120, 40))
	left := listWidth(120) - gutter
	var marked []string
	for row := range strings.Lines(screen) {
		if cells := []rune(row); len(cells) > left && cells[left] == '*' {
			marked = append(marked, strings.Join(strings.Fields(string(cells[left:]))[:2], " "))
		}
	}
	want := []string{"* name", "* args", "* user", "* env", "* memory"} // the mount's label is another row's
	for _, w := range want {
		if !slices.Contains(marked, w) {
			t.Errorf("%s is not marked: %q\n%s", w, marked, screen)
		}
	}
	if len(marked) != 6 || !strings.Contains(screen, "1 one *6") || !strings.Contains(screen, "2 two *1") || !strings.Contains(screen, "pod *2") {
		t.Errorf("%q\n%s", marked, screen)
	}
	var seen []string
	s.open(section{app: 0}, false)
	for range 10 {
		press(s, "*")
		if r := s.current(); !s.right || !r.differs() {
			t.Fatalf("* goes to %+v", r)
		}
		seen = append(seen, s.at.String()+" "+s.current().id())
	}
	first := slices.Index(seen[1:], seen[0]) + 1
	if total := 6 + 1 + 2; first != total {
		t.Errorf("%d stations until it is back, not %d: %q", first, total, seen)
	}
}

func TestAWholeAppIsGivenBackToItsImage(t *testing.T) {
	t.Parallel()
	s := different(t)
	before := s.Line()
	if got := notice(s, "R"); got != "one is as its image says" && !strings.HasPrefix(got, "img is as its image says, but for") {
		t.Errorf("%q", got)
	}
	if app := s.draft.pod.Apps[0]; app.User+app.Memory != "" || len(app.Args)+len(app.Env)+len(app.Mounts) > 0 {
		t.Errorf("%+v", app)
	}
	if n := s.draft.pod.Volumes; len(n) != 1 || n[0].Name != "all" {
		t.Errorf("volumes: %+v", n)
	}
	if n := s.differences(section{app: 0}); n != 0 {
		t.Errorf("%d differences are left", n)
	}
	if got := notice(s, "u"); !strings.HasPrefix(got, "undone: ") || s.Line() != before {
		t.Errorf("%q: %s", got, s.Line())
	}
}

func TestWhatWasUndoneIsSaid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   func(p *spec.Pod)
		want string
	}{
		"a variable":     {func(p *spec.Pod) { p.Apps[0].Env[0].Value = "secret" }, "env A of one"},
		"one more":       {func(p *spec.Pod) { p.Apps[0].Env = append(p.Apps[0].Env, spec.Var{Name: "B", Value: "secret"}) }, "env B of one"},
		"renamed":        {func(p *spec.Pod) { p.Apps[0].Env[0].Name = "C" }, "env C of one, and 1 more"},
		"the arguments":  {func(p *spec.Pod) { p.Apps[0].Args = nil }, "args of one"},
		"a limit":        {func(p *spec.Pod) { p.Apps[1].CPUShares = "7" }, "shares of two"},
		"a mount":        {func(p *spec.Pod) { p.Apps[0].Mounts[0].Volume = "all" }, "mount /d of one"},
		"a volume":       {func(p *spec.Pod) { p.Volumes[0].Source = "/etc" }, "volume data"},
		"the pod's name": {func(p *spec.Pod) { p.Name = "" }, "name"},
		"an app went":    {func(p *spec.Pod) { p.Apps = p.Apps[:1] }, "app two removed"},
		"an app came":    {func(p *spec.Pod) { p.Apps = append(p.Apps, spec.App{Image: "img", Name: "three"}) }, "app three added"},
		"all apps":       {func(p *spec.Pod) { *p = spec.Pod{} }, "all apps removed"},
		"apps moved":     {func(p *spec.Pod) { p.Apps[0], p.Apps[1] = p.Apps[1], p.Apps[0] }, "app two moved"},
		"two things":     {func(p *spec.Pod) { p.Apps[0].User, p.Hostname = "8", "h" }, "user of one, and 1 more"},
	} {
		s := different(t)
		s.draft.change(c.do)
		s.follow()
		if got := notice(s, "u"); got != "undone: "+c.want {
			t.Errorf("%s: %q", name, got)
		}
		if got := notice(s, "U"); got != "done again: "+c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAnAppIsDuplicatedUnderANameThatIsFree(t *testing.T) {
	t.Parallel()
	s := different(t)
	s.stay("apps[0].user")
	press(s, "d")
	p := &s.draft.pod
	if len(p.Apps) != 3 || p.Apps[1].Name != "one-2" || p.Apps[1].User != "7" || s.at != (section{app: 1}) || s.current().label != "user" {
		t.Fatalf("%+v at %+v", p.Apps, s.current())
	}
	press(s, "enter", "9", "enter")
	if p.Apps[0].User != "7" || p.Apps[1].User != "79" {
		t.Errorf("%+v", p.Apps)
	}
	if len(s.problems) > 0 {
		t.Error(s.problems)
	}
	press(s, "u", "u")
	if len(p.Apps) != 2 {
		t.Errorf("undone: %+v", p.Apps)
	}
}

// Arguments are seen apart, changed as they are, and moved, one by one.
func TestArgumentsAreSeenOneByOne(t *testing.T) {
	t.Parallel()
	s := different(t)
	s.stay("args folded")
	if r := s.current(); r.value != "→ /x 'a b' ''" {
		t.Fatalf("%+v", r)
	}
	press(s, "enter")
	if r := s.current(); r.value != "'a b'" || r.label != "  1" {
		t.Fatalf("%+v", r)
	}
	press(s, "J")
	if args := s.draft.pod.Apps[0].Args; !slices.Equal(args, []string{"", "a b"}) || s.current().value != "'a b'" {
		t.Errorf("moved: %q, the cursor on %+v", args, s.current())
	}
	press(s, "J")
	if args := s.draft.pod.Apps[0].Args; !slices.Equal(args, []string{"", "a b"}) || len(s.draft.pod.Apps) != 2 || s.at.app != 0 {
		t.Errorf("beyond the last: %q", args)
	}
	press(s, "enter", "'", "\"", " ", "enter")
	if args := s.draft.pod.Apps[0].Args; !slices.Equal(args, []string{"", `a b'" `}) {
		t.Errorf("typed: %q", args)
	}
	s.stay("arg new")
	press(s, "enter", "$", "x", "enter")
	press(s, "k", "k", "x")
	if args := s.draft.pod.Apps[0].Args; !slices.Equal(args, []string{`a b'" `, "$x"}) {
		t.Errorf("one more, and one fewer: %q", args)
	}
}

// The map of volumes tells who mounts each where, and leads there.
func TestVolumesAreAMapThatLeadsToFields(t *testing.T) {
	t.Parallel()
	s := different(t)
	s.draft.change(func(p *spec.Pod) { p.Volumes = append(p.Volumes, spec.Volume{Name: "idle", Kind: spec.EmptyVolume}) })
	s.follow()
	for value, want := range map[string]struct{ section, value, note string }{
		"one → /d":   {"app 0", "data → /d", "read-write, yours"},
		"two → /all": {"pod", "all → /all", "read-write, in every app"},
	} {
		s.open(section{kind: volumesSection}, true)
		s.cursor = slices.IndexFunc(s.rows, func(r row) bool { return r.value == value })
		if s.cursor < 0 || s.current().note != want.note {
			t.Errorf("%s: %+v", value, s.rows)
			continue
		}
		press(s, "enter")
		if r := s.current(); s.at.String() != want.section || r == nil || r.value != want.value {
			t.Errorf("%s leads to %s, %+v", value, s.at, r)
		}
	}
	s.open(section{kind: volumesSection}, true)
	if i := slices.IndexFunc(s.rows, func(r row) bool { return r.value == "idle" }); i < 0 || s.rows[i].alert != "! no app mounts it" {
		t.Errorf("nobody's: %+v", s.rows)
	}
}

// Who adds an app by typing its image has the store's to complete it, and is back
// where he was if he thinks better of it.
func TestAnImageIsTypedWhereOneIs(t *testing.T) {
	t.Parallel()
	s := different(t)
	s.store = nil
	s.stay("apps[0].user")
	press(s, "A")
	if s.editing == nil || s.at.kind != addSection {
		t.Fatalf("at %s", s.at)
	}
	press(s, "esc")
	if s.editing != nil || s.at != (section{app: 0}) || s.current().label != "user" {
		t.Errorf("back at %s, %+v", s.at, s.current())
	}
	press(s, "A", "i", "m", "g", "2", "enter")
	if n := len(s.draft.pod.Apps); n != 3 || s.draft.pod.Apps[2].Image != "img2" || s.at != (section{app: 2}) {
		t.Errorf("%+v", s.draft.pod.Apps)
	}
}

// Where nothing is wrong the key of problems goes through what deserves a look.
func TestWhatDeservesALookIsGoneThrough(t *testing.T) {
	t.Parallel()
	s := different(t)
	s.draft.change(func(p *spec.Pod) {
		p.Volumes = append(p.Volumes, spec.Volume{Name: "idle", Kind: spec.EmptyVolume})
		p.Apps[1].Memory = "64Ti"
	})
	s.follow()
	s.host.Memory = 1 << 30
	s.refresh()
	if len(s.problems) > 0 {
		t.Fatal(s.problems)
	}
	s.open(section{app: 0}, false)
	seen := make(map[string]string)
	for range 20 {
		press(s, "!")
		if r := s.current(); r.alert == "" {
			t.Fatalf("! goes to %+v", r)
		}
		seen[s.at.String()+" "+s.current().id()] = s.current().alert
	}
	for _, at := range []string{"app 0 image", "app 1 apps[1].memory", "volumes volumes[2]"} {
		if seen[at] == "" {
			t.Errorf("never at %s: %q", at, seen)
		}
	}
}
