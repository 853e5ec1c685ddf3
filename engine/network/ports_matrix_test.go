package network

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/spec"
)

// TestPorts is the matrix: by which protocol, published on which address of the host,
// asked by whom at which address.
func TestPorts(t *testing.T) {
	t.Parallel()
	const closed = "" // instead of whom the pod takes the client for
	neighbour, hostEnd, hostEnd6 := "172.16.28.3", "172.16.28.0", "fd12:3456::"
	type ask struct{ who, where, as string }
	everywhere := []ask{
		{"outside", nettest.HostIP, nettest.OutsideIP},
		{"outside", otherHostIP, nettest.OutsideIP},
		{"host", nettest.HostIP, nettest.HostIP},
		{"host", otherHostIP, nettest.HostIP},
		{"host", hostEnd, hostEnd},
		{"host", "127.0.0.1", hostEnd},
		{"host", "127.8.9.10", hostEnd},
		{"pod", nettest.HostIP, hostEnd},
		{"pod", hostEnd, hostEnd},
		{"neighbour", nettest.HostIP, neighbour},
		{"neighbour", "172.16.28.2", neighbour},
		{"outside", nettest.HostIP6, nettest.OutsideIP6},
		{"host", nettest.HostIP6, nettest.HostIP6},
		{"pod", nettest.HostIP6, hostEnd6},
		{"neighbour", nettest.HostIP6, "fd12:3456::3"},
	}
	only := func(where string) (all []ask) {
		for _, a := range everywhere {
			if a.where != where {
				a.as = closed
			}
			all = append(all, a)
		}
		return all
	}
	cases := []struct {
		name, hostIP string
		asks         []ask
	}{
		{"on no address given", "", append(everywhere, ask{"pod", "127.0.0.1", closed}, ask{"neighbour", "127.0.0.1", closed})},
		{"on one address", nettest.HostIP, only(nettest.HostIP)},
		{"on another address", otherHostIP, only(otherHostIP)},
		{"on localhost", "127.0.0.1", only("127.0.0.1")},
		{"on an address of IPv6", nettest.HostIP6, only(nettest.HostIP6)},
		{"on the pod's link", hostEnd, only(hostEnd)},
	}
	for _, protocol := range []string{spec.TCP, spec.UDP} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			w := newPortWorld(t)
			pod := w.newPod()
			who := map[string]*nettest.Namespace{"outside": w.Outside, "host": w.Host, "pod": pod.Namespace, "neighbour": w.newPod().Namespace}
			pod.Echo(protocol, ":80")
			nettest.Unforked(pod.mustPublish(port(protocol, "", 8080, 80)).Close)
			pod.unpublish() // and what is left then may be left ever after
			before := w.Host.Run("nft", "list", "ruleset")
			for _, c := range cases {
				held := pod.mustPublish(port(protocol, c.hostIP, 8080, 80))
				for _, a := range c.asks {
					switch as, err := who[a.who].Ask(protocol, hostPort(a.where, 8080)); {
					case a.as == closed && err == nil:
						t.Errorf("%s, %s at %s: is let in, as %s", c.name, a.who, a.where, as)
					case a.as != closed && (err != nil || as.Addr() != netip.MustParseAddr(a.as)):
						t.Errorf("%s, %s at %s: taken for %v (%v) instead of %s", c.name, a.who, a.where, as, err, a.as)
					}
				}
				pod.unpublish()
				nettest.Unforked(held.Close)
				if after := w.Host.Run("nft", "list", "ruleset"); after != before {
					t.Errorf("%s: it is left otherwise than it was found:\n%s\ninstead of\n%s", c.name, after, before)
				}
				isFree(t, w.Host, protocol, 8080)
			}
		})
	}
}

// isFree has a program of the host take a port on all addresses, and get what comes.
func isFree(t *testing.T, host *nettest.Namespace, protocol string, number int) {
	t.Helper()
	for _, where := range []string{"127.0.0.1", nettest.HostIP} {
		var err error
		alone(host, func() { err = reachItself(protocol, number, hostPort(where, number)) })
		if err != nil {
			t.Errorf("after the pod, a program of the host at %s: %v", where, err)
		}
	}
}

func reachItself(protocol string, number int, where string) error {
	dial := func() (net.Conn, error) { return net.Dial(protocol, where) }
	if protocol == spec.TCP {
		listener, err := net.Listen(protocol, fmt.Sprintf(":%d", number))
		if err != nil {
			return err
		}
		defer listener.Close()
		conn, err := dial() // done when the listener has it, accepted or not
		if err != nil {
			return err
		}
		return conn.Close()
	}
	listener, err := net.ListenPacket(protocol, fmt.Sprintf(":%d", number))
	if err != nil {
		return err
	}
	defer listener.Close()
	conn, err := dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("hello")); err != nil {
		return err
	}
	_ = listener.SetDeadline(time.Now().Add(20 * time.Second))
	_, _, err = listener.ReadFrom(make([]byte, 8))
	return err
}
