package network

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// A pod whose supervisor was killed leaves its elements, and they lead on: to whoever
// gets the pod's address, and away from whoever gets the port. Rules that somebody has
// saved and loaded again bring them back as well. So each start, and gc, drop those
// that lead nowhere. The kernel alone tells which: no data folder has to be there.

// SweepPorts takes away what leads ports of the host to pods that are gone.
func SweepPorts(ctx context.Context) error {
	forget, err := sweepPorts(ctx, "", nil)
	if forget != nil {
		forget()
	}
	return err
}

// sweepPorts does so, and for what leads to the addresses of a pod without being its
// own. What it returns has UDP's connections forgotten; nil: there is nothing to forget.
func sweepPorts(ctx context.Context, uuid string, addresses []netip.Addr) (forget func(), err error) {
	maps, err := openPortMaps(ctx)
	if err != nil {
		return nil, err
	}
	defer maps.close()
	if _, err := maps.generation(); lacksTables(err) {
		return nil, nil // nor does anything lead anywhere
	}
	var gone []element
	err = retry(ctx, func() error {
		found, err := maps.elements()
		if err != nil {
			return err
		}
		if gone = stale(found, uuid, addresses); len(gone) == 0 {
			return nil
		}
		return maps.change(gone, nil)
	})
	if pods := podsByUDP(gone); err == nil && len(pods) > 0 {
		forget = forgetting(pods, toPods(pods))
	}
	return forget, err
}

// stale are elements for pods that are gone, as seen by one whose addresses those are.
// An element comes after its pod's address, and so the addresses are looked at last.
func stale(found []element, uuid string, addresses []netip.Addr) (gone []element) {
	foreign := slices.DeleteFunc(slices.Clone(found), func(e element) bool { return e.Comment == uuid })
	if len(foreign) == 0 {
		return nil
	}
	lost := make(map[netip.Addr]bool)
	there, err := hostEnds()
	for _, e := range foreign {
		pod, is := e.pod()
		if !is {
			continue
		}
		if _, known := lost[pod]; !known {
			lost[pod] = slices.Contains(addresses, pod) || err == nil && !there[hostOf(pod)] && leadsAway(pod)
		}
		if lost[pod] {
			gone = append(gone, e)
		}
	}
	return gone
}

// pod is the address of the pod that an element is about.
func (e element) pod() (netip.Addr, bool) {
	bytes := e.Val
	if e.set.IsMap {
		bytes = bytes[:max(len(bytes)-4, 0)]
	} else { // a pair of client and pod
		bytes = e.Key[len(e.Key)/2:]
	}
	return netip.AddrFromSlice(bytes)
}

// hostOf is the host's address on a pod's link, if it is one of podtui's own.
func hostOf(pod netip.Addr) netip.Addr { return netip.PrefixFrom(pod, pod.BitLen()-1).Masked().Addr() }

// hostEnds are the addresses that the host has, by which it has those of its pods: one
// question however many they are.
func hostEnds() (map[netip.Addr]bool, error) {
	list, err := dump(func() ([]netlink.Addr, error) { return netlink.AddrList(nil, unix.AF_UNSPEC) })
	if err != nil {
		return nil, fmt.Errorf("the host's addresses: %w", err)
	}
	there := make(map[netip.Addr]bool, len(list))
	for _, a := range list {
		if address, ok := netip.AddrFromSlice(a.IP); ok {
			there[address.Unmap()] = true
		}
	}
	return there, nil
}

// leadsAway tells whether an address is on no link of the host's: there is no route to
// it, or only one by a gateway or to everywhere. Pods in networks of CNI are on a link.
func leadsAway(pod netip.Addr) bool { return linkTo(pod) == 0 }

// linkTo finds the link of the host's that an address is on; 0: none.
func linkTo(pod netip.Addr) (index int) {
	routes, err := netlink.RouteGetWithOptions(pod.AsSlice(), &netlink.RouteGetOptions{FIBMatch: true})
	if err != nil || len(routes) == 0 || routes[0].Gw != nil || routes[0].Dst == nil {
		return 0
	}
	if ones, _ := routes[0].Dst.Mask.Size(); ones == 0 {
		return 0
	}
	return routes[0].LinkIndex
}
