package stages

import (
	"testing"
	"time"

	"github.com/podtui/podtui/engine"
)

// A rate needs two looks at the same interface, and a counter that goes back is no rate.
func TestRatesOfTraffic(t *testing.T) {
	look := func(after time.Duration, bytes ...int64) (all []engine.Traffic) {
		for i := 0; i+1 < len(bytes); i += 2 {
			all = append(all, engine.Traffic{Interface: []string{"eth0", "eth1"}[i/2], Time: start.Add(after), Received: bytes[i], Sent: bytes[i+1]})
		}
		return all
	}
	h := &History{}
	for i, c := range []struct {
		look    []engine.Traffic
		in, out float64
	}{
		{look(0, 1000, 500), -1, -1},
		{look(2*time.Second, 3000, 500), 1000, 0},
		{look(4*time.Second, 3000, 1500, 10, 10), 0, 500},
		{look(6*time.Second, 3200, 1500, 2010, 10), 1100, 0},
		{look(8*time.Second, 100, 100), 1100, 0}, // it is another pod's, or wrapped
		{nil, 1100, 0},
		{look(9*time.Second, 200, 100), 1100, 0}, // nothing was looked at just before
	} {
		h.AddTraffic(c.look)
		if h.In.Last() != c.in || h.Out.Last() != c.out {
			t.Errorf("after look %d: %v in, %v out; want %v, %v", i, h.In.Last(), h.Out.Last(), c.in, c.out)
		}
	}
}

func TestEachAppHasAHistoryOfItsOwn(t *testing.T) {
	h, l := &History{}, Load{}
	for i := range 3 {
		at := start.Add(time.Duration(i) * time.Second)
		l.Add([]engine.Usage{
			{App: "a", Time: at, CPU: time.Duration(i) * 500 * time.Millisecond, Memory: 1000},
			{App: "b", Time: at, CPU: time.Duration(i) * 100 * time.Millisecond, Memory: -1},
		})
		h.AddLoad(&l)
	}
	a, b := h.App("a"), h.App("b")
	if a.CPU.Last() != 0.5 || b.CPU.Last() != 0.1 || h.CPU.Last() != 0.6 || a.Memory.Last() != 1000 || b.Memory.Last() >= 0 {
		t.Errorf("a %v %v, b %v %v, pod %v", a.CPU.Last(), a.Memory.Last(), b.CPU.Last(), b.Memory.Last(), h.CPU.Last())
	}
	if c := h.App("c"); c.CPU.Last() >= 0 {
		t.Error("an app that nobody looked at used something")
	}
}
