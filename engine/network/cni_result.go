package network

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"

	"github.com/containernetworking/cni/pkg/types"
	types100 "github.com/containernetworking/cni/pkg/types/100"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// checkResult finds what libcni would stumble over in a plugin's result, and says it.
func checkResult(data []byte) string {
	var result struct {
		Interfaces, IPs, Routes []*json.RawMessage
	}
	if err := json.Unmarshal(data, &result); err != nil || bytes.TrimSpace(data)[0] != '{' {
		return fmt.Sprintf("printed no result but %q", oneLine(string(data[:min(len(data), lastWords)])))
	}
	for _, list := range [][]*json.RawMessage{result.Interfaces, result.IPs, result.Routes} {
		for _, one := range list {
			if one == nil {
				return "printed a result with a null in it"
			}
		}
	}
	return ""
}

// told is the pod's interface: what the plugins say of its addresses, and the kernel
// of the rest, which the results of older plugins don't tell.
func (a *attachment) told(result types.Result, namespace string) (i poddir.Interface, dns spec.DNS, err error) {
	r, err := types100.GetResult(result)
	if err != nil {
		return i, dns, err
	}
	i = poddir.Interface{Network: a.network.Name, Name: a.pod.IfName, File: a.network.File, Args: a.network.Args}
	if i.Plugin, err = a.plugins.FindInPath(a.list.Plugins[0].Network.Type, a.network.Plugins); err != nil {
		return i, dns, err
	}
	if err := addAddresses(&i, r); err != nil {
		return i, dns, err
	}
	if dns, err = dnsOf(r.DNS); err != nil {
		return i, dns, err
	}
	e, err := openEnds(namespace)
	if err != nil {
		return i, dns, err
	}
	defer e.close()
	return i, dns, e.look(&i)
}

// addAddresses takes those of a result that are the interface's; where there is only
// one, older plugins don't say whose they are.
func addAddresses(i *poddir.Interface, r *types100.Result) error {
	for _, ip := range r.IPs {
		if n := ip.Interface; n != nil && *n >= 0 && *n < len(r.Interfaces) {
			if on := r.Interfaces[*n]; on.Sandbox == "" || on.Name != i.Name {
				continue
			}
		}
		address, ok := prefixOf(ip.Address)
		if !ok {
			return fmt.Errorf("its plugins gave the pod an address that is none: %q", ip.Address.String())
		}
		gateway := ""
		if at, ok := netip.AddrFromSlice(ip.Gateway); ok {
			gateway = at.Unmap().String()
		}
		i.Addresses, i.Gateways = append(i.Addresses, address.String()), append(i.Gateways, gateway)
	}
	return nil
}

func prefixOf(n net.IPNet) (netip.Prefix, bool) {
	address, ok := netip.AddrFromSlice(n.IP)
	bits, size := n.Mask.Size()
	p := netip.PrefixFrom(address.Unmap(), bits)
	return p, ok && p.IsValid() && size == p.Addr().BitLen()
}

// dnsOf is what apps will be told: it has to be of use to them.
func dnsOf(d types.DNS) (spec.DNS, error) {
	for _, server := range d.Nameservers {
		if _, err := netip.ParseAddr(server); err != nil {
			return spec.DNS{}, fmt.Errorf("its plugins name a name server that is no address: %q", server)
		}
	}
	dns := cniDNS{Nameservers: d.Nameservers, Domain: d.Domain, Search: d.Search, Options: d.Options}.spec()
	for _, list := range [][]string{dns.Search, dns.Options} {
		for _, word := range list {
			if word == "" || oneLine(word) != word {
				return spec.DNS{}, fmt.Errorf("its plugins say of DNS what is no word: %q", word)
			}
		}
	}
	return dns, nil
}

// look finds a pod's interface that others have made.
func (e *ends) look(i *poddir.Interface) error {
	link, err := e.pod.LinkByName(i.Name)
	if notThere(err) {
		return fmt.Errorf("its plugins made no interface %s in the pod", i.Name)
	}
	if err != nil {
		return fmt.Errorf("link %s in the pod: %w", i.Name, err)
	}
	i.MAC = link.Attrs().HardwareAddr.String()
	if link.Type() == "veth" {
		if other, err := e.host.LinkByIndex(link.Attrs().ParentIndex); err == nil && other.Type() == "veth" {
			i.Host = other.Attrs().Name
		}
	}
	i.Routes, err = e.routesOf(link)
	return err
}

// routesOf are those of a pod's interface that others have made, without those of
// which the pod has one already, which go: plugins put theirs before them, or beside.
func (e *ends) routesOf(link netlink.Link) (own []string, err error) {
	all, err := e.pod.RouteList(nil, netlink.FAMILY_ALL)
	if err != nil {
		return nil, fmt.Errorf("the pod's routes: %w", err)
	}
	elsewhere := make(map[destinationKey]bool)
	var here []netlink.Route
	for _, route := range hops(all) {
		switch {
		case route.LinkIndex != link.Attrs().Index:
			elsewhere[keyOf(route)] = true
		case route.Protocol != unix.RTPROT_KERNEL:
			here = append(here, route)
		}
	}
	for _, route := range here {
		words := inWords(route, link.Attrs().Name)
		if !elsewhere[keyOf(route)] {
			own = append(own, words)
		} else if err := e.pod.RouteDel(&route); err != nil {
			return nil, fmt.Errorf("the pod's second route %s: %w", words, err)
		}
	}
	return own, nil
}

// hops are routes with each of their ways as a route of its own.
func hops(routes []netlink.Route) (all []netlink.Route) {
	for _, route := range routes {
		if len(route.MultiPath) == 0 {
			all = append(all, route)
		}
		for _, hop := range route.MultiPath {
			one := route
			one.MultiPath, one.LinkIndex, one.Gw = nil, hop.LinkIndex, hop.Gw
			all = append(all, one)
		}
	}
	return all
}

// destinationKey is what two routes have in common of which only one is of use.
type destinationKey struct {
	to               string
	family, priority int
}

func keyOf(route netlink.Route) destinationKey {
	return destinationKey{destinationOf(route), route.Family, route.Priority}
}

func destinationOf(route netlink.Route) string {
	if route.Dst != nil {
		if p, ok := prefixOf(*route.Dst); ok && p.Bits() > 0 {
			return p.String()
		}
	}
	return "default"
}

// inWords are a route's: "default via 10.1.0.1", "10.2.0.0/16 dev eth0".
func inWords(route netlink.Route, link string) string {
	if route.Gw == nil {
		return destinationOf(route) + " dev " + link
	}
	return destinationOf(route) + " via " + route.Gw.String()
}
