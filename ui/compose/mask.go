package compose

import (
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/text"
)

// dots stand for a value that is not shown, however long that is.
var dots = strings.Repeat(field.Dot, 6)

// masked reports whether a variable is a secret: somebody has said so, or it looks
// like one.
func (s *Screen) masked(name, value string) bool {
	if secret, said := s.draft.marks[name]; said {
		return secret
	}
	return secretive(name, value)
}

// secretive reports whether a variable looks like a secret.
func secretive(name, value string) bool { return looksSecret(name) || hasPassword(value) }

// covers reports whether a value is not shown now. Of nothing there is nothing to hide.
func (s *Screen) covers(name, value string) bool {
	return !s.bare && value != "" && s.masked(name, value)
}

// shownVar is a variable as it is shown.
func (s *Screen) shownVar(name, value string) string {
	if s.covers(name, value) {
		value = dots
	}
	return name + "=" + value
}

// covered is a pod as its variables are shown. A file of secrets has taken most of them
// out of it: those are left that none can hold.
func (s *Screen) covered(pod spec.Pod) spec.Pod {
	s.cover(&pod.Env)
	pod.Apps = slices.Clone(pod.Apps)
	for i := range pod.Apps {
		s.cover(&pod.Apps[i].Env)
	}
	return pod
}

// cover covers variables, in a copy of their own.
func (s *Screen) cover(vars *[]spec.Var) {
	*vars = slices.Clone(*vars)
	for i, v := range *vars {
		if s.covers(v.Name, v.Value) {
			(*vars)[i].Value = dots
		}
	}
}

// looksSecret reports whether a name is one that people give to what nobody else shall
// know. Where only a file of it is named there is nothing to hide.
func looksSecret(name string) bool {
	words := strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool { return r == '_' || r == '-' || r == '.' })
	if len(words) == 0 {
		return false
	}
	switch last := words[len(words)-1]; last {
	case "FILE", "PATH", "DIR", "NAME":
		return false
	case "PWD": // alone it is the folder that one is in
		return len(words) > 1
	case "AUTH", "DSN", "PAT":
		return true
	}
	for _, part := range []string{"PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "CREDENTIAL", "APIKEY"} {
		if strings.Contains(strings.ToUpper(name), part) {
			return true
		}
	}
	for i, word := range words {
		switch word {
		case "PASS", "PW":
			return true
		case "KEY", "KEYS":
			if i == 0 || words[i-1] != "PUBLIC" {
				return true
			}
		}
	}
	return false
}

// hasPassword reports whether an address with a user's password stands in a value.
func hasPassword(value string) bool {
	for {
		_, rest, found := strings.Cut(value, "://")
		if !found {
			return false
		}
		authority := rest
		if end := strings.IndexAny(rest, "/?# \t\n"); end >= 0 {
			authority = rest[:end]
		}
		if at := strings.LastIndexByte(authority, '@'); at >= 0 {
			if _, password, _ := strings.Cut(authority[:at], ":"); password != "" {
				return true
			}
		}
		value = rest
	}
}

// mark says of the variable under the cursor that it is secret, or is not.
func (s *Screen) mark() screen.Out {
	r := s.current()
	if !s.right || r == nil || r.name == "" || !r.variable {
		return screen.Say(screen.Notice{Text: "this marks a variable as secret: go to one"})
	}
	name, secret := r.name, !s.masked(r.name, r.given())
	s.draft.mark(name, secret)
	words := name + " is no secret: the command line has its value"
	if secret {
		words = name + " is a secret: its value goes into a file when the pod runs"
		if why := s.filed().why[name]; why != "" {
			words = name + " is not shown, but stays in the command line: " + why
		}
	}
	return screen.Out{Cmd: s.follow(), Wish: screen.Notice{Text: words}}
}

// given is the value of the row's variable, however it is shown.
func (r *row) given() string {
	if r.edit == nil {
		return ""
	}
	_, value, _ := strings.Cut(r.edit.start, "=")
	return value
}

// uncover shows all secrets, or none.
func (s *Screen) uncover() screen.Out {
	s.bare = !s.bare
	s.refresh()
	if s.bare {
		return screen.Say(screen.Notice{Text: "secrets are shown, until this screen is left"})
	}
	return screen.Say(screen.Notice{Text: "secrets are masked"})
}

// hides is where in the line that is typed a secret begins, -1 if none does.
func (s *Screen) hides() int {
	if s.editing == nil || !s.editing.row.edit.variable {
		return -1
	}
	name, value, found := strings.Cut(s.path.Value(), "=")
	if !found || !s.covers(strings.TrimSpace(name), value) {
		return -1
	}
	return len(name) + 1
}

// spread is the whole of a value that has no room in its field: in rows, which end
// where its own do.
func (s *Screen) spread(typed string) []string {
	const most = 10
	if s.hides() >= 0 || text.Width(text.Escape(typed)) < columnsOf(s.width-listWidth(s.width)).value {
		return nil
	}
	var rows []string
	for line := range strings.SplitAfterSeq(typed, "\n") {
		if line != "" {
			rows = append(rows, text.Wrap(text.Escape(line), s.belowWidth())...)
		}
		if len(rows) > most {
			return append(rows[:most], "… "+text.Number(len(typed))+" bytes in all")
		}
	}
	return rows
}

// variables marks rows as those of variables, and sets their names below each other.
func variables(rows []row) {
	const most = 32
	wide := 0
	for i := range rows {
		if name, _, named := strings.Cut(rows[i].value, "="); named && rows[i].variable {
			rows[i].name = name
			wide = max(wide, min(text.Width(text.Escape(name)), most))
		}
	}
	for i := range rows {
		rows[i].wide = wide
	}
}

// filing is which variables of the draft go into a file of their own, and why others
// that are secret do not.
type filing struct {
	vars []spec.Var
	why  map[string]string
}

// filed decides it. A file of variables is one for all apps, and whatever a flag says
// is over it.
func (s *Screen) filed() filing {
	p := &s.draft.pod
	f := filing{why: make(map[string]string)}
	values := make(map[string]string)
	take := func(who string, vars []spec.Var, fixed bool) {
		for _, v := range vars {
			before, again := values[v.Name]
			switch {
			case !s.masked(v.Name, v.Value):
			case fixed:
				f.why[v.Name] = "the pod manifest has it"
			case again && before != v.Value:
				f.why[v.Name] = who + " has another value, and a file is for all apps"
			case !again:
				values[v.Name] = v.Value
				f.vars = append(f.vars, v)
			}
		}
	}
	take("the pod", p.Env, false)
	for i, app := range p.Apps {
		take(s.appName(i), app.Env, p.ManifestFile != "")
	}
	f.vars = slices.DeleteFunc(f.vars, func(v spec.Var) bool {
		if v.Value == "" {
			return true
		}
		if f.why[v.Name] == "" {
			f.why[v.Name] = s.unfit(v)
		}
		return f.why[v.Name] != ""
	})
	return f
}
