package network

import (
	"net/netip"
	"testing"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/spec"
)

// A pod that dies while its ports are published has no link any more, and what leads
// everywhere is not taken for it.
func TestOnlyTheLinkOfThePodRoutesLoopback(t *testing.T) {
	t.Parallel()
	w := nettest.NewWorld(t)
	p := newGuest(t, w.Host, t.TempDir()).mustSetUp("default")
	ports := []spec.Published{port(spec.TCP, "", 8080, 80)}
	on := func(link string) string { return w.Host.Setting("net/ipv4/conf/" + link + "/route_localnet") }
	w.Host.Do(func() {
		if err := openLocalhost(ports, targets{{netip.MustParsePrefix(p.Interfaces[0].Addresses[0]), true}}); err != nil {
			t.Error(err)
		}
		if err := openLocalhost(ports, targets{{netip.MustParsePrefix("172.16.28.77/31"), true}}); err == nil {
			t.Error("it leads to a pod that is gone")
		}
	})
	if pod, uplink := on(p.Interfaces[0].Host), on(nettest.Uplink); pod != "1" || uplink != "0" {
		t.Errorf("route_localnet of the pod's link %s, of the uplink %s", pod, uplink)
	}
}
