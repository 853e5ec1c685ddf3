package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/engine/spec"
)

// Widened is in which way an app may do more than one that nobody has said anything
// about, as far as a kind of isolator of its image, or of its manifest, has it so; ""
// if it may not. What its flags say somebody has chosen.
func Widened(e spec.Effective, kind string) string {
	if from := widener(e, kind); from == "" {
		return ""
	}
	switch kind {
	case spec.KindCapabilities:
		return moreCapabilities(e.Isolation.Capabilities)
	case spec.KindSeccomp:
		return moreCalls(e.Isolation.Seccomp)
	case spec.KindOOMScoreAdj:
		if score := e.Isolation.OOMScoreAdj; score != nil && *score < 0 {
			return fmt.Sprintf("oom score %d", *score)
		}
	}
	return ""
}

// widener is who decides a kind of isolator: an image, a manifest, or "".
func widener(e spec.Effective, kind string) string {
	for _, i := range e.Isolators {
		switch {
		case i.Name != kind:
		case i.From == spec.FromImage:
			return "image"
		case i.From == spec.FromPodManifest:
			return "pod manifest"
		}
	}
	return ""
}

func moreCapabilities(set []string) string {
	more := slices.DeleteFunc(slices.Clone(set), func(c string) bool { return slices.Contains(spec.DefaultCapabilities(), c) })
	return strings.Join(more, " ")
}

func moreCalls(s spec.Seccomp) string {
	switch s.Mode {
	case spec.SeccompOff:
		return "every system call"
	case spec.SeccompRemove: // a wildcard of these is all that the default refuses
		if !slices.ContainsFunc(s.Calls, func(call string) bool { return strings.HasPrefix(call, "@") }) {
			return "every system call that its filter doesn't name"
		}
	case spec.SeccompRetain:
		if more := sandbox.CallsBeyondDefault(s); len(more) > 2 {
			return fmt.Sprintf("system calls %s, %s and %d more", more[0], more[1], len(more)-2)
		} else if len(more) > 0 {
			return "system calls " + strings.Join(more, ", ")
		}
	}
	return ""
}

// widenedWarning is one line for all of it; "" if there is nothing to say.
func widenedWarning(e spec.Effective) string {
	var ways []string
	who := ""
	for _, kind := range []string{spec.KindCapabilities, spec.KindSeccomp, spec.KindOOMScoreAdj} {
		if way := Widened(e, kind); way != "" {
			ways, who = append(ways, way), widener(e, kind)
		}
	}
	if len(ways) == 0 {
		return ""
	}
	return fmt.Sprintf("app %q: its %s gives it more than the default: %s", e.Name.Value, who, strings.Join(ways, "; "))
}
