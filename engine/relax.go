package engine

import (
	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/engine/spec"
)

// Relax is what apps are left without of what keeps them apart from the host, in
// the words of --insecure-options. It is over whatever flags and images say.
type Relax struct {
	Capabilities bool // they get all that podtui has
	Seccomp      bool // any system call is allowed
	Paths        bool // nothing of /proc and /sys is hidden or read-only
}

// apply changes what was decided, before it is written down.
func (r Relax) apply(resolved *spec.Resolved) {
	for i := range resolved.Apps {
		isolation := &resolved.Apps[i].Isolation
		if r.Capabilities {
			isolation.Capabilities = sandbox.OwnCapabilities()
		}
		if r.Seccomp {
			isolation.Seccomp = spec.Seccomp{Mode: spec.SeccompOff}
		}
		isolation.Unmasked = isolation.Unmasked || r.Paths
	}
}
