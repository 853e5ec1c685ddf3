package nettest

import "testing"

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
	// Ends with one index in both namespaces would have their carrier told a second later.
	w.Host.Run("ip", "link", "add", Uplink, "index", "1000", "type", "veth", "peer", "name", Uplink, "netns", w.Outside.Path())
	for _, end := range []struct {
		n        *Namespace
		ip4, ip6 string
	}{{w.Host, HostIP, HostIP6}, {w.Outside, OutsideIP, OutsideIP6}} {
		end.n.Run("ip", "address", "add", end.ip4+"/24", "dev", Uplink)
		end.n.Run("ip", "address", "add", end.ip6+"/64", "dev", Uplink, "nodad")
		end.n.Run("ip", "link", "set", Uplink, "up")
	}
	w.Host.Run("ip", "route", "add", "default", "via", OutsideIP)
	w.Host.Run("ip", "route", "add", "default", "via", OutsideIP6)
	w.Outside.Run("ip", "address", "add", FarIP+"/32", "dev", "lo")
	w.Outside.Run("ip", "address", "add", FarIP6+"/128", "dev", "lo", "nodad")
	return w
}
