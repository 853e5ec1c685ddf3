package network

import (
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// The kernel looks into the maps for the first packet of a connection, and remembers
// what it found for the others. A client of UDP that goes on would reach nobody, or a
// pod that is gone, or the next that has its address, for as long as it does. TCP
// begins anew by itself.

// flowFilter tells of a remembered connection whether it is to be forgotten.
type flowFilter func(*netlink.ConntrackFlow) bool

func (f flowFilter) MatchConntrackFlow(flow *netlink.ConntrackFlow) bool { return f(flow) }

// forgetting is ready to have the kernel forget connections of this thread's network
// namespace, on any thread. It takes long: the kernel looks at all connections there
// are, and at all places for some, which is 10 ms even if there is none. Where it
// doesn't let us they end by themselves, when nobody has sent anything for a while.
func forgetting(addresses []netip.Addr, which flowFilter) func() {
	handle, err := netlink.NewHandle(unix.NETLINK_NETFILTER)
	if err != nil {
		return func() {}
	}
	var families []netlink.InetFamily // each is looked through once
	for _, address := range addresses {
		family := netlink.InetFamily(unix.AF_INET)
		if address.Is6() {
			family = unix.AF_INET6
		}
		if !slices.Contains(families, family) {
			families = append(families, family)
		}
	}
	return func() {
		defer handle.Close()
		for _, family := range families {
			_, _ = handle.ConntrackDeleteFilters(netlink.ConntrackTable, family, which)
		}
	}
}

// toPorts are connections to the ports by UDP that lead elsewhere than to the pod;
// nil if it has none.
func toPorts(ports []spec.Published, to targets) flowFilter {
	ports = slices.DeleteFunc(slices.Clone(ports), func(p spec.Published) bool { return p.Protocol != spec.UDP })
	if len(ports) == 0 {
		return nil
	}
	return func(flow *netlink.ConntrackFlow) bool {
		if flow.Forward.Protocol != unix.IPPROTO_UDP || isTo(flow, to.addresses()) {
			return false
		}
		return slices.ContainsFunc(ports, func(p spec.Published) bool {
			offset := int(flow.Forward.DstPort) - p.HostPort
			return offset >= 0 && offset < p.Count
		})
	}
}

// toPods are connections by UDP to the pods' addresses.
func toPods(pods []netip.Addr) flowFilter {
	return func(flow *netlink.ConntrackFlow) bool {
		return flow.Forward.Protocol == unix.IPPROTO_UDP && isTo(flow, pods)
	}
}

// isTo tells whether the one who answers has one of the addresses.
func isTo(flow *netlink.ConntrackFlow, addresses []netip.Addr) bool {
	answering, _ := netip.AddrFromSlice(flow.Reverse.SrcIP)
	return slices.Contains(addresses, answering.Unmap())
}

// podsByUDP are the addresses that elements lead to by UDP.
func podsByUDP(elements []element) (pods []netip.Addr) {
	for _, e := range elements {
		if protocol, _, is := e.port(); !is || protocol != unix.IPPROTO_UDP || len(e.Val) < 8 {
			continue
		}
		if pod, ok := netip.AddrFromSlice(e.Val[:len(e.Val)-4]); ok && !slices.Contains(pods, pod) {
			pods = append(pods, pod)
		}
	}
	return pods
}
