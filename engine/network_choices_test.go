package engine_test

import (
	"net"
	"slices"
	"strconv"
	"testing"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/spec"
)

// What is told of networks before a pod has one is what it has then, and how full they
// are; what has gone through its link is counted, and of a pod that has ended nothing.
func TestChoiceOfANetworkTellsWhatThePodGets(t *testing.T) {
	t.Parallel()
	h := newWorldHost(t)
	choice := func() (c engine.NetworkChoice) {
		h.World.Host.Do(func() {
			all := h.NetworkChoices()
			if all.Uplink != nettest.Uplink || len(all.Warnings) > 0 {
				t.Errorf("way out %q, warnings %q", all.Uplink, all.Warnings)
			}
			for _, one := range all.List {
				if one.Default {
					c = one
				}
			}
		})
		return c
	}
	if got := choice(); got.Name != "default" || got.InUse != 0 || got.Terms.Places != 128 || !got.Terms.Masquerade {
		t.Errorf("before: %+v", got)
	}
	running := h.Start(networked(enginetest.Pod(enginetest.Shell(t, "ping -c3 -i0.1 -s1000 "+nettest.HostIP+" && echo done; sleep 1000")), "default"))
	running.WaitFor(t, "done\n")
	if got := choice(); got.InUse != 1 {
		t.Errorf("with a pod: %+v", got)
	}
	traffic, err := h.PodTraffic(running.UUID)
	if err != nil || len(traffic) != 1 || traffic[0].Interface != "eth0" || traffic[0].Sent < 3000 || traffic[0].Received < 3000 || traffic[0].Sent > 50_000 {
		t.Errorf("through its link went %+v (%v)", traffic, err)
	}
	running.Stop(true)
	running.Wait()
	if got := choice(); got.InUse != 0 {
		t.Errorf("after it: %+v", got)
	}
	if traffic, err := h.PodTraffic(running.UUID); err != nil || traffic != nil {
		t.Errorf("of what has ended: %+v (%v)", traffic, err)
	}
}

func TestFreePortsAreTheSameOrTheNext(t *testing.T) {
	t.Parallel()
	h := newWorldHost(t)
	h.World.Host.Do(func() {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		_, number, _ := net.SplitHostPort(l.Addr().String())
		taken, _ := strconv.Atoi(number)
		tcp := func(port, count int) spec.Published {
			return spec.Published{Protocol: spec.TCP, HostPort: port, Port: port, Count: count}
		}
		udp := tcp(taken, 1)
		udp.Protocol = spec.UDP
		got := h.FreePorts([]spec.Published{tcp(80, 1), tcp(taken, 1), udp, tcp(80, 1), tcp(79, 3), tcp(65535, 2), tcp(0, 1)})
		if want := []int{80, taken + 1, taken, 81, 82, 0, 0}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}
