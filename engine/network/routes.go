package network

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/poddir"
)

// RouteError says that a network's addresses are already somewhere else: with pods on
// them, the host would no longer reach who has them.
type RouteError struct {
	Network poddir.Network
	Range   netip.Prefix
	Route   netip.Prefix
	Link    string // that the route leads to
}

func (e *RouteError) Error() string {
	where := "net.d/" + standardFile
	switch {
	case e.Network.File != "":
		where = e.Network.File
	case e.Network.Name != defaultName:
		where = fmt.Sprintf("a file of net.d that defines %q", e.Network.Name)
	}
	return fmt.Sprintf("network %q: its range %s overlaps the host's route %s on %s; give it another range in %s", e.Network.Name, e.Range, e.Route, e.Link, where)
}

// CheckRanges finds out before anything is made whether the ranges of podtui's own
// networks are free on this host: a *RouteError tells which is not.
func CheckRanges(networks []poddir.Network) error {
	h, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("netlink: %w", err)
	}
	defer h.Close()
	for _, network := range networks {
		o, is, err := ownOf(network)
		if err == nil && is {
			err = o.checkRoutes(h, network)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (o own) checkRoutes(h *netlink.Handle, network poddir.Network) error {
	for _, of := range o.ranges() {
		family := netlink.FAMILY_V4
		if of.Addr().Is6() {
			family = netlink.FAMILY_V6
		}
		// Every table: what a VPN keeps in one of its own is the host's way as well.
		routes, err := dump(func() ([]netlink.Route, error) {
			return h.RouteListFiltered(family, &netlink.Route{Table: unix.RT_TABLE_UNSPEC}, netlink.RT_FILTER_TABLE)
		})
		if err != nil {
			return fmt.Errorf("the host's routes: %w", err)
		}
		routes = slices.DeleteFunc(routes, func(r netlink.Route) bool {
			to, leads := destination(r)
			return !leads || !to.Overlaps(of)
		})
		if len(routes) == 0 {
			continue
		}
		links, err := dump(h.LinkList)
		if err != nil {
			return fmt.Errorf("the host's links: %w", err)
		}
		for _, route := range routes {
			link := linkOf(links, route)
			if link == nil || isOurs(link.Attrs()) {
				continue // of a pod, or of a link that has gone meanwhile, as those of pods do
			}
			to, _ := destination(route)
			return &RouteError{Network: network, Range: of, Route: to, Link: link.Attrs().Name}
		}
	}
	return nil
}

// dump lists what the kernel has, again where others change it meanwhile. On a host
// where they always do, it is content with what it saw: it may lack what is just coming.
func dump[T any](list func() ([]T, error)) (found []T, err error) {
	const tries = 10
	for range tries {
		if found, err = list(); !errors.Is(err, netlink.ErrDumpInterrupted) {
			return found, err
		}
	}
	return found, nil
}

// narrow is how many bits a route has that is about a network: less is the default
// route, or a part of it, as VPNs have it in halves.
const narrow = 7

// destination is where a route leads to, if it is somewhere: it is neither the default
// route, nor one that refuses what has no other.
func destination(route netlink.Route) (to netip.Prefix, leads bool) {
	if route.Dst == nil || !slices.Contains([]int{unix.RTN_UNICAST, unix.RTN_LOCAL, unix.RTN_NAT}, route.Type) {
		return to, false
	}
	address, ok := netip.AddrFromSlice(route.Dst.IP)
	bits, _ := route.Dst.Mask.Size()
	return netip.PrefixFrom(address.Unmap(), bits), ok && bits >= narrow
}

func linkOf(links []netlink.Link, route netlink.Route) netlink.Link {
	index := route.LinkIndex
	if index == 0 && len(route.MultiPath) > 0 {
		index = route.MultiPath[0].LinkIndex
	}
	i := slices.IndexFunc(links, func(l netlink.Link) bool { return l.Attrs().Index == index })
	if i < 0 {
		return nil
	}
	return links[i]
}
