package network

import (
	"context"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// The kernel looks into the maps for the first packet of a connection, and remembers
// what it found for the others. A client of UDP that goes on would reach nobody, or a
// pod that is gone, or the next that has its address, for as long as it does.

// flowFilter tells of a remembered connection whether it is to be forgotten.
type flowFilter func(*netlink.ConntrackFlow) bool

func (f flowFilter) MatchConntrackFlow(flow *netlink.ConntrackFlow) bool { return f(flow) }

// forgetFlows has the kernel forget connections. Where it doesn't let us, they end
// when nobody has sent anything for a while.
func forgetFlows(ctx context.Context, which flowFilter) {
	for _, family := range []netlink.InetFamily{unix.AF_INET, unix.AF_INET6} {
		if which == nil || ctx.Err() != nil {
			return
		}
		_, _ = netlink.ConntrackDeleteFilters(netlink.ConntrackTable, family, which)
	}
}

// toPorts are connections to the ports by UDP that lead elsewhere than to the pod. TCP
// begins anew by itself.
func toPorts(ports []spec.Published, to targets) flowFilter {
	ports = slices.DeleteFunc(slices.Clone(ports), func(p spec.Published) bool { return p.Protocol != spec.UDP })
	if len(ports) == 0 {
		return nil
	}
	return func(flow *netlink.ConntrackFlow) bool {
		if flow.Forward.Protocol != unix.IPPROTO_UDP {
			return false
		}
		answering, _ := netip.AddrFromSlice(flow.Reverse.SrcIP)
		if t, has := to.like(answering.Unmap()); has && t.Addr() == answering.Unmap() {
			return false
		}
		return slices.ContainsFunc(ports, func(p spec.Published) bool {
			offset := int(flow.Forward.DstPort) - p.HostPort
			return offset >= 0 && offset < p.Count
		})
	}
}

// toPods are connections to the pods that elements led to.
func toPods(gone []element) flowFilter {
	pods := map[netip.Addr]bool{}
	for _, e := range gone {
		if e.set.Interval {
			pod, _ := netip.AddrFromSlice(e.Key[len(e.Key)/2:])
			pods[pod] = true
		}
	}
	if len(pods) == 0 {
		return nil
	}
	return func(flow *netlink.ConntrackFlow) bool {
		answering, _ := netip.AddrFromSlice(flow.Reverse.SrcIP)
		return pods[answering.Unmap()]
	}
}
