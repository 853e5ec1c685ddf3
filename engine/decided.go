package engine

import (
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

// decided is what a pod's events tell of its apps.
func decided(resolved spec.Resolved) []event.App {
	apps := make([]event.App, len(resolved.Apps))
	for i, app := range resolved.Apps {
		apps[i] = event.App{Name: app.Name.Value, Env: sources(app.Env)}
	}
	return apps
}

// sources are the names of variables and where they come from, without what they
// hold.
func sources(env []spec.EnvVar) []event.Variable {
	list := make([]event.Variable, len(env))
	for i, v := range env {
		list[i] = event.Variable{Name: v.Name, From: string(v.From)}
		for _, over := range v.Over {
			list[i].Over = append(list[i].Over, string(over.From))
		}
	}
	return list
}
