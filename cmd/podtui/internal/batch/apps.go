package batch

import (
	"slices"

	"github.com/podtui/podtui/engine/event"
)

// appNames are what a pod's apps are called, by index. They come as the pod is
// prepared, before any output: a start that fails has some of its own.
type appNames []string

func (a *appNames) learn(e event.Event) {
	for _, app := range e.Apps {
		a.add(app.Name)
	}
	if e.Type == event.AppStart {
		a.add(e.App)
	}
}

// add knows an app that is started again.
func (a *appNames) add(name string) {
	if !slices.Contains(*a, name) {
		*a = append(*a, name)
	}
}

// of is "" for an app that nobody has told of.
func (a appNames) of(app int) string {
	if app < len(a) {
		return a[app]
	}
	return ""
}
