package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/spec"
)

// envRows are the variables as they will be, those first that were given here
// and can be changed, then the others with where they come from. Those that
// everybody has are only counted.
func envRows(at string, own []spec.Var, env []spec.EnvVar, here spec.Origin, of func(*spec.Pod) *[]spec.Var) []row {
	var rows []row
	for i, v := range own {
		rows = append(rows, ownVar(fmt.Sprintf("%s[%d]", at, i), i, v, env, of))
	}
	plain, parent := 0, 0
	for _, v := range env {
		switch v.From {
		case here:
		case spec.FromDefault, spec.FromPodtui:
			plain++
		case spec.FromParent:
			parent++
		default:
			rows = append(rows, otherVar(v, of))
		}
	}
	if parent > 0 {
		rows = append(rows, row{key: "env parent", value: fmt.Sprintf("and %d inherited", parent), note: "parent"})
	}
	if plain > 0 {
		rows = append(rows, row{key: "env plain", value: fmt.Sprintf("and %d that every app has", plain), note: "podtui"})
	}
	rows = append(rows, addVar(of))
	rows[0].gap, rows[0].label = true, "env"
	return rows
}

// ownVar is a variable that was given here.
func ownVar(at string, i int, v spec.Var, env []spec.EnvVar, of func(*spec.Pod) *[]spec.Var) row {
	r := row{path: at, key: varKey(v), value: v.Name + "=" + v.Value, note: "yours", own: true}
	for _, e := range env {
		if e.Name == v.Name && len(e.Over) > 0 {
			r.note = fmt.Sprintf("yours, %s %q", from(e.Over[0].From), e.Over[0].Value)
		}
	}
	r.remove = func(p *spec.Pod) { *of(p) = slices.Delete(*of(p), i, i+1) }
	r.reset = r.remove
	r.edit = &edit{start: r.value, hint: "NAME=VALUE",
		set: func(p *spec.Pod, t string) { (*of(p))[i] = parseVar(t) }}
	return r
}

// otherVar is a variable that comes from elsewhere; editing it gives it here
// too, which wins.
func otherVar(v spec.EnvVar, of func(*spec.Pod) *[]spec.Var) row {
	start := v.Name + "=" + v.Value
	return row{
		key: "env:" + v.Name, value: start, note: from(v.From),
		edit: &edit{start: start, set: func(p *spec.Pod, t string) {
			if t != start && t != "" {
				*of(p) = append(*of(p), parseVar(t))
			}
		}, hint: "NAME=VALUE, instead of the " + from(v.From) + "'s"},
	}
}

// newVar is the key of the row where a variable is added.
const newVar = "env new"

func varKey(v spec.Var) string { return "env:" + v.Name }

func addVar(of func(*spec.Pod) *[]spec.Var) row {
	return row{key: newVar, value: "+ variable", edit: &edit{set: func(p *spec.Pod, t string) {
		if t != "" {
			*of(p) = append(*of(p), parseVar(t))
		}
	}, hint: "NAME=VALUE"}}
}

func parseVar(t string) spec.Var {
	name, value, _ := strings.Cut(t, "=")
	return spec.Var{Name: strings.TrimSpace(name), Value: value}
}
