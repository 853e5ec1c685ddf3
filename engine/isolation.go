package engine

import (
	"fmt"
	"maps"
	"slices"

	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/engine/spec"
)

// CheckIsolation finds what checkIsolation does in the pod's own words: those of its
// flags and of its manifest, for which no image has to be there.
func CheckIsolation(pod spec.Pod) []spec.Problem {
	resolved, _ := pod.Resolve(nil, spec.Surroundings{})
	for i := range resolved.Apps {
		if name := &resolved.Apps[i].Name; name.Value == "" { // the image has it
			name.Value = pod.Apps[i].Image
		}
	}
	return checkIsolation(resolved)
}

// checkIsolation finds what a pod asks for that only the kernel's own names show to
// be wrong.
func checkIsolation(resolved spec.Resolved) []spec.Problem {
	var problems []spec.Problem
	for i, app := range resolved.Apps {
		if err := sandbox.CheckSeccomp(app.Isolation.Seccomp); err != nil {
			problems = append(problems, spec.Problem{Path: fmt.Sprintf("apps[%d].seccomp", i), Message: fmt.Sprintf("app %q: %v", app.Name.Value, err)})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(resolved.Sysctls)) {
		if err := sandbox.CheckSysctl(key, resolved.Network.Private()); err != nil {
			problems = append(problems, spec.Problem{Path: "isolators", Message: err.Error()})
		}
	}
	return problems
}
