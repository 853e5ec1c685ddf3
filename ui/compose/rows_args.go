package compose

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/text"
)

// argsRows are the arguments as one line, as in a shell, with the whole command below,
// which opens: then there is one below the other, each as it is.
func (s *Screen) argsRows(i int, at string, e spec.Effective) []row {
	args := s.draft.pod.Apps[i].Args
	rows := []row{s.argsRow(i, at, e)}
	key := func(n int) string { return fmt.Sprint(at, ".arg", n) }
	if len(args) == 0 {
		return rows
	}
	command := row{key: "args folded", value: cmp.Or(strings.Join(s.argv(&s.draft.pod, i), ""), text.Count(len(args), "argument")), note: "one by one", echoes: true}
	if !s.shown[key(0)] {
		for n := range args {
			command.folds = append(command.folds, key(n))
		}
		return append(rows, command)
	}
	for n, arg := range args {
		rows = append(rows, argRow(i, n, arg, key(n)))
	}
	of := func(p *spec.Pod) *[]string { return &p.Apps[i].Args }
	return append(rows, row{key: "arg new", value: "+ argument", edit: &edit{hint: "as it is, without quotes",
		set: func(p *spec.Pod, t string) {
			if t != "" {
				*of(p) = append(*of(p), t)
			}
		}}})
}

// argRow is one argument. That it was emptied doesn't remove it: an empty argument is
// one.
func argRow(i, n int, arg, key string) row {
	of := func(p *spec.Pod) *[]string { return &p.Apps[i].Args }
	r := row{key: key, label: "  " + strconv.Itoa(n+1), value: spec.Quote([]string{arg}), own: true, itself: true, note: "yours"}
	const long = 20
	if len(arg) > long || arg == "" {
		r.note = "yours, " + text.Count(len(arg), "byte")
	}
	r.edit = &edit{start: arg, hint: "as it is, without quotes", set: func(p *spec.Pod, t string) { (*of(p))[n] = t }}
	r.remove = func(p *spec.Pod) {
		if *of(p) = slices.Delete(*of(p), n, n+1); len(*of(p)) == 0 {
			*of(p) = nil
		}
	}
	r.reset = r.remove
	r.shift = func(p *spec.Pod, by int) {
		if to := n + by; to >= 0 && to < len(*of(p)) {
			(*of(p))[n], (*of(p))[to] = (*of(p))[to], (*of(p))[n]
		}
	}
	return r
}

// argsRow is what comes after exec, with the whole argv below it.
func (s *Screen) argsRow(i int, at string, e spec.Effective) row {
	app := s.draft.pod.Apps[i]
	r := row{path: at + ".args", key: "args", label: "args", value: spec.Quote(app.Args), own: len(app.Args) > 0, note: "none"}
	if r.own {
		r.note = "yours"
		if n := len(e.Exec) - e.OwnArgs - 1; n > 0 {
			r.note = fmt.Sprintf("yours, after the image's %d", n)
		}
		r.reset = func(p *spec.Pod) { p.Apps[i].Args = nil }
	}
	r.edit = &edit{
		start: r.value,
		set: func(p *spec.Pod, t string) {
			p.Apps[i].Args, _ = field.Words(t)
		},
		below: func(p *spec.Pod) []string { return s.parted(p, i) },
		hint:  "quoted as in a shell",
	}
	return r
}

// parted is the command with each argument in a row of its own, so that it is seen
// where they end.
func (s *Screen) parted(p *spec.Pod, i int) []string {
	const most = 12
	args := p.Apps[i].Args
	rows := s.argv(p, i)
	if len(rows) == 0 || len(args) == 0 {
		return rows
	}
	for n, arg := range args {
		if n == most {
			return append(rows, fmt.Sprintf("… %d in all", len(args)))
		}
		rows = append(rows, fmt.Sprintf("%2d %s", n+1, spec.Quote([]string{arg})))
	}
	return rows
}

// argv is the whole command as the app will get it.
func (s *Screen) argv(p *spec.Pod, i int) []string {
	e := p.ResolveApp(i, s.manifest(i), spec.Surroundings{})
	if len(e.Exec) == 0 {
		return nil
	}
	return []string{"→ " + spec.Quote(e.Exec)}
}
