package network

import (
	"encoding/json"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"

	"github.com/podtui/podtui/engine/poddir"
)

// Terms are what a pod gets of a network, for people who choose one.
type Terms struct {
	Ranges       []netip.Prefix // out of which it gets addresses; none: the plugins decide
	Places       int            // how many pods the ranges have room for
	Lease        string         // what the ranges' leases are called in a data folder
	Masquerade   bool           // whoever is beyond the ranges sees the host
	DefaultRoute bool           // it reaches more than the host
	Plugins      []string       // the types of CNI's plugins, in their order; none: it is podtui's own
}

// TermsOf reads them out of a network's configuration. A network of plugins has the
// types of those alone: what they do, only they know.
func TermsOf(n poddir.Network) (Terms, error) {
	o, is, err := ownOf(n)
	if err != nil {
		return Terms{}, err
	}
	if is {
		return Terms{Ranges: o.ranges(), Places: o.slots(), Lease: o.leases(), Masquerade: o.Masquerade, DefaultRoute: o.DefaultRoute}, nil
	}
	var list struct {
		Plugins []struct {
			Type string `json:"type"`
		} `json:"plugins"`
	}
	if err := json.Unmarshal(n.Config, &list); err != nil {
		return Terms{}, fmt.Errorf("network %q: %w", n.Name, err)
	}
	var t Terms
	for _, plugin := range list.Plugins {
		t.Plugins = append(t.Plugins, plugin.Type)
	}
	return t, nil
}

// Standard is what the network is called that "default" means here.
func (k Known) Standard() string {
	if k.standard != "" {
		return k.standard
	}
	return defaultName
}

// Uplink is the link by which the host reaches what is beyond it, "" if it has none.
func Uplink() string {
	routes, err := netlink.RouteGet(beyond)
	if err != nil || len(routes) == 0 {
		return ""
	}
	link, err := netlink.LinkByIndex(routes[0].LinkIndex)
	if err != nil || link.Attrs().Flags&net.FlagLoopback != 0 {
		return ""
	}
	return link.Attrs().Name
}

// beyond is an address that no network has any more: RFC 7526.
var beyond = net.IPv4(192, 88, 99, 1)
