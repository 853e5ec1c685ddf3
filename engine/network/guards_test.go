package network

import (
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/spec"
)

// publish gives the pod networks, and ports.
func (p *guest) publish(ports []spec.Published, names ...string) {
	p.t.Helper()
	networks, err := Look(Folders{}).Choose(spec.Network{Names: names})
	if err != nil {
		p.t.Fatal(err)
	}
	p.host.Do(func() {
		p.Setup, err = SetUp(p.t.Context(), Pod{Dir: p.dir, Namespace: p.Path(), Networks: networks, Ports: ports})
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(p.Setup.Close)
}

// Who has a route to pods, which everybody can have that is on a network of the host's,
// reaches what they publish. A pod without a way out gets none by making one.
func TestNobodyReachesWhatIsNotPublished(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes its time; make test runs it")
	}
	w, data := nettest.NewWorld(t), t.TempDir()
	pod, neighbour, closed := newGuest(t, w.Host, data), newGuest(t, w.Host, data).mustSetUp("default6"), newGuest(t, w.Host, data).mustSetUp("default-restricted")
	pod.publish([]spec.Published{port(spec.TCP, "", 8080, 80), port(spec.TCP, "127.0.0.1", 8081, 80), port(spec.UDP, "", 8080, 80)}, "default6")
	const four, six = "172.16.28.3", "[fd70:6f64:7475:6900::3]"
	if got := strings.Join(pod.Interfaces[0].Addresses, " "); got != four+"/31 fd70:6f64:7475:6900::3/127" {
		t.Fatalf("the pod has %s", got)
	}
	w.Outside.Run("ip", "route", "add", "172.16.28.0/24", "via", nettest.HostIP)
	w.Outside.Run("ip", "route", "add", "172.16.29.0/24", "via", nettest.HostIP)
	w.Outside.Run("ip", "route", "add", "fd70:6f64:7475:6900::/120", "via", nettest.HostIP6)
	closed.Run("ip", "route", "add", "default", "via", "172.16.29.0", "dev", "eth0", "onlink")
	for _, protocol := range []string{"tcp", "udp"} {
		for _, p := range []*guest{pod, closed} {
			p.Echo(protocol, ":80")
		}
		for _, at := range []string{nettest.HostIP, "172.16.29.0"} {
			w.Host.Echo(protocol, at+":99")
		}
		for _, at := range []string{nettest.OutsideIP, nettest.FarIP} {
			w.Outside.Echo(protocol, at+":99")
		}
	}
	var asking sync.WaitGroup
	for _, c := range []struct {
		who   *nettest.Namespace
		is    string
		where string
		open  bool
	}{
		{w.Outside, "outside", four + ":80", false},
		{w.Outside, "outside", six + ":80", false},
		{w.Outside, "outside", "172.16.29.1:80", false},
		{w.Outside, "outside", nettest.HostIP + ":8080", true},
		{w.Outside, "outside", "[" + nettest.HostIP6 + "]:8080", true},
		{w.Host, "host", four + ":80", true},
		{w.Host, "host", six + ":80", true},
		{w.Host, "host", "172.16.29.1:80", true},
		{w.Host, "host", "127.0.0.1:8080", true},
		{neighbour.Namespace, "neighbour", four + ":80", true},
		{neighbour.Namespace, "neighbour", six + ":80", true},
		{neighbour.Namespace, "neighbour", nettest.HostIP + ":8080", true},
		{neighbour.Namespace, "neighbour", nettest.FarIP + ":99", true},
		{closed.Namespace, "restricted", four + ":80", false},
		{closed.Namespace, "restricted", nettest.OutsideIP + ":99", false},
		{closed.Namespace, "restricted", nettest.HostIP + ":8080", true},
		{closed.Namespace, "restricted", "172.16.29.0:99", true},
		{closed.Namespace, "restricted", nettest.HostIP + ":99", true},
	} {
		for _, protocol := range []string{"tcp", "udp"} {
			asking.Go(func() {
				switch as, err := c.who.Ask(protocol, c.where); {
				case c.open && err != nil:
					t.Errorf("%s to %s by %s: %v", c.is, c.where, protocol, err)
				case !c.open && err == nil:
					t.Errorf("%s to %s by %s: is let in, as %s", c.is, c.where, protocol, as)
				}
			})
		}
	}
	asking.Wait()
}

// The link of a restricted pod is known by its group; a network that is not the pod's
// way out for another's sake is not restricted.
func TestOnlyNetworksWithoutARouteAreClosed(t *testing.T) {
	t.Parallel()
	host := nettest.New(t, "host")
	p := newGuest(t, host, t.TempDir())
	backend := ownConfig{Subnet: "10.3.3.0/28"}.network("backend")
	if err := p.setUpNetworks(builtIn()[1], builtIn()[0], backend); err != nil {
		t.Fatal(err)
	}
	for i, closed := range []bool{true, false, false} {
		out := host.Run("ip", "-details", "link", "show", p.Interfaces[i].Host)
		if strings.Contains(out, "group default") == closed {
			t.Errorf("%s: %s", p.Interfaces[i].Network, out)
		}
	}
}

// Rules are mended by a pod that itself needs few of them.
func TestGuardsAreLaidByEveryStart(t *testing.T) {
	t.Parallel()
	host, data := nettest.New(t, "host"), t.TempDir()
	newGuest(t, host, data).publish([]spec.Published{port(spec.TCP, "", 8080, 80)}, "default")
	host.Run("nft", "flush", "ruleset")
	newGuest(t, host, data).mustSetUp("default-restricted")
	rules := host.Run("nft", "list", "ruleset")
	for _, want := range []string{
		"ip daddr 127.0.0.0/8 meta iiftype != loopback", "ip saddr 127.0.0.0/8 meta iiftype != loopback", `iifname "pt-*" meta nfproto ipv6 fib saddr . iif oif missing drop`,
		`oifname "pt-*" iifname != "pt-*" drop`, "iifgroup 1886650369 drop",
	} {
		if !strings.Contains(rules, want) {
			t.Errorf("not %q in:\n%s", want, rules)
		}
	}
}

// Rules of a podtui that is newer stay, those of an older one are replaced.
func TestNewerRulesStay(t *testing.T) {
	t.Parallel()
	for version, stays := range map[string]bool{"1": false, "10": true} {
		host, data := nettest.New(t, "host"), t.TempDir()
		ports := []spec.Published{port(spec.TCP, "", 8080, 80)}
		first := newGuest(t, host, data)
		first.publish(ports, "default")
		if err := first.end(); err != nil {
			t.Fatal(err)
		}
		rules := host.Run("nft", "list", "ruleset")
		other := strings.ReplaceAll(strings.ReplaceAll(rules, portsVersion, "podtui ports "+version), masqueradeComment, "podtui: leaves as the host, version "+version)
		other = strings.Replace(other, "accept comment", "counter packets 0 bytes 0 accept comment", 1)
		host.Run("nft", "flush", "ruleset")
		host.NFT(other)
		newGuest(t, host, data).publish(ports, "default")
		if got := host.Run("nft", "list", "ruleset"); strings.Contains(got, "counter") != stays || strings.Contains(got, portsVersion+`"`) == stays {
			t.Errorf("version %s: stays %v: %s", version, !stays, got)
		}
	}
}

// A pod is no router of the host's, though it says so.
func TestHostTakesNoRouteFromPods(t *testing.T) {
	t.Parallel()
	host, data := nettest.New(t, "host"), t.TempDir()
	host.Set("net/ipv6/conf/default/accept_ra", "2") // taken though the host forwards
	for _, name := range []string{"default", "default6"} {
		p := newGuest(t, host, data).mustSetUp(name)
		at := p.Interfaces[0]
		host.Eventually("the host has its own addresses of the link", func() bool {
			local := host.Run("ip", "-6", "route", "show", "table", "local")
			return !strings.Contains(host.Run("ip", "-6", "route"), "linkdown") && !slices.ContainsFunc(at.Gateways, func(own string) bool {
				return strings.Contains(own, ":") && !strings.Contains(local, "local "+own+" ")
			})
		})
		before := takenFromOthers(host)
		p.Do(func() {
			if err := advertise(at.MAC); err != nil {
				t.Error(err)
			}
		})
		gateway, _, _ := strings.Cut(at.Gateways[0], "/")
		if _, err := p.Ask("tcp", host.Echo("tcp", gateway+":0").String()); err != nil { // which comes after it
			t.Error(err)
		}
		if after := takenFromOthers(host); after != before {
			t.Errorf("%s: the host took it:\n%s", name, nettest.Changed(before, after))
		}
	}
}

// takenFromOthers are a host's addresses and routes of IPv6, without those that a link
// has by itself, some time after it is up.
func takenFromOthers(host *nettest.Namespace) string {
	var said strings.Builder
	for line := range strings.Lines(host.Run("ip", "-6", "-oneline", "address", "show", "scope", "global") + host.Run("ip", "-6", "route", "show", "table", "all")) {
		words := strings.Fields(line)
		if to := words[min(1, len(words)-1)]; !strings.HasPrefix(words[0], "fe80:") && !strings.HasPrefix(to, "fe80:") && to != "ff00::/8" {
			said.WriteString(line)
		}
	}
	return said.String()
}

// advertise says on eth0 that it is a router, as one does who has CAP_NET_RAW.
func advertise(mac string) error {
	link, err := net.InterfaceByName("eth0")
	if err != nil {
		return err
	}
	source, all := netip.MustParseAddr("fe80::bad"), netip.MustParseAddr("ff02::1")
	message := []byte{134, 0, 0, 0, 64, 0, 0x07, 0x08, 0, 0, 0, 0, 0, 0, 0, 0}          // for half an hour
	message = append(message, 3, 4, 64, 0xc0, 0, 0, 0x07, 8, 0, 0, 0x07, 8, 0, 0, 0, 0) // with a range to choose an address of
	message = append(message, netip.MustParseAddr("2001:db8:bad::").AsSlice()...)
	binary.BigEndian.PutUint16(message[2:], checksum(append(append(append(source.AsSlice(), all.AsSlice()...), 0, 0, 0, byte(len(message)), 0, 0, 0, unix.IPPROTO_ICMPV6), message...)))
	hardware, err := net.ParseMAC(mac)
	if err != nil {
		return err
	}
	frame := append([]byte{0x33, 0x33, 0, 0, 0, 1}, hardware...)
	frame = append(frame, 0x86, 0xdd, 0x60, 0, 0, 0, 0, byte(len(message)), unix.IPPROTO_ICMPV6, 255)
	frame = append(append(append(frame, source.AsSlice()...), all.AsSlice()...), message...)
	socket, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer unix.Close(socket)
	return unix.Sendto(socket, frame, 0, &unix.SockaddrLinklayer{Ifindex: link.Index, Halen: 6})
}

func checksum(data []byte) uint16 {
	sum := uint32(0)
	for i := 0; i+1 < len(data); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(data[i:]))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// What a pod sends as somebody else gets nowhere.
func TestPodsHaveTheirOwnAddressesOnly(t *testing.T) {
	t.Parallel()
	w := nettest.NewWorld(t)
	p := newGuest(t, w.Host, t.TempDir()).mustSetUp("default6")
	for _, c := range []struct{ host, own, borrowed string }{
		{"172.16.28.0", "172.16.28.1", "172.16.28.99"},
		{"172.16.28.0", "172.16.28.1", nettest.OutsideIP},
		{"fd70:6f64:7475:6900::", "fd70:6f64:7475:6900::1", "fd70:6f64:7475:6900::99"},
		{"fd70:6f64:7475:6900::", "fd70:6f64:7475:6900::1", nettest.OutsideIP6},
	} {
		p.Run("ip", "address", "add", netip.PrefixFrom(netip.MustParseAddr(c.borrowed), netip.MustParseAddr(c.borrowed).BitLen()).String(), "dev", "eth0", "nodad")
		var listener *net.UDPConn
		w.Host.Do(func() {
			var err error
			if listener, err = net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(c.host)}); err != nil {
				t.Fatal(err)
			}
		})
		for _, from := range []string{c.borrowed, c.own} {
			p.Do(func() {
				conn, err := net.DialUDP("udp", &net.UDPAddr{IP: net.ParseIP(from)}, listener.LocalAddr().(*net.UDPAddr))
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				if _, err := conn.Write([]byte("x")); err != nil {
					t.Error(err)
				}
			})
		}
		_ = listener.SetReadDeadline(time.Now().Add(20 * time.Second))
		_, from, err := listener.ReadFromUDPAddrPort(make([]byte, 8))
		if err != nil || from.Addr().Unmap() != netip.MustParseAddr(c.own) {
			t.Errorf("the host has heard %v (%v)", from, err)
		}
		listener.Close()
	}
}
