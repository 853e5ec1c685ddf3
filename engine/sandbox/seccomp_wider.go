package sandbox

import (
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/podtui/podtui/engine/spec"
)

// CallsBeyondDefault are the calls that a retain set names and docker's profile lets
// an app with the default capabilities make in no way at all.
func CallsBeyondDefault(set spec.Seccomp) []string {
	dockers, err := dockersProfile(spec.DefaultCapabilities())
	if set.Mode != spec.SeccompRetain || err != nil {
		return nil
	}
	return slices.DeleteFunc(namesOf(set.Calls), func(call string) bool {
		return slices.Contains(lifeCalls(), call) || slices.ContainsFunc(dockers.Syscalls, func(rule specs.LinuxSyscall) bool {
			return rule.Action == specs.ActAllow && slices.Contains(rule.Names, call)
		})
	})
}
