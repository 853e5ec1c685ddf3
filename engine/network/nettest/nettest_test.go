package nettest_test

import (
	"net/netip"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/podtui/podtui/engine/network/nettest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWorldHasAHostAndAnOutsideThatKnowsOnlyTheHost(t *testing.T) {
	t.Parallel()
	w := nettest.NewWorld(t)
	for _, network := range []string{"tcp", "udp"} {
		for far, host := range map[string]string{nettest.FarIP: nettest.HostIP, "[" + nettest.FarIP6 + "]": nettest.HostIP6} {
			echo := w.Outside.Echo(network, far+":0")
			as, err := w.Host.Ask(network, echo.String())
			if err != nil || as.Addr() != netip.MustParseAddr(host) {
				t.Errorf("%s by %s: taken for %v (%v)", far, network, as, err)
			}
		}
	}
	if pod := nettest.New(t, "pod"); pod.Setting("net/ipv4/ip_forward") != "0" || strings.Contains(pod.Run("ip", "-4", "route"), "default") {
		t.Error("a new namespace is not empty")
	}
}

func TestStateTellsWhatChanges(t *testing.T) {
	t.Parallel()
	n := nettest.New(t, "host")
	before := n.State()
	if n.State() != before {
		t.Error("it changes by itself")
	}
	for _, change := range [][]string{
		{"ip", "link", "add", "x0", "type", "veth", "peer", "name", "x1"},
		{"ip", "address", "add", "192.0.2.9/31", "dev", "x0"},
		{"nft", "add", "table", "inet", "foreign"},
	} {
		n.Run(change[0], change[1:]...)
		if after := n.State(); after == before {
			t.Errorf("not told: %q", change)
		} else {
			before = after
		}
	}
}
