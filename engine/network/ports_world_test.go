package network

import (
	"context"
	"fmt"
	"net/netip"
	"testing"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// portWorld is a host with an outside, and pods, of which only what ports need is
// there: a namespace, a link as podtui's own networks make it, and the rule for what
// goes out.
type portWorld struct {
	nettest.World

	t    testing.TB
	pods int
}

const otherHostIP = "198.51.100.3" // a second address of the host's

func newPortWorld(t testing.TB) *portWorld {
	if testing.Short() {
		t.Skip("takes its time; make test runs it")
	}
	w := &portWorld{World: nettest.NewWorld(t), t: t}
	w.Host.Set("net/ipv4/ip_forward", "1")
	w.Host.Set("net/ipv6/conf/all/forwarding", "1")
	w.Host.Set("net/ipv4/icmp_ratelimit", "0") // or what is refused is mostly silence, which takes long
	w.Host.Set("net/ipv6/icmp/ratelimit", "0")
	w.Host.Run("ip", "address", "add", otherHostIP+"/24", "dev", nettest.Uplink)
	w.Host.NFT(`table inet foreign { chain out { type nat hook postrouting priority srcnat;
		ip saddr 172.16.28.0/24 ip daddr != 172.16.28.0/24 masquerade; }
		}`)
	return w
}

// testPod is a pod of a portWorld.
type testPod struct {
	*nettest.Namespace

	w          *portWorld
	uuid       string
	ip4, ip6   string
	link       string // on the host
	interfaces []poddir.Interface
}

func (w *portWorld) newPod() *testPod {
	host4, host6 := netip.AddrFrom4([4]byte{172, 16, 28, byte(2 * w.pods)}), fmt.Sprintf("fd12:3456::%x", 2*w.pods)
	p := &testPod{
		Namespace: nettest.New(w.t, fmt.Sprintf("pod%d", w.pods)), w: w, uuid: poddir.NewUUID(), link: linkName(netip.PrefixFrom(host4, 31)),
		ip4: host4.Next().String(), ip6: netip.MustParseAddr(host6).Next().String(),
	}
	w.pods++
	w.Host.Run("ip", "link", "add", p.link, "type", "veth", "peer", "name", "eth0", "netns", p.Path())
	w.Host.Run("ip", "address", "add", host4.String()+"/31", "dev", p.link)
	w.Host.Run("ip", "address", "add", host6+"/127", "dev", p.link, "nodad")
	p.Run("ip", "address", "add", p.ip4+"/31", "dev", "eth0")
	p.Run("ip", "address", "add", p.ip6+"/127", "dev", "eth0", "nodad")
	p.Run("ip", "link", "set", "eth0", "up")
	w.Host.Run("ip", "link", "set", p.link, "up")
	p.Run("ip", "route", "add", "default", "via", host4.String())
	p.Run("ip", "route", "add", "default", "via", host6)
	p.interfaces = []poddir.Interface{{
		Network: "default", Name: "eth0", Host: p.link, Addresses: []string{p.ip4 + "/31", p.ip6 + "/127"},
		Routes: []string{"default via " + host4.String(), "default via " + host6},
	}}
	return p
}

// unrouted takes the pod's default routes away, as in default-restricted.
func (p *testPod) unrouted() *testPod {
	p.Run("ip", "route", "del", "default")
	p.Run("ip", "-6", "route", "del", "default")
	p.interfaces[0].Routes = nil
	return p
}

func (p *testPod) publish(ports ...spec.Published) (published *published, err error) {
	p.w.Host.Do(func() {
		published, err = publish(context.Background(), Pod{Dir: &poddir.Dir{UUID: p.uuid}, Ports: ports}, p.interfaces)
	})
	return published, err
}

// mustPublish publishes ports until the test ends.
func (p *testPod) mustPublish(ports ...spec.Published) *published {
	p.w.t.Helper()
	published, err := p.publish(ports...)
	if err != nil {
		p.w.t.Fatal(err)
	}
	p.w.t.Cleanup(published.Close)
	return published
}

func (p *testPod) unpublish() {
	p.w.t.Helper()
	var err error
	p.w.Host.Do(func() { err = unpublish(context.Background(), p.uuid) })
	if err != nil {
		p.w.t.Fatal(err)
	}
}

func port(protocol, hostIP string, hostPort, inPod int) spec.Published {
	return spec.Published{Name: "web", App: "app", Protocol: protocol, HostIP: hostIP, HostPort: hostPort, Port: inPod, Count: 1}
}

// hostPort is HOST:PORT.
func hostPort(host string, port int) string {
	return netip.AddrPortFrom(netip.MustParseAddr(host), uint16(port)).String()
}
