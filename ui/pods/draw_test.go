package pods

import (
	"testing"
	"time"

	"github.com/podtui/podtui/engine/poddir"
)

func pods(n int, now time.Time) []*pod {
	var all []*pod
	for i := range n {
		ended := now.Add(-time.Duration(i) * 20 * time.Minute)
		all = append(all, &pod{Status: poddir.Status{UUID: string(rune('a' + i)), State: poddir.Exited, Ended: ended, Created: ended}})
	}
	return all
}

// Nothing is collected that was not named in the question, however long it takes
// to be answered.
func TestWhatEndsWhileItIsAskedIsNotCollected(t *testing.T) {
	asked := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	answered := asked.Add(10 * time.Minute)
	for _, c := range []struct {
		grace time.Duration
		named int
	}{{grace, 3}, {0, 5}} {
		s := &Screen{all: pods(5, asked)}
		named := s.garbage(asked, c.grace)
		s.all = append(s.all, &pod{Status: poddir.Status{UUID: "new", State: poddir.Exited, Ended: asked.Add(time.Minute)}})
		o := collectOptions(collectAnswer{asked, c.grace}, answered)
		goes := 0
		for _, p := range s.all {
			if answered.Sub(p.LastChange()) >= o.Grace {
				goes++
			}
		}
		if len(named) != c.named || goes != c.named {
			t.Errorf("grace %v: named %d, collected %d, want %d", c.grace, len(named), goes, c.named)
		}
	}
}
