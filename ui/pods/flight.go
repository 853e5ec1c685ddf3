package pods

import (
	"slices"

	"github.com/podtui/podtui/engine/poddir"
)

// InFlight is the next pod that starts or runs after another, or with -1 the one before,
// and round at the ends; false: there is no other.
func (s *Screen) InFlight(uuid string, by int) (poddir.Status, bool) {
	at := slices.IndexFunc(s.all, func(p *pod) bool { return p.UUID == uuid })
	n := len(s.all)
	for i := 1; i <= n; i++ {
		p := s.all[((at+by*i)%n+n)%n]
		if p.UUID != uuid && (p.State == poddir.Running || p.State == poddir.Preparing) {
			return p.Status, true
		}
	}
	return poddir.Status{}, false
}
