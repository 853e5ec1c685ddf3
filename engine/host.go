package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/podtui/podtui/engine/spec"
)

// checkHost finds what the host refutes, before anything is made.
func checkHost(pod spec.Pod) []spec.Problem {
	var problems []spec.Problem
	for i, volume := range pod.Volumes {
		if volume.Kind != spec.HostVolume {
			continue
		}
		if _, err := os.Stat(volume.Source); err != nil {
			problems = append(problems, spec.Problem{
				Path:    fmt.Sprintf("volumes[%d].source", i),
				Message: fmt.Sprintf("volume %q: %s", volume.Name, missing(volume.Source, err)),
			})
		}
	}
	return problems
}

func missing(path string, err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return path + " does not exist on the host"
	}
	return err.Error()
}
