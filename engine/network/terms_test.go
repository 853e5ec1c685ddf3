package network

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/spec"
)

func TestTermsOfNetworks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"10-backend.conflist": `{"cniVersion":"1.0.0","name":"backend","plugins":[{"type":"bridge"},{"type":"portmap"}]}`,
		"20-lan.conf":         `{"cniVersion":"1.0.0","name":"lan","type":"macvlan"}`,
		"99-default.conf":     `{"name":"office","type":"podtui","subnet":"10.9.8.0/28","ipMasq":false}`,
	} {
		if err := os.MkdirAll(filepath.Join(dir, "net.d"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "net.d", name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]Terms{
		"backend":            {Plugins: []string{"bridge", "portmap"}},
		"lan":                {Plugins: []string{"macvlan"}},
		"office":             {Ranges: []netip.Prefix{netip.MustParsePrefix("10.9.8.0/28")}, Places: 8, Lease: "10.9.8.0-28", DefaultRoute: true},
		"default":            {Ranges: []netip.Prefix{netip.MustParsePrefix("172.16.28.0/24")}, Places: 128, Lease: "172.16.28.0-24", Masquerade: true, DefaultRoute: true},
		"default-restricted": {Ranges: []netip.Prefix{netip.MustParsePrefix("172.16.29.0/24")}, Places: 128, Lease: "172.16.29.0-24"},
		"default6": {Ranges: []netip.Prefix{netip.MustParsePrefix("172.16.28.0/24"), netip.MustParsePrefix("fd70:6f64:7475:6900::/120")},
			Places: 128, Lease: "172.16.28.0-24", Masquerade: true, DefaultRoute: true},
	}
	known := Look(Folders{Config: []string{filepath.Join(dir, "net.d")}})
	if known.Standard() != "office" || Look(Folders{}).Standard() != "default" {
		t.Errorf("default means %q, and %q where nothing is configured", known.Standard(), Look(Folders{}).Standard())
	}
	for _, n := range known.List {
		got, err := TermsOf(n)
		if err != nil || !reflect.DeepEqual(got, want[n.Name]) {
			t.Errorf("%s: %+v, %v; want %+v", n.Name, got, err, want[n.Name])
		}
		delete(want, n.Name)
	}
	if len(want) > 0 {
		t.Errorf("not there: %v", want)
	}
}

func TestUplinkIsTheWayOut(t *testing.T) {
	t.Parallel()
	world := nettest.NewWorld(t)
	alone := nettest.New(t, "alone")
	world.Host.Do(func() {
		if got := Uplink(); got != nettest.Uplink {
			t.Errorf("the way out is %q", got)
		}
	})
	alone.Do(func() {
		if got := Uplink(); got != "" {
			t.Errorf("without a way out it is %q", got)
		}
	})
}

func TestFreeFindsAPortThatIsTaken(t *testing.T) {
	t.Parallel()
	nettest.New(t, "host").Do(func() {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		_, number, _ := net.SplitHostPort(l.Addr().String())
		port, _ := strconv.Atoi(number)
		for _, c := range []struct {
			port spec.Published
			free bool
		}{
			{spec.Published{Protocol: spec.TCP, HostPort: port, Port: 80, Count: 1}, false},
			{spec.Published{Protocol: spec.UDP, HostPort: port, Port: 80, Count: 1}, true},
			{spec.Published{Protocol: spec.TCP, HostIP: "127.0.0.2", HostPort: port, Port: 80, Count: 1}, true},
			{spec.Published{Protocol: spec.TCP, HostPort: port - 1, Port: 80, Count: 2}, false},
			{spec.Published{Protocol: spec.TCP, HostIP: "192.0.2.1", HostPort: 80, Port: 80, Count: 1}, false}, // not the host's
		} {
			if got := LookAtSockets().Free(c.port, func(spec.Published) string { return "" }); got != c.free {
				t.Errorf("%+v: free %v", c.port, got)
			}
		}
	})
}
