package network

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// target is an address of a pod that ports lead to.
type target struct {
	netip.Prefix

	routed bool // the pod can answer anybody; else only who is on its link
}

// targets are those of a pod, one of each family.
type targets []target

func targetsOf(interfaces []poddir.Interface) (targets, error) {
	var all targets
	for _, i := range interfaces {
		for _, address := range i.Addresses {
			prefix, err := netip.ParsePrefix(address)
			if err != nil {
				return nil, fmt.Errorf("network %s: the pod's address %q is none", i.Network, address)
			}
			all = append(all, target{prefix, hasDefault(i.Routes, prefix.Addr())})
		}
	}
	slices.SortStableFunc(all, func(a, b target) int {
		switch {
		case a.routed == b.routed:
			return 0
		case a.routed:
			return -1
		}
		return 1
	})
	var firsts targets
	for _, t := range all {
		if _, has := firsts.like(t.Addr()); !has && !t.Addr().IsLinkLocalUnicast() {
			firsts = append(firsts, t)
		}
	}
	if len(firsts) == 0 {
		return nil, fmt.Errorf("the pod has no address that ports could lead to: its networks give it none")
	}
	return firsts, nil
}

// hasDefault tells whether one of an interface's routes is the default route of an
// address's family. A gateway tells it.
func hasDefault(routes []string, address netip.Addr) bool {
	return slices.ContainsFunc(routes, func(route string) bool {
		rest, is := strings.CutPrefix(route, "default")
		if !is {
			return false
		}
		gateway, err := netip.ParseAddr(strings.TrimPrefix(strings.TrimSpace(rest), "via "))
		return err != nil || gateway.Is4() == address.Is4()
	})
}

// like finds the target of an address's family.
func (t targets) like(address netip.Addr) (target, bool) {
	i := slices.IndexFunc(t, func(one target) bool { return one.Addr().Is4() == address.Is4() })
	if i < 0 {
		return target{}, false
	}
	return t[i], true
}

func (t targets) addresses() []netip.Addr {
	all := make([]netip.Addr, len(t))
	for i, one := range t {
		all[i] = one.Addr()
	}
	return all
}

// wildcards are the addresses of the host that a port without one is published on.
func (t targets) wildcards() []netip.Addr {
	var all []netip.Addr
	for _, one := range t {
		all = append(all, wildcard(one.Addr()))
	}
	return all
}

func wildcard(like netip.Addr) netip.Addr {
	if like.Is4() {
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}

// wanted are the elements of a pod.
func (m *portMaps) wanted(uuid string, ports []spec.Published, to targets) ([]element, error) {
	var all []element
	for _, port := range ports {
		addresses, err := hostAddresses(port, to.wildcards())
		if err != nil {
			return nil, err
		}
		for _, address := range addresses {
			t, has := to.like(address)
			if !has {
				return nil, fmt.Errorf("port %s: %s is of IPv%s, of which the pod has no address", port.Name, address, version(address))
			}
			all = append(all, m.leading(uuid, port, address, t)...)
		}
	}
	for _, t := range to {
		all = append(all, m.masking(uuid, t)...)
	}
	// Lists are sent by set.
	slices.SortStableFunc(all, func(a, b element) int { return strings.Compare(a.set.Name, b.set.Name) })
	return all, nil
}

func version(address netip.Addr) string {
	if address.Is4() {
		return "4"
	}
	return "6"
}

// leading leads each port of a range on an address of the host to the pod.
func (m *portMaps) leading(uuid string, port spec.Published, address netip.Addr, to target) []element {
	f := families()[0]
	if address.Is6() {
		f = families()[1]
	}
	set, key := m.all(f), []byte{}
	if !address.IsUnspecified() {
		set, key = m.one(f), address.AsSlice()
	}
	key = append(key, protocolNumber(port.Protocol), 0, 0, 0) // parts are as long as registers
	all := make([]element, port.Count)
	for i := range all {
		all[i] = element{set, nftables.SetElement{
			Key:     part(slices.Clone(key), port.HostPort+i),
			Val:     part(to.Addr().AsSlice(), port.Port+i),
			Comment: uuid,
		}}
	}
	return all
}

func part(before []byte, port int) []byte { return append(before, byte(port>>8), byte(port), 0, 0) }

func protocolNumber(protocol string) byte {
	if protocol == spec.UDP {
		return unix.IPPROTO_UDP
	}
	return unix.IPPROTO_TCP
}

// masking has clients look like the host where the pod's answer would not come back
// through the host, or not be taken: who is on the pod's own link, and so the pod
// itself; who is the host by 127.0.0.1; and everybody if the pod has no default route.
func (m *portMaps) masking(uuid string, to target) []element {
	f, clients := families()[0], []netip.Prefix{netip.PrefixFrom(netip.IPv4Unspecified(), 0)}
	if to.Addr().Is6() {
		f, clients = families()[1], []netip.Prefix{netip.PrefixFrom(netip.IPv6Unspecified(), 0)}
	}
	if to.routed {
		clients = []netip.Prefix{to.Masked()}
		if to.Addr().Is4() {
			clients = append(clients, netip.PrefixFrom(netip.AddrFrom4([4]byte{127}), 8))
		}
	}
	var all []element
	for _, c := range clients {
		all = append(all, element{m.masked(f), nftables.SetElement{
			Key:     append(c.Addr().AsSlice(), to.Addr().AsSlice()...),
			KeyEnd:  append(lastOf(c), to.Addr().AsSlice()...),
			Comment: uuid,
		}})
	}
	return all
}

// lastOf is the last address of a prefix.
func lastOf(p netip.Prefix) []byte {
	last := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < 8*len(last); bit++ {
		last[bit/8] |= 1 << (7 - bit%8)
	}
	return last
}
