package nettest_test

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

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
	run := func(words ...string) func() { return func() { n.Run(words[0], words[1:]...) } }
	for i, change := range []func(){
		run("ip", "link", "add", "x0", "type", "veth", "peer", "name", "x1"),
		run("ip", "address", "add", "192.0.2.9/31", "dev", "x0"),
		run("nft", "add", "table", "inet", "foreign"),
		func() { n.Set("net/ipv4/ip_forward", "1") },
		func() { n.Set("net/ipv4/conf/x0/route_localnet", "1") },
		func() { n.Set("net/ipv6/conf/x0/accept_ra", "0") },
		func() { leadToPod(t, n) },
	} {
		change()
		if after := n.State(); after == before {
			t.Errorf("not told: change %d", i)
		} else {
			before = after
		}
	}
}

// leadToPod has the kernel remember a client of UDP whose packets it leads to a pod.
func leadToPod(t *testing.T, n *nettest.Namespace) {
	t.Helper()
	tuple := func(from, to string, fromPort, toPort uint16) netlink.IPTuple {
		return netlink.IPTuple{Protocol: unix.IPPROTO_UDP, SrcIP: net.ParseIP(from).To4(), DstIP: net.ParseIP(to).To4(), SrcPort: fromPort, DstPort: toPort}
	}
	n.Do(func() {
		err := netlink.ConntrackCreate(netlink.ConntrackTable, unix.AF_INET, &netlink.ConntrackFlow{
			FamilyType: unix.AF_INET, TimeOut: 100,
			Forward: tuple(nettest.OutsideIP, nettest.HostIP, 4000, 53), Reverse: tuple("172.16.28.1", nettest.OutsideIP, 53, 4000),
		})
		if err != nil {
			t.Error(err)
		}
	})
}
