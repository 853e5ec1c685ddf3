package compose

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/podtui/podtui/engine/spec"
)

// envRows are the variables as they will be, those first that were given here
// and can be changed, then the others with where they come from. Those of which
// there may be many and which few ask for are only counted, until somebody does.
func (s *Screen) envRows(at string, own []spec.Var, env []spec.EnvVar, here spec.Origin, of func(*spec.Pod) *[]spec.Var) []row {
	var rows, counts []row
	for i, v := range own {
		rows = append(rows, s.ownVar(fmt.Sprintf("%s[%d]", at, i), i, v, env, of))
	}
	for _, c := range crowds() {
		counts = append(counts, row{key: "env " + c.note, value: c.words, note: s.giver(spec.Origin(c.note))})
	}
	for _, v := range env {
		r, n := s.otherVar(v, of), crowdOf(v.From)
		switch {
		case v.From == here:
		case n < 0 || s.shown[r.key]:
			rows = append(rows, r)
		default:
			counts[n].folds = append(counts[n].folds, r.key)
		}
	}
	for _, r := range counts {
		if len(r.folds) > 0 {
			r.value = fmt.Sprintf("and %d %s", len(r.folds), r.value)
			rows = append(rows, r)
		}
	}
	rows = append(rows, addVar(of))
	rows[0].gap, rows[0].label = true, "env"
	variables(rows)
	return rows
}

// crowd is variables that are counted.
type crowd struct {
	words, note string
	from        []spec.Origin
}

func crowds() []crowd {
	return []crowd{
		{"inherited", "parent", []spec.Origin{spec.FromParent}},
		{"of files", "file", []spec.Origin{spec.FromFile}},
		{"that every app has", "podtui", []spec.Origin{spec.FromDefault, spec.FromPodtui}},
	}
}

// crowdOf is the number of the crowd that variables of an origin are in, or -1.
func crowdOf(from spec.Origin) int {
	return slices.IndexFunc(crowds(), func(c crowd) bool { return slices.Contains(c.from, from) })
}

// ownVar is a variable that was given here.
func (s *Screen) ownVar(at string, i int, v spec.Var, env []spec.EnvVar, of func(*spec.Pod) *[]spec.Var) row {
	r := row{path: at, key: varKey(v), value: s.shownVar(v.Name, v.Value), note: "yours", own: true, variable: true}
	for _, e := range env {
		if e.Name == v.Name && len(e.Over) > 0 {
			other := fmt.Sprintf("%q", e.Over[0].Value)
			if s.covers(v.Name, e.Over[0].Value) {
				other = "another"
			}
			r.note = "yours, " + from(e.Over[0].From) + " " + other
		}
	}
	s.noteSecret(&r, v, strings.HasPrefix(at, "apps["))
	r.remove = func(p *spec.Pod) { *of(p) = slices.Delete(*of(p), i, i+1) }
	r.reset = r.remove
	r.edit = &edit{start: v.Name + "=" + v.Value, hint: "NAME=VALUE", variable: true,
		set: func(p *spec.Pod, t string) { (*of(p))[i] = parseVar(t) }}
	return r
}

// giver is who gives a variable: of one file its name.
func (s *Screen) giver(o spec.Origin) string {
	if files := s.draft.pod.EnvFiles; o == spec.FromFile && len(files) == 1 {
		return "file " + path.Base(files[0])
	}
	return from(o)
}

// noteSecret says of a secret where its value is when the pod runs.
func (s *Screen) noteSecret(r *row, v spec.Var, ofApp bool) {
	if v.Value == "" || !s.masked(v.Name, v.Value) {
		return
	}
	if why := s.filing.why[v.Name]; why != "" {
		r.alert = "! in the command line: " + why
		return
	}
	r.note = join(r.note, "in a file")
	if n := len(s.draft.pod.Apps); ofApp && n > 1 {
		r.alert = "! in a file, which all " + strconv.Itoa(n) + " apps get"
	}
}

// otherVar is a variable that comes from elsewhere; editing it gives it here
// too, which wins, unless podtui itself says it.
func (s *Screen) otherVar(v spec.EnvVar, of func(*spec.Pod) *[]spec.Var) row {
	start := v.Name + "=" + v.Value
	r := row{key: "env:" + v.Name, value: s.shownVar(v.Name, v.Value), note: s.giver(v.From), variable: true}
	switch {
	case v.From == spec.FromPodtui && v.Value == "":
		r.value += "…" // known once it runs
	case v.From != spec.FromPodtui:
		r.edit = &edit{start: start, variable: true, set: func(p *spec.Pod, t string) {
			if t != start && t != "" {
				*of(p) = append(*of(p), parseVar(t))
			}
		}, hint: "NAME=VALUE, instead of the " + from(v.From) + "'s"}
	}
	return r
}

// newVar is the key of the row where a variable is added.
const newVar = "env new"

func varKey(v spec.Var) string { return "env:" + v.Name }

func addVar(of func(*spec.Pod) *[]spec.Var) row {
	return row{key: newVar, value: "+ variable", edit: &edit{variable: true, set: func(p *spec.Pod, t string) {
		if t != "" {
			*of(p) = append(*of(p), parseVar(t))
		}
	}, hint: "NAME=VALUE"}}
}

func parseVar(t string) spec.Var {
	name, value, _ := strings.Cut(t, "=")
	return spec.Var{Name: strings.TrimSpace(name), Value: value}
}
