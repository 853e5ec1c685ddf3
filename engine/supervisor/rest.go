package supervisor

import (
	"runtime/debug"
	"time"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// quietTime is how long after a start the supervisor gives its memory back: not
// while other pods start beside this one.
const quietTime = 500 * time.Millisecond

// idleGC has the heap grow by a megabyte between collections, not by four: what is
// left after a start is small.
const idleGC = 25

func (s *supervisor) restLater() { s.quiet = time.Now().Add(quietTime) }

// rest gives back what the start has needed and the rest of the pod's life does
// not: most of a supervisor's memory.
func (s *supervisor) rest() {
	s.record = poddir.Record{Resolved: spec.Resolved{
		Volumes: s.record.Resolved.Volumes, OnFailure: s.record.Resolved.OnFailure,
	}}
	debug.SetGCPercent(idleGC)
	debug.FreeOSMemory()
	forgetProgram()
}
