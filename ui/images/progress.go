package images

import "github.com/podtui/podtui/ui/stages"

// Progress adds how far the fetches are that are under way, and tells how many have
// failed and were not put away.
func (s *Screen) Progress(p *stages.Progress) (under, failures int) {
	for _, one := range s.fetches.list {
		switch {
		case one.under():
			under++
			p.Add(&one.stages)
		case one.state == failed:
			failures++
		}
	}
	return under, failures
}
