package engine

import (
	"fmt"

	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/engine/spec"
)

// checkHost finds what the host refutes, before anything is made. Who runs the pod
// takes hold of its sources later, and checks them in the same way.
func checkHost(pod spec.Pod) []spec.Problem {
	var problems []spec.Problem
	for i, volume := range pod.Volumes {
		if volume.Kind != spec.HostVolume {
			continue
		}
		source, err := sandbox.OpenSource(volume.Source)
		if err != nil {
			problems = append(problems, spec.Problem{
				Path:    fmt.Sprintf("volumes[%d].source", i),
				Message: fmt.Sprintf("volume %q: %v", volume.Name, err),
			})
			continue
		}
		source.Close()
	}
	return problems
}
