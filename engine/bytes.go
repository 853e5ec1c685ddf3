package engine

import (
	"fmt"
	"unicode/utf8"

	"github.com/podtui/podtui/engine/spec"
)

// checkBytes refuses what would not reach the app byte for byte: libcontainer
// hands arguments and environment to the app's start as JSON, which has no way
// to hold bytes that are not UTF-8 and silently replaces them.
func checkBytes(resolved spec.Resolved) []spec.Problem {
	var problems []spec.Problem
	for i, app := range resolved.Apps {
		for _, s := range append(app.Environ(), app.Exec...) {
			if !utf8.ValidString(s) {
				problems = append(problems, spec.Problem{
					Path:    fmt.Sprintf("apps[%d]", i),
					Message: fmt.Sprintf("app %q: %q is not UTF-8, which is not supported yet", app.Name.Value, s),
				})
			}
		}
	}
	return problems
}
