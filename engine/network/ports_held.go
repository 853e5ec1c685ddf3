package network

import (
	"errors"
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// held are descriptors of sockets that are bound to ports of the host. They keep
// others from the ports, and are how two pods that start at once find out who has one.
// Nothing listens on them: what isn't led to a pod, for the moment or by ::1, is
// refused as on any port that is free.
type held []int

func (h held) release() {
	for _, socket := range h {
		_ = unix.Close(socket)
	}
}

// hostAddresses are where on the host a port is published.
func hostAddresses(port spec.Published, wildcards []netip.Addr) ([]netip.Addr, error) {
	if port.HostIP == "" {
		return wildcards, nil
	}
	address, err := netip.ParseAddr(port.HostIP)
	if err != nil || address.Zone() != "" || address.IsMulticast() || address == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return nil, fmt.Errorf("port %s: %q is no address of one host", port.Name, port.HostIP)
	}
	return []netip.Addr{address.Unmap()}, nil
}

// holdAll holds all the ports, or none; who tells who has one that is taken.
func holdAll(ports []spec.Published, wildcards []netip.Addr, who func(spec.Published, netip.Addr) string) (_ held, err error) {
	var sockets held
	defer func() {
		if err != nil {
			sockets.release()
		}
	}()
	for _, port := range ports {
		addresses, err := hostAddresses(port, wildcards)
		if err != nil {
			return nil, err
		}
		for one := range each(port) {
			for _, address := range addresses {
				socket, err := hold(one.Protocol, address, one.HostPort)
				if err != nil {
					wrong := &PortError{Port: one, Address: address, err: err}
					if errors.Is(err, unix.EADDRINUSE) {
						wrong.Holder = who(one, address)
					}
					return nil, wrong
				}
				sockets = append(sockets, socket)
			}
		}
	}
	return sockets, nil
}

// each are the single ports of a range.
func each(port spec.Published) func(yield func(spec.Published) bool) {
	return func(yield func(spec.Published) bool) {
		for i := range port.Count {
			one := port
			one.HostPort, one.Port, one.Count = port.HostPort+i, port.Port+i, 1
			if !yield(one) {
				return
			}
		}
	}
}

// hold binds a socket to a port of the host.
func hold(protocol string, address netip.Addr, port int) (socket int, err error) {
	domain, kind, sockaddr := unix.AF_INET, unix.SOCK_STREAM, unix.Sockaddr(&unix.SockaddrInet4{Port: port})
	if address.Is4() {
		sockaddr.(*unix.SockaddrInet4).Addr = address.As4()
	} else {
		domain, sockaddr = unix.AF_INET6, &unix.SockaddrInet6{Port: port, Addr: address.As16()}
	}
	if protocol == spec.UDP {
		kind = unix.SOCK_DGRAM
	}
	socket, err = unix.Socket(domain, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	if err := bindAlone(socket, kind, domain, sockaddr); err != nil {
		_ = unix.Close(socket)
		return -1, err
	}
	return socket, nil
}

// bindAlone binds a socket to a port that no other socket has, nor will.
func bindAlone(socket, kind, domain int, sockaddr unix.Sockaddr) error {
	if domain == unix.AF_INET6 { // IPv4 has a socket of its own
		if err := unix.SetsockoptInt(socket, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1); err != nil {
			return os.NewSyscallError("setsockopt", err)
		}
	}
	if kind == unix.SOCK_DGRAM {
		// Nobody reads what comes before it is led away: keep little of it.
		_ = unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_RCVBUF, 0)
		return os.NewSyscallError("bind", unix.Bind(socket, sockaddr))
	}
	// A port whose last connections are still in TIME_WAIT is free, but only for who
	// says that it may be used again. That would let others have it as well, who say so
	// too, as long as nobody listens: so listen, which only one can, take the word back,
	// and only then stop listening. The port stays bound.
	if err := unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	if err := unix.Bind(socket, sockaddr); err != nil {
		return os.NewSyscallError("bind", err)
	}
	if err := unix.Listen(socket, 0); err != nil {
		return os.NewSyscallError("listen", err)
	}
	if err := unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_REUSEADDR, 0); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	return os.NewSyscallError("shutdown", unix.Shutdown(socket, unix.SHUT_RD))
}
