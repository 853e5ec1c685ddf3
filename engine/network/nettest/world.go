package nettest

import (
	"errors"
	"net"
	"slices"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Addresses of a World.
const (
	HostIP     = "198.51.100.2" // of the host's uplink
	OutsideIP  = "198.51.100.1" // of the uplink's other end
	FarIP      = "203.0.113.7"  // beyond it: only the default route leads there
	HostIP6    = "2001:db8:1::2"
	OutsideIP6 = "2001:db8:1::1"
	FarIP6     = "2001:db8:2::7"
	Uplink     = "uplink0" // the host's link
)

// World is a host with an uplink to an outside that knows the host's addresses and
// no others: whom a pod can talk to there was told the host's.
type World struct{ Host, Outside *Namespace }

// NewWorld makes a host and its outside.
func NewWorld(tb testing.TB) World {
	tb.Helper()
	w := World{Host: New(tb, "host"), Outside: New(tb, "outside")}
	attrs := netlink.NewLinkAttrs()
	// Ends with one index in both namespaces would have their carrier told a second later.
	attrs.Name, attrs.Index = Uplink, 1000
	uplink := &netlink.Veth{LinkAttrs: attrs, PeerName: Uplink, PeerNamespace: netlink.NsFd(int(w.Outside.file.Fd()))}
	w.Host.must(func() error {
		return errors.Join(netlink.LinkAdd(uplink), up(Uplink, HostIP+"/24", HostIP6+"/64"))
	})
	w.Outside.must(func() error {
		return errors.Join(up(Uplink, OutsideIP+"/24", OutsideIP6+"/64"), up("lo", FarIP+"/32", FarIP6+"/128"))
	})
	w.Host.must(func() error { return errors.Join(defaultVia(OutsideIP), defaultVia(OutsideIP6)) })
	w.Host.awaitLocal(HostIP6)
	w.Outside.awaitLocal(OutsideIP6, FarIP6)
	return w
}

// awaitLocal waits until the uplink is up and these addresses of IPv6 are the
// namespace's: the kernel does both some time after it is asked to.
func (n *Namespace) awaitLocal(addresses ...string) {
	n.tb.Helper()
	n.Eventually("it has its uplink and addresses", func() (are bool) {
		n.Do(func() {
			link, err := netlink.LinkByName(Uplink)
			are = err == nil && link.Attrs().OperState == netlink.OperUp
			routes, err := netlink.RouteListFiltered(netlink.FAMILY_V6, &netlink.Route{Table: unix.RT_TABLE_LOCAL}, netlink.RT_FILTER_TABLE)
			for _, address := range addresses {
				are = are && err == nil && slices.ContainsFunc(routes, func(r netlink.Route) bool {
					return r.Dst != nil && r.Dst.IP.Equal(net.ParseIP(address))
				})
			}
		})
		return are
	})
}

func (n *Namespace) must(do func() error) {
	n.tb.Helper()
	var err error
	n.Do(func() { err = do() })
	if err != nil {
		n.tb.Fatalf("%s: %v", n.name, err)
	}
}

// up has a link of the current namespace up, with addresses.
func up(name string, addresses ...string) error {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return err
	}
	// No addresses of its own choice: they would come a second later, and change the state.
	errs := []error{netlink.LinkSetIP6AddrGenMode(link, 1), netlink.LinkSetUp(link)}
	for _, one := range addresses {
		address, err := netlink.ParseAddr(one)
		if err != nil {
			return err
		}
		if address.IP.To4() == nil {
			address.Flags = unix.IFA_F_NODAD
		}
		errs = append(errs, netlink.AddrAdd(link, address))
	}
	return errors.Join(errs...)
}

func defaultVia(gateway string) error {
	link, err := netlink.LinkByName(Uplink)
	if err != nil {
		return err
	}
	return netlink.RouteAdd(&netlink.Route{LinkIndex: link.Attrs().Index, Gw: net.ParseIP(gateway)})
}
