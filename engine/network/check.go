package network

import "github.com/podtui/podtui/engine/spec"

// Check finds the ports that the host can't give to a pod: they are taken, or on an
// address that the host hasn't. Taken tells which of the pods that the caller knows has
// a port ("": none). Found now is not held: the pod's start finds out again.
func Check(ports []spec.Published, taken func(spec.Published) (pod string)) []spec.Problem { return nil }
