package network

import (
	"errors"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/poddir"
)

// A range that the host has a use for is refused, before anything is made; what only
// looks so isn't.
func TestRangesThatTheHostHasAreRefused(t *testing.T) {
	t.Parallel()
	six := ownConfig{Subnet: "10.3.3.0/28", Subnet6: "2001:db8:1::/64"}.network("six")
	six.File = "/etc/podtui/net.d/six.conf"
	for _, c := range []struct {
		name    string
		command string // on the host
		network poddir.Network
		want    string
	}{
		{"nothing", "ip link", builtIn()[0], ""},
		{"a wider route", "ip route add 172.16.0.0/12 via " + nettest.OutsideIP, builtIn()[0],
			`network "default": its range 172.16.28.0/24 overlaps the host's route 172.16.0.0/12 on uplink0; give it another range in net.d/99-default.conf`},
		{"a narrower one", "ip route add 172.16.29.128/25 via " + nettest.OutsideIP, builtIn()[1],
			`network "default-restricted": its range 172.16.29.0/24 overlaps the host's route 172.16.29.128/25 on uplink0; give it another range in a file of net.d that defines "default-restricted"`},
		{"one of several ways", "ip route add 172.16.28.0/25 nexthop via " + nettest.OutsideIP + " nexthop via " + nettest.FarIP + " dev uplink0 onlink", builtIn()[0], "172.16.28.0/25 on uplink0"},
		{"in a table of its own", "ip route add 172.16.28.7/32 via " + nettest.OutsideIP + " table 52", builtIn()[0], "172.16.28.7/32 on uplink0"},
		{"an address of the host", "ip address add 172.16.28.200/32 dev lo", builtIn()[0], "172.16.28.200/32 on lo"},
		{"another link of its network", "ip address add 172.16.28.1/16 dev uplink0", builtIn()[0], "overlaps the host's route 172.16."},
		{"of IPv6", "ip link", six, `network "six": its range 2001:db8:1::/64 overlaps the host's route 2001:db8:1::/64 on uplink0; give it another range in /etc/podtui/net.d/six.conf`},
		{"a neighbour", "ip route add 172.16.27.0/24 via " + nettest.OutsideIP, builtIn()[0], ""},
		{"halves of everything", "ip route add 128.0.0.0/1 via " + nettest.OutsideIP, builtIn()[0], ""},
		{"a route that refuses", "ip route add unreachable 172.16.0.0/12", builtIn()[0], ""},
		{"a black hole", "ip route add blackhole 172.16.28.0/24", builtIn()[0], ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := nettest.NewWorld(t)
			words := strings.Fields(c.command)
			w.Host.Run(words[0], words[1:]...)
			before := w.Host.State()
			var err error
			w.Host.Do(func() { err = CheckRanges([]poddir.Network{c.network}) })
			var route *RouteError
			switch {
			case c.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.want != "" && (!errors.As(err, &route) || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%v\nnot: %s", err, c.want)
			}
			if c.want == "" {
				return
			}
			p := newGuest(t, w.Host, t.TempDir())
			if err := p.setUpNetworks(c.network); !errors.As(err, &route) {
				t.Errorf("set up: %v", err)
			}
			if err := p.end(); err != nil {
				t.Error(err)
			}
			if changed := nettest.Changed(before, w.Host.State()); changed != "" {
				t.Errorf("left:\n%s", changed)
			}
		})
	}
}

// Pods of this host are no strangers, whatever data folder they are of.
func TestRangeWithPodsOnItIsFree(t *testing.T) {
	t.Parallel()
	w := nettest.NewWorld(t)
	newGuest(t, w.Host, t.TempDir()).mustSetUp("default6")
	w.Host.Do(func() {
		if err := CheckRanges(builtIn()); err != nil {
			t.Error(err)
		}
	})
}

// What others change while it is listed is listed again, and at last taken as it is.
func TestInterruptedListsAreMadeAgain(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, c := range []struct {
		interrupted int
		last, want  error
		calls       int
	}{{0, nil, nil, 1}, {3, nil, nil, 4}, {2, broken, broken, 3}, {1000, nil, nil, 10}} {
		calls := 0
		got, err := dump(func() ([]int, error) {
			if calls++; calls <= c.interrupted {
				return []int{7}, netlink.ErrDumpInterrupted
			}
			return []int{7}, c.last
		})
		if calls != c.calls || !errors.Is(err, c.want) || len(got) != 1 {
			t.Errorf("%+v: %d calls, %v, %v", c, calls, got, err)
		}
	}
}
