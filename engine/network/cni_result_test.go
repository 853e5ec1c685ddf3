package network

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"

	types100 "github.com/containernetworking/cni/pkg/types/100"
	"github.com/containernetworking/cni/pkg/types/create"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/poddir"
)

func TestAddressesOfResults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, result, want string }{
		{"of the oldest version", `{ "cniVersion": "0.2.0", "ip4": { "ip": "10.1.0.2/16", "gateway": "10.1.0.1" }, "ip6": { "ip": "fd00::2/64" } }`, "10.1.0.2/16 via 10.1.0.1, fd00::2/64 via "},
		{"without interfaces", `{ "cniVersion": "1.0.0", "ips": [ { "address": "10.1.0.2/16" } ] }`, "10.1.0.2/16 via "},
		{"of several interfaces", `{ "cniVersion": "1.0.0", "interfaces": [ { "name": "eth0" }, { "name": "eth0", "sandbox": "/x" }, { "name": "eth7", "sandbox": "/x" } ],
			"ips": [ { "interface": 0, "address": "10.1.0.2/16" }, { "interface": 1, "address": "10.1.0.3/16" }, { "interface": 2, "address": "10.1.0.4/16" } ] }`, "10.1.0.3/16 via "},
		{"of an interface that is not told", `{ "cniVersion": "1.0.0", "ips": [ { "interface": 9, "address": "10.1.0.2/16" }, { "interface": -1, "address": "10.1.0.3/16" } ] }`, "10.1.0.2/16 via , 10.1.0.3/16 via "},
	} {
		result, err := create.CreateFromBytes([]byte(c.result))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		r, err := types100.GetResult(result)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		i := poddir.Interface{Name: "eth0"}
		if err := addAddresses(&i, r); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var got []string
		for n, address := range i.Addresses {
			got = append(got, address+" via "+i.Gateways[n])
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
	}
}

// Of two networks the first has the way out, for each version of IP, whoever makes it.
func TestFirstNetworkOfCNIHasTheDefaultRoute(t *testing.T) {
	t.Parallel()
	needPlugins(t)
	w, data := nettest.NewWorld(t), t.TempDir()
	second := strings.NewReplacer(`"six"`, `"more"`, "six0", "more0", "fd66:", "fd77:", "10.66.", "10.77.", `"10.0.0.0/8"`, `"0.0.0.0/0"`).Replace(bridge6)
	p := newGuest(t, w.Host, data)
	if err := p.setUpNetworks(configured(t, data, bridge6), configured(t, data, second), builtIn()[0]); err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, i := range p.Interfaces {
		told = append(told, i.Name+": "+strings.Join(i.Routes, ", "))
	}
	if got := strings.Join(told, "; "); got != "eth0: 10.0.0.0/8 via 10.66.0.1, default via fd66::1; eth1: default via 10.77.0.1; eth2: " {
		t.Errorf("told: %s", got)
	}
	if routes := p.Run("ip", "-6", "route") + p.Run("ip", "route"); strings.Count(routes, "default") != 2 || strings.Count(routes, "nexthop") != 0 {
		t.Errorf("routes: %s", routes)
	}
	p.mustEndCNI(data)
}

// FuzzResult has plugins print anything: it is refused in words, or understood.
func FuzzResult(f *testing.F) {
	f.Add([]byte(`{ "cniVersion": "0.2.0", "ip4": { "ip": "10.1.0.2/16", "gateway": "10.1.0.1", "routes": [ { "dst": "0.0.0.0/0" } ] } }`))
	f.Add([]byte(`{ "cniVersion": "1.0.0", "interfaces": [ { "name": "eth0", "sandbox": "/x" } ], "ips": [ { "interface": 0, "address": "fd00::3/64" } ], "dns": { "nameservers": [ "::1" ] } }`))
	f.Add([]byte(`{ "cniVersion": "0.4.0", "ips": [ null ], "IPS": [ {} ], "routes": [ null ] }`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if checkResult(data) != "" {
			return
		}
		result, err := create.CreateFromBytes(data)
		if err != nil {
			return
		}
		r, err := types100.GetResult(result)
		if err != nil {
			return
		}
		if _, err := json.Marshal(r); err != nil {
			return // then it is not written down, and the pod not started
		}
		i := poddir.Interface{Name: "eth0"}
		if addAddresses(&i, r) != nil {
			return
		}
		for _, address := range i.Addresses {
			if _, err := netip.ParsePrefix(address); err != nil {
				t.Errorf("told %q", address)
			}
		}
		if len(i.Gateways) != len(i.Addresses) {
			t.Errorf("%q, %q", i.Addresses, i.Gateways)
		}
		dns, err := dnsOf(r.DNS)
		for _, word := range append(append(dns.Servers, dns.Search...), dns.Options...) {
			if err == nil && strings.ContainsAny(word, " \n\t") {
				t.Errorf("taken: %q", word)
			}
		}
	})
}
