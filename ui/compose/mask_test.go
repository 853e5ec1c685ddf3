package compose

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/secrets"
)

func TestSecretsAreKnownByTheirNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"PASSWORD": true, "db_password": true, "POSTGRES_PASSWORD": true, "GITHUB_TOKEN": true, "AWS_SECRET_ACCESS_KEY": true, "KEY": true,
		"API_KEY": true, "APIKEY": true, "SSH-KEYS": true, "PGPASSWD": true, "MYSQL_PASS": true, "PASSPHRASE": true, "CREDENTIALS": true,
		"PATH": false, "KEYBOARD": false, "MONKEY": false, "POSTGRES_PASSWORD_FILE": false, "KEY_PATH": false, "PUBLIC_KEY": false,
		"MYSQL_PWD": true, "OLDPWD": false, "GITHUB_PAT": true, "NPM_AUTH": true, "AUTHOR": false, "AUTH_MODE": false, "SENTRY_DSN": true, "PATCH": false,
		"PUBLIC_API_TOKEN": true, "PUBLIC_API_KEY": true, "SSH_PUBLIC_KEYS": false, "PUBLIC_URL": false, "KEY_OF_PUBLIC_KEY": true,
		"COMPASS": false, "PWD": false, "": false, "HOME": false, "SECRET_NAME": false,
	} {
		if looksSecret(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

func TestSecretsAreKnownByTheirValues(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"postgres://app:hunter2@db:5432/app": true, "amqp://u:p@ss@mq": true, "redis://:hunter2@cache": true,
		"http://a.test, https://u:p@b.test/x": true, "http://a.test\nhttp://u:p@b": true,
		"": false, "://": false, "http://db:5432/app": false, "https://user@host": false, "https://user:@host": false,
		"http://host:80/path@x": false, "http://host/?to=u:p@x": false, "mailto:u:p@host": false,
	} {
		if hasPassword(value) != want {
			t.Errorf("%s: %v", value, !want)
		}
	}
	s := keeping(t, spec.Pod{Apps: []spec.App{{Image: "img", Env: []spec.Var{{Name: "DATABASE_URL", Value: "postgres://app:" + secret + "@db/app"}}}}})
	if all := s.Draw(200, 40) + s.Line(); strings.Contains(all, secret) {
		t.Error(all)
	}
	s.stay("env:DATABASE_URL")
	if got := notice(s, "M"); got != "DATABASE_URL is no secret: the command line has its value" {
		t.Errorf("%q", got)
	}
}

// secret is what must not be seen.
const secret = "hunter2-hunter2"

// keeping is a form with a folder for secrets.
func keeping(t *testing.T, pod spec.Pod) *Screen {
	t.Helper()
	s := imaged(t, pod, Options{})
	folder, err := secrets.In(filepath.Join(t.TempDir(), "secrets"))
	if err != nil {
		t.Fatal(err)
	}
	s.options.Secrets, s.options.AllowUnverified = folder, true
	s.refresh()
	return s
}

func guarded() spec.Pod {
	return spec.Pod{Apps: []spec.App{{Image: "img", Env: []spec.Var{{Name: "DB_PASSWORD", Value: secret}, {Name: "A", Value: "1"}}}}}
}

// work does what a command does, with what follows from it, and returns what is wished.
func work(s *Screen, cmd tea.Cmd) (wishes []screen.Wish) {
	if cmd == nil {
		return nil
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			wishes = append(wishes, work(s, c)...)
		}
	default:
		out := s.Update(msg)
		if out.Wish != nil {
			wishes = append(wishes, out.Wish)
		}
		wishes = append(wishes, work(s, out.Cmd)...)
	}
	return wishes
}

// runs presses the key that runs, and returns the pod that is to.
func runs(t *testing.T, s *Screen) Run {
	t.Helper()
	out := s.run()
	for _, w := range append(work(s, out.Cmd), out.Wish) {
		if run, ok := w.(Run); ok {
			return run
		}
	}
	t.Fatalf("it doesn't run: %+v, %v", out, s.problems)
	return Run{}
}

// Wherever one goes in the form, a secret is nowhere on it, nor in the line.
func TestASecretIsNowhereOnTheScreen(t *testing.T) {
	t.Parallel()
	s := keeping(t, guarded())
	look := func(where string) {
		t.Helper()
		for _, width := range []int{80, 200} {
			if all := s.Draw(width, 40) + s.Line() + s.Problem() + s.Warning() + s.Whole(); strings.Contains(all, secret) {
				t.Errorf("%s: %s", where, all)
			}
		}
	}
	for _, c := range sections(&s.draft.pod) {
		s.open(c, true)
		for i := range s.rows {
			s.cursor = i
			look(c.String())
		}
	}
	s.open(section{app: 0}, true)
	s.stay("env:DB_PASSWORD")
	press(s, "enter", "x")
	look("while it is typed")
	if row := "DB_PASSWORD=" + strings.Repeat("•", 4); !strings.Contains(s.Draw(200, 40), row) {
		t.Errorf("its name is not seen:\n%s", s.Draw(200, 40))
	}
	press(s, "enter")
	if got := notice(s, "u"); got != "undone: env DB_PASSWORD of img" {
		t.Errorf("%q", got)
	}
	if notice(s, "v"); !strings.Contains(s.Draw(200, 40), secret) {
		t.Error("the key does not show it")
	}
	if s.Hide(); strings.Contains(s.Draw(200, 40), secret) {
		t.Error("still shown after the screen was left")
	}
}

// What no file can hold stays in the line; on the screen it is dots there as well.
func TestASecretOfTheLineIsNotSeenThere(t *testing.T) {
	t.Parallel()
	two := guarded()
	two.Env = []spec.Var{{Name: "DB_PASSWORD", Value: "other"}}
	for name, s := range map[string]*Screen{
		"two values": keeping(t, two),
		"no folder":  imaged(t, guarded(), Options{}),
	} {
		drawn := s.Draw(200, 40)
		if !strings.Contains(s.Line(), secret) || strings.Contains(drawn, secret) || !strings.Contains(drawn, "DB_PASSWORD="+dots) {
			t.Errorf("%s: %s\n%s", name, s.Line(), drawn)
		}
		s.showAs()
		for range s.written.forms {
			f := s.written.forms[s.written.at]
			if drawn := s.Draw(200, 200); strings.Contains(drawn, secret) || f.body != "" && !strings.Contains(drawn, dots) {
				t.Errorf("%s: %s: %s", name, f.name, drawn)
			}
			if said := strings.Join(s.sayWritten().Text, "\n"); strings.Contains(said, secret) {
				t.Errorf("%s: %s is said: %s", name, f.name, said)
			}
			if !f.secret || f.body != "" && (!strings.Contains(f.body, secret) || !strings.Contains(f.content(), secret)) {
				t.Errorf("%s: %s: a copy would lack it:\n%s", name, f.name, f.content())
			}
			s.written.turn(1)
		}
		s.written = nil
		if s.uncover(); !strings.Contains(s.Draw(200, 40), secret) {
			t.Errorf("%s: the key does not show it", name)
		}
		if s.showAs(); !strings.Contains(s.Draw(200, 200), secret) {
			t.Errorf("%s: nor in other words", name)
		}
		if s.Hide(); strings.Contains(s.Draw(200, 200), secret) {
			t.Errorf("%s: still shown after the screen was left", name)
		}
	}
}

// The pod that runs has its secrets in a file of its owner's, and gets the same
// environment; the file is there once it is needed, and not before.
func TestSecretsRunFromAFile(t *testing.T) {
	t.Parallel()
	s := keeping(t, guarded())
	line := s.Line()
	dir := filepath.Dir(s.outward().EnvFiles[0])
	if _, err := os.Stat(dir); err == nil {
		t.Error("written before anybody asked")
	}
	run := runs(t, s)
	if flags := spec.Quote(run.Pod.CommandLine()); strings.Contains(flags, secret) || !strings.HasSuffix(line, flags) {
		t.Errorf("runs %s, and the line was %s", flags, line)
	}
	file := run.Pod.EnvFiles[0]
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	vars, err := s.options.Secrets.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	want := environ(s.draft.pod, s, spec.Surroundings{})
	if got := environ(run.Pod, s, spec.Surroundings{EnvFile: vars}); !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
	s.Ran(run.Pod)
	if s.Unsaved() {
		t.Error("it was run, and is still unsaved")
	}
	if again := runs(t, s); again.Pod.EnvFiles[0] != file {
		t.Error("another file for the same")
	}
	s.draft.change(func(p *spec.Pod) { p.Apps[0].Env[0].Value = "another" })
	s.follow()
	if other := runs(t, s); other.Pod.EnvFiles[0] == file {
		t.Error("what was run with the old one would run with the new one")
	}
	s.undo()
	if s.outward().EnvFiles[0] != file {
		t.Errorf("undone, it has %s", s.outward().EnvFiles)
	}
}

func environ(p spec.Pod, s *Screen, around spec.Surroundings) []string {
	all := p.ResolveApp(0, s.manifest(0), around).Environ()
	slices.Sort(all)
	return all
}

// What can't be in a file says why, where it is.
func TestWhatStaysInTheLineSaysSo(t *testing.T) {
	t.Parallel()
	key := func(value string) []spec.Var { return []spec.Var{{Name: "KEY", Value: value}} }
	one := func(env ...spec.Var) spec.Pod { return spec.Pod{Apps: []spec.App{{Image: "img", Env: env}}} }
	two := func(a, b string) spec.Pod {
		return spec.Pod{Apps: []spec.App{{Image: "img", Name: "a", Env: key(a)}, {Image: "img", Name: "b", Env: key(b)}}}
	}
	under := one(key("x")...)
	under.Env = key("")
	for name, c := range map[string]struct {
		pod  spec.Pod
		want string
	}{
		"one":               {one(key("x")...), ""},
		"the same in two":   {two("x", "x"), "! in a file, which all 2 apps get"},
		"others in two":     {two("x", "y"), "! in the command line: b has another value, and a file is for all apps"},
		"nothing for all":   {under, "! in the command line: img has another value, and a file is for all apps"},
		"several lines":     {one(key("x\ny")...), "! in the command line: a file of variables has one line for each"},
		"of a strange name": {one(spec.Var{Name: "MY KEY_TOKEN", Value: "x"}), "! in the command line: a file of variables has one line for each"},
		"no value":          {one(key("")...), ""},
	} {
		s := keeping(t, c.pod)
		i := slices.IndexFunc(s.rows, func(r row) bool { return r.path == "apps[0].env[0]" })
		if r := s.rows[i]; r.alert != c.want {
			t.Errorf("%s: %q, %q", name, r.note, r.alert)
		}
		if inLine := strings.Contains(c.want, "command line"); inLine == (len(s.outward().EnvFiles) > 0) && name != "no value" {
			t.Errorf("%s: %s", name, s.Line())
		}
	}
	s := imaged(t, guarded(), Options{})
	s.stay("env:DB_PASSWORD")
	if r := s.current(); r.alert != "! in the command line: there is no folder for secrets" {
		t.Errorf("%+v", r)
	}
}

// A key decides what a name does not, can be undone, and is kept with the draft.
func TestAVariableIsMarkedAsSecret(t *testing.T) {
	t.Parallel()
	s := keeping(t, guarded())
	s.stay("env:A")
	press(s, "M")
	if r := s.current(); r.value != "A=••••••" || r.note != "yours, in a file" || strings.Contains(s.Line(), "A=1") {
		t.Errorf("%+v: %s", r, s.Line())
	}
	again := keeping(t, spec.Pod{})
	again.TakeUp(s.Draft())
	if !again.masked("A", "1") {
		t.Error("forgotten with the session")
	}
	if got := notice(s, "u"); got != "undone: the mask of A" || !strings.Contains(s.Line(), "A=1") {
		t.Errorf("%q: %s", got, s.Line())
	}
	s.stay("env:DB_PASSWORD")
	press(s, "M")
	if !strings.Contains(s.Line(), secret) || len(s.outward().EnvFiles) > 0 {
		t.Errorf("no secret, and not in the line: %s", s.Line())
	}
}

// A pod that was run comes back with its secrets in the form, and leaves it as it
// came; what is changed is in another file.
func TestAPodComesBackWithItsSecrets(t *testing.T) {
	t.Parallel()
	s := keeping(t, guarded())
	s.stay("env:A")
	press(s, "M")
	ran := runs(t, s).Pod
	s.Replace(drafts.Draft{})
	out := s.Replace(drafts.Draft{Pod: ran})
	work(s, out.Cmd)
	if got := s.outward(); !same(got, ran) || len(s.draft.pod.EnvFiles) > 0 {
		t.Fatalf("came as %+v, would leave as %+v", ran, got)
	}
	if !s.masked("A", "1") {
		t.Error("A is no secret any more")
	}
	s.draft.change(func(p *spec.Pod) { p.Env[0].Value = "new" })
	s.follow()
	if other := runs(t, s).Pod; len(other.EnvFiles) != 1 || other.EnvFiles[0] == ran.EnvFiles[0] {
		t.Errorf("%+v", other)
	}
	for s.draft.undo() {
		s.follow()
	}
	if got := s.Pod(); !same(got, guarded()) {
		t.Errorf("undone to %+v", got)
	}
}

// Whatever is given where: an app gets from the pod that leaves the form what the form
// says, and of what is in a file nothing is in the line.
func TestWhatLeavesTheFormRunsTheSame(t *testing.T) {
	t.Parallel()
	s := keeping(t, guarded())
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) spec.Var {
			return spec.Var{Name: rapid.SampledFrom([]string{"KEY", "A", "TOKEN", "PASSWORD"}).Draw(t, "name"), Value: rapid.SampledFrom([]string{"", "one", "two", "l\nf"}).Draw(t, "value")}
		}), 0, 3, func(v spec.Var) string { return v.Name })
		vars := func(of string) []spec.Var {
			if all := some.Draw(t, of); len(all) > 0 {
				return all
			}
			return nil
		}
		pod := spec.Pod{Env: vars("pod")}
		for i := range rapid.IntRange(1, 3).Draw(t, "apps") {
			pod.Apps = append(pod.Apps, spec.App{Image: "img", Name: fmt.Sprint("a", i), Env: vars("app")})
		}
		s.draft = draft{moment: moment{pod: pod}}
		s.refresh()
		out := s.outward()
		line := spec.Quote(out.CommandLine())
		for i := range pod.Apps {
			want := told(pod.ResolveApp(i, s.manifest(i), spec.Surroundings{}).Env)
			got := told(out.ResolveApp(i, s.manifest(i), spec.Surroundings{EnvFile: s.filing.vars}).Env)
			for _, v := range s.filing.vars { // which every app gets
				if _, own := want[v.Name]; !own {
					delete(got, v.Name)
				}
				if strings.Contains(line, v.Name+"=") {
					t.Fatalf("%s is in the line: %s", v.Name, line)
				}
			}
			if !maps.Equal(got, want) {
				t.Fatalf("app %d: %v, not %v; %s", i, got, want, line)
			}
		}
		if again, err := spec.Parse(out.CommandLine()); err != nil || !same(again, out) {
			t.Fatalf("%s reads back as %+v, %v", line, again, err)
		}
	})
}

func told(env []spec.EnvVar) map[string]string {
	all := make(map[string]string)
	for _, v := range env {
		all[v.Name] = v.Value
	}
	return all
}

// A long value is seen whole while it is typed, in rows that end where its own do.
func TestALongValueIsSeenWhole(t *testing.T) {
	t.Parallel()
	long := "first line\n" + strings.Repeat("x", 100) + "\nlast שלום 👩‍👩‍👧 日本語"
	s := keeping(t, spec.Pod{Apps: []spec.App{{Image: "img", Env: []spec.Var{{Name: "CONF", Value: long}}}}})
	s.Draw(80, 24)
	s.stay("env:CONF")
	press(s, "enter")
	below := s.editing.row.below
	if len(below) < 4 || below[0] != `CONF=first line\n` || !strings.HasSuffix(below[len(below)-1], "日本語") {
		t.Errorf("%q", below)
	}
}
