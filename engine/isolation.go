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
func CheckIsolation(pod spec.Pod) []spec.Problem { return checkIsolation(ownWords(pod)) }

// ownWords are a pod without what images say.
func ownWords(pod spec.Pod) spec.Resolved {
	resolved, _ := pod.Resolve(nil, spec.Surroundings{})
	for i := range resolved.Apps {
		if name := &resolved.Apps[i].Name; name.Value == "" { // the image has it
			name.Value = pod.Apps[i].Image
		}
	}
	return resolved
}

// checkIsolation finds what a pod asks for that only the kernel's own names show to
// be wrong.
func checkIsolation(resolved spec.Resolved) []spec.Problem {
	return append(checkSeccomp(resolved), checkSysctls(resolved)...)
}

// checkSeccomp knows all names of system calls, whatever the host's kernel has of them.
func checkSeccomp(resolved spec.Resolved) (problems []spec.Problem) {
	for i, app := range resolved.Apps {
		if err := sandbox.CheckSeccomp(app.Isolation.Seccomp); err != nil {
			problems = append(problems, spec.Problem{Path: fmt.Sprintf("apps[%d].seccomp", i), Message: fmt.Sprintf("app %q: %v", app.Name.Value, err)})
		}
	}
	return problems
}

func checkSysctls(resolved spec.Resolved) (problems []spec.Problem) {
	for _, key := range slices.Sorted(maps.Keys(resolved.Sysctls)) {
		if err := sandbox.CheckSysctl(key, resolved.Network.Private()); err != nil {
			problems = append(problems, spec.Problem{Path: "isolators", Message: err.Error()})
		}
	}
	return problems
}

// exceededBy tells of limits that are none, as the host has less: perhaps a unit is
// mistyped.
func (c Capacity) exceededBy(resolved spec.Resolved) (warnings []string) {
	add := func(of string, limits spec.Limits) {
		if c.Memory > 0 && limits.Memory > c.Memory {
			warnings = append(warnings, fmt.Sprintf("memory of %s is limited to %d bytes, more than the host's %d", of, limits.Memory, c.Memory))
		}
		if c.CPUs > 0 && limits.CPU > 1000*int64(c.CPUs) {
			warnings = append(warnings, fmt.Sprintf("cpu of %s is limited to %g cores, more than the host's %d", of, float64(limits.CPU)/1000, c.CPUs))
		}
	}
	for _, app := range resolved.Apps {
		add(fmt.Sprintf("app %q", app.Name.Value), app.Limits)
	}
	add("the pod", resolved.Limits)
	return warnings
}
