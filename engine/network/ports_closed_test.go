package network

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/spec"
)

// TestLoopbackStaysTheHosts: neither a neighbour in the network nor a pod reaches what
// the host has on its loopback, though frames with such addresses come and their links
// are told to route them.
func TestLoopbackStaysTheHosts(t *testing.T) {
	t.Parallel()
	w := newPortWorld(t)
	pod := w.newPod()
	pod.Echo("tcp", ":80")
	pod.mustPublish(port(spec.TCP, "127.0.0.1", 8080, 80))
	w.Host.Echo("tcp", "127.0.0.1:9090")
	w.Host.Set("net/ipv4/conf/"+nettest.Uplink+"/route_localnet", "1") // as other programs have it
	for _, by := range []struct {
		who  *nettest.Namespace
		link string
	}{{w.Outside, nettest.Uplink}, {pod.Namespace, "eth0"}} {
		by.who.Run("ip", "address", "del", "127.0.0.1/8", "dev", "lo")
		by.who.Set("net/ipv4/conf/"+by.link+"/route_localnet", "1")
	}
	w.Outside.Run("ip", "route", "add", "127.0.0.1", "via", nettest.HostIP)
	pod.Run("ip", "route", "add", "127.0.0.1", "via", "172.16.28.0")

	const soon, ever = 300 * time.Millisecond, 20 * time.Second
	reached := func(who *nettest.Namespace, port string, within time.Duration) bool {
		var err error
		who.Do(func() {
			var conn net.Conn
			if conn, err = (&net.Dialer{Timeout: within}).Dial("tcp", "127.0.0.1:"+port); err == nil {
				conn.Close()
			}
		})
		return err == nil
	}
	for name, who := range map[string]*nettest.Namespace{"outside": w.Outside, "pod": pod.Namespace} {
		for _, port := range []string{"9090", "8080"} {
			if reached(who, port, soon) {
				t.Errorf("%s reaches 127.0.0.1:%s of the host", name, port)
			}
		}
	}
	if from := firstSender(t, w, pod); from != pod.ip4 {
		t.Errorf("the host takes a packet of the pod's for its own: it came from %s", from)
	}
	if _, err := w.Host.Ask("tcp", "127.0.0.1:9090"); err != nil {
		t.Errorf("the host does not reach its own loopback: %v", err)
	}
	// The frames do come: without the rule, they are let in.
	w.Host.Run("nft", "flush", "chain", "inet", "podtui", "ports_guard")
	for name, who := range map[string]*nettest.Namespace{"outside": w.Outside, "pod": pod.Namespace} {
		if !reached(who, "9090", ever) {
			t.Errorf("%s does not reach the host's loopback even without the rule", name)
		}
	}
	if from := firstSender(t, w, pod); from != "127.0.0.2" {
		t.Errorf("without the rule, the first packet came from %s", from)
	}
}

// firstSender has the pod send the host a packet from 127.0.0.2 and one from its own
// address, and tells which came first.
func firstSender(t *testing.T, w *portWorld, pod *testPod) (from string) {
	t.Helper()
	var listener net.PacketConn
	var err error
	w.Host.Do(func() { listener, err = net.ListenPacket("udp", "172.16.28.0:0") })
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for _, source := range []string{"127.0.0.2", pod.ip4} {
		pod.Do(func() {
			err = send(source, listener.LocalAddr().String())
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	_ = listener.SetDeadline(time.Now().Add(20 * time.Second))
	_, sender, err := listener.ReadFrom(make([]byte, 8))
	if err != nil {
		t.Fatal(err)
	}
	return netip.MustParseAddrPort(sender.String()).Addr().String()
}

// send sends a packet from an address that need not be one of this namespace.
func send(from, to string) error {
	dialer := net.Dialer{
		LocalAddr: &net.UDPAddr{IP: net.ParseIP(from)},
		Control: func(_, _ string, c syscall.RawConn) (err error) {
			return errors.Join(err, c.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_TRANSPARENT, 1) }))
		},
	}
	conn, err := dialer.Dial("udp", to)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Write([]byte("hello"))
	return err
}

// TestPortsAreRefused where nothing answers, at once and to everybody: what the pod's
// kernel says comes back through the host.
func TestPortsAreRefused(t *testing.T) {
	t.Parallel()
	w := newPortWorld(t)
	pod := w.newPod()
	pod.mustPublish(port(spec.TCP, "", 8080, 80), port(spec.UDP, "", 8080, 80)) // and no echo
	for _, protocol := range []string{spec.TCP, spec.UDP} {
		for _, c := range []struct {
			who   *nettest.Namespace
			where string
		}{
			{w.Outside, nettest.HostIP}, {w.Outside, nettest.HostIP6}, {w.Host, nettest.HostIP}, {w.Host, "127.0.0.1"}, {pod.Namespace, nettest.HostIP},
		} {
			if _, err := c.who.Ask(protocol, hostPort(c.where, 8080)); !errors.Is(err, unix.ECONNREFUSED) {
				t.Errorf("%s at %s: %v", protocol, c.where, err)
			}
		}
	}
	if _, err := w.Host.Ask(spec.TCP, "[::1]:8080"); !errors.Is(err, unix.ECONNREFUSED) {
		t.Errorf("tcp at ::1, which can't be routed: %v", err)
	}
}

// TestPortsAreHeld against everybody else, whatever they say of sharing.
func TestPortsAreHeld(t *testing.T) {
	t.Parallel()
	host := nettest.New(t, "host")
	for _, protocol := range []string{spec.TCP, spec.UDP} {
		for _, c := range []struct {
			held string
			by   []string // of which none can have the port
		}{
			{"0.0.0.0", []string{"0.0.0.0:7000", "127.0.0.1:7000", ":7000"}},
			{"127.0.0.1", []string{"0.0.0.0:7000", "127.0.0.1:7000", ":7000"}},
			{"::", []string{"[::1]:7000", ":7000"}},
		} {
			alone(host, func() {
				socket, err := hold(protocol, netip.MustParseAddr(c.held), 7000)
				if err != nil {
					t.Errorf("%s: %v", c.held, err)
					return
				}
				defer held{socket}.release()
				for _, where := range c.by {
					for _, option := range []int{0, unix.SO_REUSEADDR, unix.SO_REUSEPORT} {
						if err := listenWith(protocol, where, option); !errors.Is(err, unix.EADDRINUSE) {
							t.Errorf("%s %s is held, %s (option %d): %v", protocol, c.held, where, option, err)
						}
					}
				}
			})
		}
		alone(host, func() { // and free at once
			if err := listenWith(protocol, ":7000", 0); err != nil {
				t.Errorf("%s after all: %v", protocol, err)
			}
		})
	}
}

// alone calls something on a host while no process has its sockets by accident.
func alone(host *nettest.Namespace, do func()) { nettest.Unforked(func() { host.Do(do) }) }

// listenWith listens with an option set, and stops.
func listenWith(protocol, where string, option int) error {
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		return errors.Join(err, c.Control(func(fd uintptr) {
			if option != 0 {
				err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, option, 1)
			}
		}))
	}}
	if strings.HasPrefix(protocol, "udp") {
		conn, err := config.ListenPacket(context.Background(), protocol, where)
		if err == nil {
			conn.Close()
		}
		return err
	}
	listener, err := config.Listen(context.Background(), protocol, where)
	if err == nil {
		listener.Close()
	}
	return err
}

// TestPortIsFreeWhoseLastConnectionsLinger: a program that has just ended does not
// keep a pod from its port for the minute of TIME_WAIT.
func TestPortIsFreeWhoseLastConnectionsLinger(t *testing.T) {
	t.Parallel()
	host := nettest.New(t, "host")
	alone(host, func() {
		listener, err := net.Listen("tcp", "127.0.0.1:7000")
		if err != nil {
			t.Error(err)
			return
		}
		client, err := net.Dial("tcp", "127.0.0.1:7000")
		if err != nil {
			t.Error(err)
			return
		}
		server, err := listener.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		listener.Close()
		server.Close() // first, so the port's end is the one that lingers
		_, _ = client.Read(make([]byte, 1))
		client.Close()
	})
	host.Eventually("the connection lingers", func() bool {
		return strings.Contains(host.Run("ss", "-tan"), "TIME-WAIT")
	})
	host.Do(func() {
		socket, err := hold(spec.TCP, netip.IPv4Unspecified(), 7000)
		if err != nil {
			t.Errorf("the port can't be had: %v", err)
			return
		}
		held{socket}.release()
	})
}
