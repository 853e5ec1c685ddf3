package network

import (
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// guest is a pod without processes: its folder, and its namespace.
type guest struct {
	*nettest.Namespace

	t    testing.TB
	host *nettest.Namespace
	dir  *poddir.Dir
	said []string
	*Setup
}

// newGuest makes a pod's folder in a data folder, and its namespace.
func newGuest(t testing.TB, host *nettest.Namespace, data string) *guest {
	t.Helper()
	dir, err := poddir.Create(filepath.Join(data, "pods"), poddir.NewUUID())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Unlock() })
	return &guest{Namespace: nettest.New(t, "pod"), t: t, host: host, dir: dir}
}

// setUp gives it networks by their names.
func (p *guest) setUp(names ...string) error {
	p.t.Helper()
	networks, err := Look(Folders{}).Choose(spec.Network{Names: names})
	if err != nil {
		p.t.Fatal(err)
	}
	return p.setUpNetworks(networks...)
}

func (p *guest) setUpNetworks(networks ...poddir.Network) (err error) {
	p.host.Do(func() {
		p.Setup, err = SetUp(p.t.Context(), Pod{
			Dir: p.dir, Namespace: p.Path(), Networks: networks, Say: func(said string) { p.said = append(p.said, said) },
		})
	})
	return err
}

func (p *guest) mustSetUp(names ...string) *guest {
	p.t.Helper()
	if err := p.setUp(names...); err != nil {
		p.t.Fatal(err)
	}
	return p
}

// end lets the namespace go, as its last process does, and takes the network down.
func (p *guest) end() error {
	p.t.Helper()
	if p.Setup != nil {
		nettest.Unforked(p.Setup.Close)
	}
	p.Namespace.Close()
	var err error
	p.host.Do(func() { err = TakeDown(p.t.Context(), p.dir) })
	return err
}

// links are those of podtui's on a host.
func links(host *nettest.Namespace) string {
	var ours []string
	for line := range strings.Lines(host.Run("ip", "-oneline", "link")) {
		if _, name, _ := strings.Cut(line, ": "); strings.HasPrefix(name, linkPrefix) {
			name, _, _ = strings.Cut(name, "@")
			ours = append(ours, name)
		}
	}
	return strings.Join(ours, " ")
}

func TestPrivateNetwork(t *testing.T) {
	t.Parallel()
	w := nettest.NewWorld(t)
	p := newGuest(t, w.Host, t.TempDir()).mustSetUp("default")
	want := poddir.Interface{
		Network: "default", Name: "eth0", Host: "pt-ac101c00",
		Addresses: []string{"172.16.28.1/31"}, Gateways: []string{"172.16.28.0"}, Routes: []string{"default via 172.16.28.0"},
	}
	got := p.Interfaces[0]
	want.MAC, got.MAC = "", ""
	if len(p.Interfaces) != 1 || !equal(got, want) {
		t.Errorf("told: %+v", p.Interfaces)
	}
	for _, c := range []struct {
		in      *nettest.Namespace
		command string
		want    []string
	}{
		{p.Namespace, "ip -oneline -4 address", []string{"lo", "inet 127.0.0.1/8", "eth0", "inet 172.16.28.1/31"}},
		{p.Namespace, "ip -4 route", []string{"default via 172.16.28.0 dev eth0 onlink", "172.16.28.0/31 dev eth0 proto kernel scope link src 172.16.28.1"}},
		{p.Namespace, "ip link show eth0", []string{"<BROADCAST,MULTICAST,UP,LOWER_UP>", "mtu 1500", p.Interfaces[0].MAC}},
		{p.Namespace, "ip -6 address show dev eth0", nil},
		{w.Host, "ip -6 address show dev pt-ac101c00", nil},
		{w.Host, "ip -oneline -4 address show dev pt-ac101c00", []string{"inet 172.16.28.0/31"}},
		{w.Host, "ip link show pt-ac101c00", []string{"UP", "alias podtui pod " + p.dir.UUID}},
		{w.Host, "nft list ruleset", []string{
			"table inet podtui {", "type nat hook postrouting priority srcnat; policy accept;",
			`ip saddr 172.16.28.0/24 ip daddr != 172.16.28.0/24 masquerade comment "` + masqueradeComment + `"`,
		}},
	} {
		words := strings.Fields(c.command)
		out := c.in.Run(words[0], words[1:]...)
		if len(c.want) == 0 && out != "" {
			t.Errorf("%s: %s", c.command, out)
		}
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s: not %q in: %s", c.command, want, out)
			}
		}
	}
	if w.Host.Setting("net/ipv4/ip_forward") != "1" || len(p.said) != 1 || !strings.Contains(p.said[0], "net.ipv4.ip_forward") {
		t.Errorf("forwarding %s, said %q", w.Host.Setting("net/ipv4/ip_forward"), p.said)
	}
	again := newGuest(t, w.Host, filepath.Dir(filepath.Dir(p.dir.Path))).mustSetUp("default")
	if len(again.said) != 0 || again.Interfaces[0].Addresses[0] != "172.16.28.3/31" {
		t.Errorf("the next: %q, %+v", again.said, again.Interfaces)
	}
	if rules := w.Host.Run("nft", "list", "ruleset"); strings.Count(rules, "masquerade comment") != 1 {
		t.Errorf("not one rule: %s", rules)
	}
}

func equal(a, b poddir.Interface) bool {
	list := func(i poddir.Interface) string {
		return strings.Join([]string{
			i.Network, i.Name, i.Host, i.MAC, i.File, i.Args,
			strings.Join(i.Addresses, ","), strings.Join(i.Gateways, ","), strings.Join(i.Routes, ","),
		}, "|")
	}
	return list(a) == list(b)
}

// Whom the pod talks to outside sees the host's address; the host and other pods see
// the pod's.
func TestPodLeavesAsTheHost(t *testing.T) {
	t.Parallel()
	w := nettest.NewWorld(t)
	data := t.TempDir()
	p, other := newGuest(t, w.Host, data).mustSetUp("default"), newGuest(t, w.Host, data).mustSetUp("default")
	for _, network := range []string{"tcp", "udp"} {
		for _, c := range []struct {
			to   *nettest.Namespace
			at   string
			as   string
			what string
		}{
			{w.Outside, nettest.OutsideIP, nettest.HostIP, "a neighbour of the host"},
			{w.Outside, nettest.FarIP, nettest.HostIP, "far away"},
			{w.Host, nettest.HostIP, "172.16.28.1", "the host"},
			{w.Host, "172.16.28.0", "172.16.28.1", "the gateway"},
			{other.Namespace, "172.16.28.3", "172.16.28.1", "another pod"},
			{p.Namespace, "127.0.0.1", "127.0.0.1", "itself"},
		} {
			echo := c.to.Echo(network, c.at+":0")
			as, err := p.Ask(network, echo.String())
			if err != nil || as.Addr() != netip.MustParseAddr(c.as) {
				t.Errorf("%s to %s: taken for %v (%v)", network, c.what, as, err)
			}
		}
	}
}

func TestRestrictedPodReachesTheHostAlone(t *testing.T) {
	t.Parallel()
	w := nettest.NewWorld(t)
	p := newGuest(t, w.Host, t.TempDir()).mustSetUp("default-restricted")
	if i := p.Interfaces[0]; i.Addresses[0] != "172.16.29.1/31" || i.Gateways[0] != "" || len(i.Routes) != 0 {
		t.Errorf("told: %+v", i)
	}
	host := w.Host.Echo("tcp", "172.16.29.0:0")
	if as, err := p.Ask("tcp", host.String()); err != nil || as.Addr() != netip.MustParseAddr("172.16.29.1") {
		t.Errorf("the host takes it for %v (%v)", as, err)
	}
	if _, err := p.Ask("tcp", nettest.OutsideIP+":1"); err == nil || !strings.Contains(err.Error(), "network is unreachable") { // guards_test.go: and with a route of its own making
		t.Errorf("outside: %v", err)
	}
	if w.Host.Setting("net/ipv4/ip_forward") != "0" || strings.Contains(w.Host.State(), "masquerade") {
		t.Error("the host was opened for it")
	}
}

func TestPodHasIPv6(t *testing.T) {
	t.Parallel()
	w := nettest.NewWorld(t)
	p := newGuest(t, w.Host, t.TempDir()).mustSetUp("default6")
	i := p.Interfaces[0]
	if strings.Join(i.Addresses, " ") != "172.16.28.1/31 fd70:6f64:7475:6900::1/127" || strings.Join(i.Routes, ", ") != "default via 172.16.28.0, default via fd70:6f64:7475:6900::" {
		t.Errorf("told: %+v", i)
	}
	for at, as := range map[string]string{nettest.FarIP: nettest.HostIP, "[" + nettest.FarIP6 + "]": nettest.HostIP6} {
		echo := w.Outside.Echo("tcp", at+":0")
		if got, err := p.Ask("tcp", echo.String()); err != nil || got.Addr() != netip.MustParseAddr(as) {
			t.Errorf("%s takes it for %v (%v)", at, got, err)
		}
	}
	if len(p.said) != 2 || !strings.Contains(p.said[1], "router advertisements") {
		t.Errorf("said: %q", p.said)
	}
}

// Hosts without IPv6 have pods without it, and say what a pod lacks that asks for it.
func TestHostWithoutIPv6(t *testing.T) {
	t.Parallel()
	host, data := nettest.New(t, "host"), t.TempDir()
	for _, of := range []string{"default", "all"} {
		host.Set("net/ipv6/conf/"+of+"/disable_ipv6", "1")
	}
	newGuest(t, host, data).mustSetUp("default")
	p := newGuest(t, host, data)
	if err := p.setUp("default6"); err == nil || !strings.Contains(err.Error(), "IPv6 is off on the host") {
		t.Errorf("%v", err)
	}
	if err := p.end(); err != nil {
		t.Error(err)
	}
}

// Several networks are links in their order; the first that has a default route has
// the pod's.
func TestPodInSeveralNetworks(t *testing.T) {
	t.Parallel()
	w := nettest.NewWorld(t)
	backend := ownConfig{Subnet: "10.3.3.0/28", MTU: 1400, DNS: &cniDNS{Nameservers: []string{"10.3.3.9"}, Domain: "backend.example"}}.network("backend")
	known := Look(Folders{})
	restricted, _ := known.find("default-restricted")
	standard, _ := known.find("default")
	p := newGuest(t, w.Host, t.TempDir())
	if err := p.setUpNetworks(restricted, standard, backend); err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, i := range p.Interfaces {
		told = append(told, i.Name+" "+i.Host+" "+strings.Join(i.Addresses, " ")+" "+strings.Join(i.Routes, ","))
	}
	if got := strings.Join(told, "; "); got != "eth0 pt-ac101d00 172.16.29.1/31 ; eth1 pt-ac101c00 172.16.28.1/31 default via 172.16.28.0; eth2 pt-0a030300 10.3.3.1/31 " {
		t.Errorf("told: %s", got)
	}
	if out := p.Run("ip", "link", "show", "eth2"); !strings.Contains(out, "mtu 1400") {
		t.Errorf("%s", out)
	}
	if strings.Join(p.DNS.Servers, " ") != "10.3.3.9" || strings.Join(p.DNS.Search, " ") != "backend.example" {
		t.Errorf("DNS: %+v", p.DNS)
	}
	echo := w.Outside.Echo("udp", nettest.FarIP+":0")
	if as, err := p.Ask("udp", echo.String()); err != nil || as.Addr() != netip.MustParseAddr(nettest.HostIP) {
		t.Errorf("outside: taken for %v (%v)", as, err)
	}
}

// Networks that share a range of IPv6 alone, of whatever data folders, give no address
// of it twice.
func TestAddressesOfIPv6AreGivenOnce(t *testing.T) {
	t.Parallel()
	host := nettest.New(t, "host")
	seen := map[string]bool{}
	for range 2 {
		data := t.TempDir()
		for i, subnet := range []string{"10.3.3.0/28", "10.4.4.0/28"} {
			p := newGuest(t, host, data)
			if err := p.setUpNetworks(ownConfig{Subnet: subnet, Subnet6: "fd12::/120"}.network([]string{"a", "b"}[i])); err != nil {
				t.Fatal(err)
			}
			six := p.Interfaces[0].Addresses[1]
			if seen[six] || !strings.Contains(p.Run("ip", "-6", "address"), six) {
				t.Errorf("%s is given twice, or not there", six)
			}
			seen[six] = true
		}
	}
}

// What goes out is no larger than what the host's uplink carries.
func TestLinkCarriesWhatTheUplinkCarries(t *testing.T) {
	t.Parallel()
	w := nettest.NewWorld(t)
	w.Host.Run("ip", "link", "set", nettest.Uplink, "mtu", "1376")
	p := newGuest(t, w.Host, t.TempDir()).mustSetUp("default")
	if out := p.Run("ip", "link", "show", "eth0"); !strings.Contains(out, "mtu 1376") {
		t.Errorf("in the pod: %s", out)
	}
	if out := w.Host.Run("ip", "link", "show", "pt-ac101c00"); !strings.Contains(out, "mtu 1376") {
		t.Errorf("on the host: %s", out)
	}
}

func TestPodWithoutNetworksHasNothingSetUp(t *testing.T) {
	t.Parallel()
	host := nettest.New(t, "host")
	before := host.State()
	p := newGuest(t, host, t.TempDir()).mustSetUp("none")
	if len(p.Interfaces) != 0 || host.State() != before {
		t.Errorf("%+v, %s", p.Setup, host.State())
	}
	if err := p.end(); err != nil {
		t.Error(err)
	}
}
