package supervisor

import (
	"runtime/debug"
	"slices"
	"time"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// quietTime is how long after a start the supervisor gives its memory back: not
// while other pods start beside this one.
const quietTime = 500 * time.Millisecond

// settleTime is how long the collector goes on in the background.
const settleTime = 200 * time.Millisecond

// idleGC has the heap grow by a megabyte between collections, not by four: what is
// left after a start is small.
const idleGC = 25

// quiet is what is still to be given back after a start, and when.
type quiet struct {
	due       time.Time // zero: nothing
	collected bool
}

func (s *supervisor) restLater() { s.quiet = quiet{due: time.Now().Add(quietTime)} }

// rest gives back what the start has needed and the rest of the pod's life does
// not: most of a supervisor's memory. The program goes last, when nothing runs
// that would have it come back. An app that is being made reads the record, and
// runs the program.
func (s *supervisor) rest(now time.Time) {
	if slices.ContainsFunc(s.apps, func(a *app) bool { return a.phase == making || a.phase == leaving }) {
		s.quiet.due = now.Add(quietTime)
		return
	}
	if s.quiet.collected {
		s.quiet = quiet{}
		forgetProgram()
		return
	}
	pod := s.record.Resolved
	s.record = poddir.Record{Resolved: spec.Resolved{ // what apps that are made again need
		Volumes: pod.Volumes, OnFailure: pod.OnFailure, Network: pod.Network, DNS: pod.DNS, HostsEntries: pod.HostsEntries,
	}}
	debug.SetGCPercent(idleGC)
	debug.FreeOSMemory()
	s.quiet = quiet{due: now.Add(settleTime), collected: true}
}
