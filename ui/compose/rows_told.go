package compose

import (
	"fmt"

	"github.com/podtui/podtui/engine/spec"
)

// toldRows are what others are told of an app: its annotations, by the metadata
// service, and labels of one's own.
func (s *Screen) toldRows(i int, at string) []row {
	app := &s.draft.pod.Apps[i]
	annotations := list[spec.Var]{
		path: at + ".annotations", label: "annotated", add: "+ annotation", hint: "NAME=VALUE, for the metadata service",
		show: showVar, parse: parseVar, note: func(v spec.Var) string { return mine(s.annotated(i, v.Name)) },
		of: func(p *spec.Pod) *[]spec.Var { return &p.Apps[i].Annotations },
	}
	labels := list[spec.Var]{
		path: at + ".labels", label: "labels", add: "+ label", hint: "NAME=VALUE",
		show: showVar, parse: parseVar, of: func(p *spec.Pod) *[]spec.Var { return &p.Apps[i].Labels },
	}
	return append(annotations.rows(app.Annotations), labels.rows(app.Labels)...)
}

func showVar(v spec.Var) string { return v.Name + "=" + v.Value }

// annotated is what the image of app i says under a name.
func (s *Screen) annotated(i int, name string) string {
	k := s.of(i)
	if !k.found {
		return ""
	}
	value, ok := k.image.Manifest.Annotations.Get(name)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%q", value)
}

// handlerRows are what only the image says, or a manifest in its place: the programs that run before the app and
// after it, and what it asks for in vain.
func handlerRows(e spec.Effective, says spec.Origin) []row {
	var rows []row
	for _, h := range []struct {
		label string
		argv  []string
	}{{"pre-start", e.Handlers.PreStart}, {"post-stop", e.Handlers.PostStop}} {
		if len(h.argv) > 0 {
			rows = append(rows, row{key: h.label, label: h.label, value: spec.Quote(h.argv), note: string(says)})
		}
	}
	for _, name := range e.Ignored {
		rows = append(rows, row{key: "ignored " + name, label: "isolator", value: name, alert: "! not enforced"})
	}
	return rows
}
