package sandbox

import (
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/podtui/podtui/engine/spec"
)

// CallsBeyondDefault are the calls that a retain set names and podtui's own profile
// doesn't let an app with the default capabilities make: first those that it refuses
// altogether, then those of which it looks at the arguments, as a set can't. What every
// set has beside what it names, the default has as well.
func CallsBeyondDefault(set spec.Seccomp) []string {
	own, err := profileOf(spec.Isolation{})
	if set.Mode != spec.SeccompRetain || err != nil {
		return nil
	}
	var refused, asked []string
	for _, call := range namesOf(set.Calls) {
		allowing := own.allowing(call)
		switch {
		case slices.Contains(lifeCalls(), call):
		case len(allowing) == 0:
			refused = append(refused, call)
		case !slices.ContainsFunc(allowing, func(rule specs.LinuxSyscall) bool { return len(rule.Args) == 0 }):
			asked = append(asked, call+" with any argument")
		}
	}
	return append(refused, asked...)
}

// allowing are the rules that let a call pass, for some of its arguments or for all.
func (p profile) allowing(call string) (rules []specs.LinuxSyscall) {
	for _, rule := range p.Syscalls {
		if rule.Action == specs.ActAllow && slices.Contains(rule.Names, call) {
			rules = append(rules, rule)
		}
	}
	return rules
}
