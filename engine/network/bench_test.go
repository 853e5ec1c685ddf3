package network

import (
	"slices"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/network/nettest"
)

// BenchmarkSetUp tells the median of what a pod's network adds to its start, and to
// its end, on a host where another pod's is there already.
func BenchmarkSetUp(b *testing.B) {
	w, data := nettest.NewWorld(b), b.TempDir()
	newGuest(b, w.Host, data).mustSetUp("default")
	var up, down []time.Duration
	for b.Loop() {
		p := newGuest(b, w.Host, data)
		began := time.Now()
		p.mustSetUp("default")
		up = append(up, time.Since(began))
		time.Sleep(30 * time.Millisecond) // pods live a moment; until then the kernel holds what was closed
		began = time.Now()
		if err := p.end(); err != nil {
			b.Fatal(err)
		}
		down = append(down, time.Since(began))
	}
	for unit, times := range map[string][]time.Duration{"µs/up": up, "µs/down": down} {
		slices.Sort(times)
		b.ReportMetric(float64(times[len(times)/2].Microseconds()), unit)
	}
	b.ReportMetric(0, "ns/op")
}
