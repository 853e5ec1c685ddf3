package network

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// Sockets are those of the host that keep others from ports, as they were at one
// moment. Who only looks takes no port from anybody, not even for that moment; but what
// the kernel doesn't show, only a start finds out. Before Linux 6.8 that is a port that
// somebody holds by TCP without listening, as pods do.
type Sockets map[string][]seenSocket // by protocol

type seenSocket struct {
	on    netip.AddrPort
	only6 bool // of IPv6, it leaves the port to IPv4
}

// LookAtSockets sees those of the host now.
func LookAtSockets() Sockets {
	const listen, held, all = 1 << 10, 1 << 13, 1<<32 - 1 // TCP_LISTEN, TCP_BOUND_INACTIVE
	seen := Sockets{}
	for _, family := range []byte{unix.AF_INET, unix.AF_INET6} {
		seen[spec.TCP] = append(seen[spec.TCP], seenSockets(family, unix.IPPROTO_TCP, listen|held)...)
		seen[spec.UDP] = append(seen[spec.UDP], seenSockets(family, unix.IPPROTO_UDP, all)...)
	}
	return seen
}

// Check is the function Check without binding anything. That two ports of one pod
// meet, package spec finds.
func (s Sockets) Check(ports []spec.Published, taken func(spec.Published) (pod string)) []spec.Problem {
	return check(ports, taken, func(port spec.Published, who holder) error {
		wrong, err := s.lacks(port, taken)
		if wrong == nil {
			return err
		}
		if errors.Is(wrong.err, unix.EADDRINUSE) {
			wrong.Holder = who(wrong.Port, wrong.Address)
		}
		return wrong
	})
}

// Free reports whether the host could give a port to a pod.
func (s Sockets) Free(port spec.Published, taken func(spec.Published) (pod string)) bool {
	wrong, err := s.lacks(port, taken)
	return wrong == nil && err == nil
}

// lacks finds the first port of a range that the host can't give.
func (s Sockets) lacks(port spec.Published, taken func(spec.Published) (pod string)) (*PortError, error) {
	addresses, err := hostAddresses(port, []netip.Addr{netip.IPv4Unspecified()})
	if err != nil {
		return nil, err
	}
	address := addresses[0]
	if !isHosts(address) {
		return &PortError{Port: port, Address: address, err: unix.EADDRNOTAVAIL}, nil
	}
	for one := range each(port) {
		if s.has(one.Protocol, address, one.HostPort) || taken(one) != "" {
			return &PortError{Port: one, Address: address, err: unix.EADDRINUSE}, nil
		}
	}
	return nil, nil
}

func (s Sockets) has(protocol string, address netip.Addr, port int) bool {
	return slices.ContainsFunc(s[protocol], func(socket seenSocket) bool {
		on := socket.on.Addr()
		both := on == netip.IPv6Unspecified() && !socket.only6
		return int(socket.on.Port()) == port && (both || on.Is4() == address.Is4() && overlap(on, address))
	})
}

// isHosts tells whether an address is one of the host's own, or any.
func isHosts(address netip.Addr) bool {
	if address.IsUnspecified() {
		return true
	}
	routes, err := netlink.RouteGet(address.AsSlice())
	return err == nil && len(routes) > 0 && routes[0].Type == unix.RTN_LOCAL
}

// seenSockets asks the kernel for those of a family, a protocol, and some states. One
// that doesn't tell has none to show.
func seenSockets(family, protocol byte, states uint32) (all []seenSocket) {
	request := nl.NewNetlinkRequest(nl.SOCK_DIAG_BY_FAMILY, unix.NLM_F_DUMP)
	ask := make(socketsRequest, 56) // struct inet_diag_req_v2
	ask[0], ask[1] = family, protocol
	binary.NativeEndian.PutUint32(ask[4:], states)
	request.AddData(ask)
	answers, _ := request.Execute(unix.NETLINK_INET_DIAG, nl.SOCK_DIAG_BY_FAMILY)
	for _, answer := range answers {
		if socket, ok := parseSeen(answer); ok {
			all = append(all, socket)
		}
	}
	return all
}

// socketsRequest is sent as it is.
type socketsRequest []byte

func (r socketsRequest) Len() int          { return len(r) }
func (r socketsRequest) Serialize() []byte { return r }

// parseSeen reads a struct inet_diag_msg and the attribute that it needs of it.
func parseSeen(message []byte) (s seenSocket, ok bool) {
	const port, source, end, only6 = 4, 8, 72, 11 // INET_DIAG_SKV6ONLY
	if len(message) < end || len(message)%unix.NLA_ALIGNTO != 0 {
		return s, false
	}
	address := netip.AddrFrom16([16]byte(message[source:]))
	if message[0] == unix.AF_INET {
		address = netip.AddrFrom4([4]byte(message[source:]))
	}
	s.on = netip.AddrPortFrom(address.Unmap(), binary.BigEndian.Uint16(message[port:]))
	attributes, _ := nl.ParseRouteAttr(message[end:])
	for _, a := range attributes {
		if a.Attr.Type == only6 && len(a.Value) > 0 {
			s.only6 = a.Value[0] != 0
		}
	}
	return s, true
}
