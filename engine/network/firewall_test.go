package network

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/network/nettest"
)

// docker is what Docker has in the tables of iptables (the nft variant).
const docker = `table ip filter {
	chain DOCKER-USER { return; }
	chain FORWARD { type filter hook forward priority filter; policy drop; jump DOCKER-USER; iifname "docker0" accept; }
}`

// A firewall that drops what pods send is told in a line, with what to do. Who has
// done it isn't told again; and what was told to do helps.
func TestFirewallsAreTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, rules string
		want        []string // of the one line
		do          string   // that it says
	}{
		{"none", ``, nil, ""},
		{"one that accepts", `table inet filter { chain forward { type filter hook forward priority filter; policy accept; } }`, nil, ""},
		{"another hook", `table inet filter { chain input { type filter hook input priority filter; policy drop; } }`, nil, ""},
		{"of bridges", `table bridge filter { chain forward { type filter hook forward priority filter; policy drop; } }`, nil, ""},
		{"of IPv6 alone", `table ip6 filter { chain FORWARD { type filter hook forward priority filter; policy drop; } }`, nil, ""},
		{
			"nft's", `table inet firewall { chain forward { type filter hook forward priority filter; policy drop; ct state established accept; } }`,
			[]string{"table inet firewall, chain forward", `nft insert rule inet firewall forward iifname "pt-*" accept`},
			`nft insert rule inet firewall forward iifname "pt-*" accept; nft insert rule inet firewall forward oifname "pt-*" accept`,
		},
		{
			"iptables'", `table ip filter { chain FORWARD { type filter hook forward priority filter; policy drop; } }`,
			[]string{"table ip filter, chain FORWARD", "iptables -I FORWARD -i pt-+ -j ACCEPT && iptables -I FORWARD -o pt-+ -j ACCEPT"},
			`nft insert rule ip filter FORWARD iifname "pt-*" accept; nft insert rule ip filter FORWARD oifname "pt-*" accept`,
		},
		{
			"Docker's", docker,
			[]string{"it is Docker's: iptables -I DOCKER-USER -i pt-+ -j ACCEPT && iptables -I DOCKER-USER -o pt-+ -j ACCEPT"},
			`nft insert rule ip filter DOCKER-USER iifname "pt-*" accept; nft insert rule ip filter DOCKER-USER oifname "pt-*" accept`,
		},
		{
			"ufw's", `table ip filter { chain ufw-user-forward { } chain FORWARD { type filter hook forward priority filter; policy drop; jump ufw-user-forward; } }`,
			[]string{"it is ufw's", "ufw route allow from 172.16.28.0/24"},
			"nft add rule ip filter ufw-user-forward ip saddr 172.16.28.0/24 accept; nft add rule ip filter ufw-user-forward ct state established accept",
		},
		{
			"firewalld", `table inet firewalld { chain filter_FORWARD { type filter hook forward priority filter + 10; policy accept; ct state established accept; reject with icmpx admin-prohibited; } }`,
			[]string{"firewalld may not pass on", "firewall-cmd --permanent --zone=trusted --add-source=172.16.28.0/24"},
			"nft insert rule inet firewalld filter_FORWARD ip saddr 172.16.28.0/24 accept",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := nettest.NewWorld(t)
			w.Host.NFT(c.rules)
			p := newGuest(t, w.Host, t.TempDir()).mustSetUp("default")
			if len(c.want) == 0 {
				if len(p.Warnings()) > 0 {
					t.Errorf("warned: %q", p.Warnings())
				}
				return
			}
			if len(p.Warnings()) != 1 || strings.Contains(p.Warnings()[0], "\n") {
				t.Fatalf("warned: %q", p.Warnings())
			}
			for _, want := range c.want {
				if !strings.Contains(p.Warnings()[0], want) {
					t.Errorf("warned: %s\nnot: %s", p.Warnings()[0], want)
				}
			}
			w.Host.Run("sh", "-c", c.do)
			echo := w.Outside.Echo("tcp", nettest.FarIP+":0")
			if as, err := p.Ask("tcp", echo.String()); err != nil || as.Addr() != netip.MustParseAddr(nettest.HostIP) {
				t.Errorf("done, and outside takes it for %v (%v)", as, err)
			}
			if next := newGuest(t, w.Host, t.TempDir()).mustSetUp("default"); len(next.Warnings()) > 0 {
				t.Errorf("done, and warned: %q", next.Warnings())
			}
		})
	}
}

// Rules of others are left as they are, byte for byte.
func TestRulesOfOthersStayUntouched(t *testing.T) {
	t.Parallel()
	w := nettest.NewWorld(t)
	w.Host.NFT(docker + `
table inet nat { chain postrouting { type nat hook postrouting priority srcnat; ip saddr 10.0.0.0/8 counter packets 7 bytes 77 masquerade; } }
table ip podtui { set s { type ipv4_addr; elements = { 172.16.28.1 } } chain c { ip saddr @s drop; } }
table inet podtui-other { chain c { type filter hook input priority 5; } }`)
	foreign := w.Host.Run("nft", "-a", "-s", "list", "ruleset")
	p := newGuest(t, w.Host, t.TempDir()).mustSetUp("default", "default-restricted")
	others := func() string {
		var rest []string
		for _, table := range strings.SplitAfter(w.Host.Run("nft", "-a", "-s", "list", "ruleset"), "\n}\n") {
			if !strings.HasPrefix(strings.TrimPrefix(table, "\n"), "table inet podtui {") {
				rest = append(rest, table)
			}
		}
		return strings.Join(rest, "")
	}
	if got := others(); got != foreign {
		t.Errorf("while the pod is there:\n%s\nbefore:\n%s", got, foreign)
	}
	if err := p.end(); err != nil {
		t.Fatal(err)
	}
	if got := others(); got != foreign {
		t.Errorf("after it:\n%s\nbefore:\n%s", got, foreign)
	}
}

func TestOlderIptablesAreTold(t *testing.T) {
	t.Parallel()
	w := nettest.NewWorld(t)
	if out, err := w.Host.Command("iptables-legacy", "-A", "FORWARD", "-i", "docker0", "-j", "ACCEPT").CombinedOutput(); err != nil {
		t.Skipf("SKIP: no older iptables here: %v: %s", err, out) // the kernel may lack them for good
	}
	if p := newGuest(t, w.Host, t.TempDir()).mustSetUp("default"); len(p.Warnings()) > 0 {
		t.Errorf("its policy is to accept, and warned: %q", p.Warnings())
	}
	w.Host.Run("iptables-legacy", "-P", "FORWARD", "DROP")
	p := newGuest(t, w.Host, t.TempDir()).mustSetUp("default")
	const do = "iptables-legacy -I FORWARD -i pt-+ -j ACCEPT && iptables-legacy -I FORWARD -o pt-+ -j ACCEPT"
	if len(p.Warnings()) != 1 || !strings.HasSuffix(p.Warnings()[0], ": "+do) {
		t.Fatalf("warned: %q", p.Warnings())
	}
	w.Host.Run("sh", "-c", do)
	echo := w.Outside.Echo("tcp", nettest.FarIP+":0")
	if as, err := p.Ask("tcp", echo.String()); err != nil || as.Addr() != netip.MustParseAddr(nettest.HostIP) {
		t.Errorf("done, and outside takes it for %v (%v)", as, err)
	}
	if p := newGuest(t, w.Host, t.TempDir()).mustSetUp("default"); len(p.Warnings()) > 0 {
		t.Errorf("done, and warned: %q", p.Warnings())
	}
}
