package compose

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/theme"
)

// filled is a form with a pod in it, whose images nobody has.
func filled(t *testing.T, pod spec.Pod) *Screen {
	t.Helper()
	env := &screen.Env{Theme: theme.New(theme.Plain), Keys: keymap.Default(), Now: time.Now}
	return New(t.Context(), env, enginetest.NewScripted(), pod, Options{Environ: []string{"A=b"}})
}

// find opens each section until one has the field, and puts the cursor on it.
func find(s *Screen, path string) *row {
	for _, c := range sections(&s.draft.pod) {
		s.open(c, true)
		for folded := func(r row) bool { return r.folds != nil }; slices.ContainsFunc(s.rows, folded); {
			s.unfold(s.rows[slices.IndexFunc(s.rows, folded)].folds)
		}
		if i := slices.IndexFunc(s.rows, func(r row) bool { return r.path == path }); i >= 0 {
			s.cursor = i
			return s.current()
		}
	}
	return nil
}

func press(s *Screen, keys ...string) {
	for _, k := range keys {
		s.Update(keyOf(k))
	}
}

func keyOf(k string) tea.KeyPressMsg {
	switch k {
	case "enter":
		return tea.KeyPressMsg{Code: tea.KeyEnter}
	case "space":
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	case "backspace":
		return tea.KeyPressMsg{Code: tea.KeyBackspace}
	case "esc":
		return tea.KeyPressMsg{Code: tea.KeyEscape}
	}
	return tea.KeyPressMsg{Text: k, Code: []rune(k)[0]}
}

// What is done to a field is in the command line, which reads back as the same
// pod, and the field says what it amounts to.
func TestLimitsAndLifeAreTypedAndSwitched(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path              string
		keys              []string
		flag, value, note string
	}{
		"memory":                     {"apps[0].memory", typed("64Mi"), "--memory=64Mi", "64Mi", "yours, 67.1 MB"},
		"no memory limit":            {"apps[0].memory", nil, "", "—", "default: no limit"},
		"half a core":                {"apps[0].cpu", typed("500m"), "--cpu=500m", "500m", "yours, half a core"},
		"a quarter":                  {"apps[0].cpu", typed("0.25"), "--cpu=0.25", "0.25", "yours, a quarter of a core"},
		"one core":                   {"apps[0].cpu", typed("1"), "--cpu=1", "1", "yours, one core"},
		"little":                     {"apps[0].cpu", typed("125m"), "--cpu=125m", "125m", "yours, 12.5% of a core"},
		"much":                       {"apps[0].cpu", typed("1500m"), "--cpu=1500m", "1500m", "yours, 1.5 cores"},
		"no restart":                 {"apps[0].restart", nil, "", "no", "default: not again"},
		"restart, once switched":     {"apps[0].restart", []string{"space"}, "--restart=on-failure", "on-failure", "yours, when it fails"},
		"restart, twice":             {"apps[0].restart", []string{"space", "space"}, "--restart=always", "always", "yours, however it ends"},
		"restart, thrice":            {"apps[0].restart", []string{"space", "space", "space"}, "", "no", "default: not again"},
		"restart, counted":           {"apps[0].restart", typed("on-failure:3"), "--restart=on-failure:3", "on-failure:3", "yours, when it fails, 3 times at most"},
		"restart, once":              {"apps[0].restart", typed("on-failure:1"), "--restart=on-failure:1", "on-failure:1", "yours, when it fails, 1 time at most"},
		"restart, counted, switched": {"apps[0].restart", append(typed("on-failure:3"), "space"), "--restart=always", "always", "yours, however it ends"},
		"stop signal":                {"apps[0].stopSignal", typed("int"), "--stop-signal=int", "int", "yours, SIGINT asks it to end"},
		"by number":                  {"apps[0].stopSignal", typed("10"), "--stop-signal=10", "10", "yours, SIGUSR1 asks it to end"},
		"of no name":                 {"apps[0].stopSignal", typed("40"), "--stop-signal=40", "40", "yours, signal 40 asks it to end"},
		"no question":                {"apps[0].stopSignal", typed("KILL"), "--stop-signal=KILL", "KILL", "yours, kills it at once"},
		"SIGTERM":                    {"apps[0].stopSignal", nil, "", "SIGTERM", "default: asks it to end"},
		"patience":                   {"apps[0].stopTimeout", typed("2m"), "--stop-timeout=2m", "2m", "yours, then SIGKILL"},
		"no patience":                {"apps[0].stopTimeout", typed("0s"), "--stop-timeout=0s", "0s", "yours, SIGKILL at once"},
		"10 s":                       {"apps[0].stopTimeout", nil, "", "10s", "default: then SIGKILL"},
		"pod name":                   {"name", typed("web"), "--pod-name=web", "web", "yours, beside its UUID"},
		"no pod name":                {"name", nil, "", "—", "goes by its UUID"},
		"failure":                    {"onFailure", []string{"space"}, "--on-failure=continue", "continue", "yours, others go on"},
		"failure, twice":             {"onFailure", []string{"space", "space"}, "", "stop", "a failure stops all"},
		"input":                      {"interactive", []string{"enter"}, "--interactive", "yes", "a terminal, for who attaches"},
		"input, twice":               {"interactive", []string{"space", "space"}, "", "no", "its app has none"},
		"pull":                       {"pull", []string{"space"}, "--pull-policy=update", "update", "yours, sources are always asked"},
		"pull, twice":                {"pull", []string{"space", "space"}, "--pull-policy=never", "never", "yours, no source is asked"},
		"check":                      {"verifyImage", []string{"space"}, "--verify-image", "yes", "every file of the images, before they run"},
		"metadata":                   {"registerMDS", []string{"space"}, "--register-mds=false", "no", "yours, no AC_METADATA_URL"},
		"metadata, twice":            {"registerMDS", []string{"space", "space"}, "", "yes", "default: at AC_METADATA_URL"},
	} {
		filled := filled(t, spec.Pod{Apps: []spec.App{{Image: "img"}}})
		filled.pressed(t, name, c.path, c.keys, c.flag, c.value, c.note)
	}
}

// pressed presses keys on a field of a form whose app is "img", and holds what comes
// of it to what it should be.
func (s *Screen) pressed(t *testing.T, name, path string, keys []string, flag, value, note string) {
	t.Helper()
	before := len(s.draft.pod.CommandLine())
	find(s, path)
	press(s, keys...)
	r, flags := s.current(), s.draft.pod.CommandLine()
	if r.path != path || r.value != value || r.note != note || r.own != (flag != "") {
		t.Errorf("%s: %s = %q, %q", name, r.path, r.value, r.note)
	}
	if n := len(strings.Fields(flag)); flag != "" && !slices.Contains(flags, flag) || len(flags) != before+n {
		t.Errorf("%s: %q", name, flags)
	}
	if again, err := spec.Parse(flags); err != nil || !same(again, s.draft.pod) {
		t.Errorf("%s: %q reads back as %+v (%v)", name, flags, again, err)
	}
}

// typed are the keys that open a field, type and leave it.
func typed(text string) []string {
	return append(append([]string{"enter"}, strings.Split(text, "")...), "enter")
}

func TestWhatIsWrongStandsAtItsField(t *testing.T) {
	t.Parallel()
	pod := spec.Pod{
		Name: "Web Server", OnFailure: "panic", Interactive: true, Pull: "often", DNS: spec.DNS{Servers: []string{"nowhere"}},
		Apps: []spec.App{{Image: "a", Memory: "lots", Seccomp: "mode=remove,mkdirr"}, {Image: "b", CPU: "-1", Restart: "maybe", StopSignal: "HELLO", StopTimeout: "soon"}},
	}
	s := filled(t, pod)
	paths := []string{"name", "onFailure", "interactive", "pull", "dns.servers", "apps[0].memory", "apps[0].seccomp",
		"apps[1].cpu", "apps[1].restart", "apps[1].stopSignal", "apps[1].stopTimeout"}
	if len(s.problems) != len(paths) {
		t.Errorf("%d problems: %v", len(s.problems), s.problems)
	}
	place := -1
	for range s.problems {
		press(s, "!")
		r := s.current()
		at := slices.Index(sections(&s.draft.pod), s.at)*1000 + s.cursor
		if at <= place {
			t.Errorf("! goes back to %s", r.path)
		}
		place = at
		if p := s.problemOf(r); p == nil || !hasPrefix(p.path, r.path) || !slices.Contains(paths, r.path) {
			t.Errorf("! goes to %s: %v", r.path, p)
		}
		paths = slices.DeleteFunc(paths, func(p string) bool { return p == r.path })
	}
	if len(paths) > 0 {
		t.Errorf("! never goes to %q", paths)
	}
}

// What nobody has asked for is one row. A field that was asked for once stays
// where it is: the cursor is on it.
func TestDefaultsOfLimitsAndLifeAreOneRow(t *testing.T) {
	t.Parallel()
	folded := func(s *Screen) string {
		i := slices.IndexFunc(s.rows, func(r row) bool { return r.key == "folded more" })
		if i < 0 {
			return ""
		}
		s.cursor = i
		return s.rows[i].value
	}
	s := filled(t, spec.Pod{Apps: []spec.App{{Image: "img", CPU: "2"}, {Image: "img2"}}})
	s.open(section{app: 0}, true)
	if got := folded(s); got != "memory, shares, pids, rlimits, oom, restart, stop, timeout, annotated, labels" {
		t.Fatalf("folded: %q", got)
	}
	s.stay("apps[0].cpu")
	press(s, "backspace")
	if r := s.current(); r.path != "apps[0].cpu" || r.own {
		t.Errorf("cpu, given back: the cursor is on %+v", r)
	}
	folded(s)
	press(s, "enter")
	if r := s.current(); r.path != "apps[0].memory" || folded(s) != "" {
		t.Errorf("opened: the cursor is on %+v", r)
	}
	s.open(section{app: 1}, true)
	if got := folded(s); got != "memory, cpu, shares, pids, rlimits, oom, restart, stop, timeout, annotated, labels" {
		t.Errorf("another app's: %q", got)
	}
}
