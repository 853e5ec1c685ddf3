package network

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

const distribution = "/usr/lib/cni"

// needPlugins skips a test that needs the plugins that everybody has.
func needPlugins(t testing.TB) {
	t.Helper()
	for _, program := range []string{distribution + "/bridge", "/usr/sbin/iptables"} {
		if _, err := os.Stat(program); err == nil {
			continue
		}
		if os.Getenv("CI") != "" {
			t.Fatalf("needs %s", program)
		}
		t.Skipf("SKIP: needs %s (containernetworking-plugins, iptables)", program)
	}
}

// configured is a network as a file defines it. DATA in it is a folder of the test's,
// where host-local keeps its addresses.
func configured(t testing.TB, data, config string, folders ...string) poddir.Network {
	t.Helper()
	network, err := parseConfig([]byte(strings.ReplaceAll(config, "DATA", data)), false)
	if err != nil {
		t.Fatal(err)
	}
	network.Plugins, network.File = append(folders, distribution), "/etc/cni/net.d/"+network.Name+".conf"
	return network
}

// rkt's examples, and lists as others have them.
const (
	rktBridge = `{
	"name": "containers", "type": "bridge", "bridge": "rkt-bridge-nat", "ipMasq": true, "isGateway": true,
	"ipam": { "type": "host-local", "dataDir": "DATA", "subnet": "10.2.0.0/24", "routes": [ { "dst": "0.0.0.0/0" } ] }
}`
	rktPTP = `{
	"name": "ptp0", "type": "ptp", "ipMasq": true,
	"ipam": { "type": "host-local", "dataDir": "DATA", "subnet": "10.1.1.0/24", "routes": [ { "dst": "0.0.0.0/0" } ] }
}`
	rktMacvlan = `{
	"name": "frontend", "type": "macvlan", "master": "uplink0",
	"ipam": { "type": "host-local", "dataDir": "DATA", "subnet": "198.51.100.0/24", "rangeStart": "198.51.100.40", "rangeEnd": "198.51.100.50" }
}`
	portmapChain = `{
	"cniVersion": "0.4.0", "name": "web", "plugins": [
		{ "type": "bridge", "bridge": "web0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
		  "ipam": { "type": "host-local", "dataDir": "DATA", "ranges": [[{ "subnet": "10.88.0.0/16" }]], "routes": [ { "dst": "0.0.0.0/0" } ] },
		  "dns": { "nameservers": [ "10.88.0.53" ], "domain": "web.example" } },
		{ "type": "portmap", "capabilities": { "portMappings": true } },
		{ "type": "firewall" },
		{ "type": "tuning" }
	]
}`
	bridge6 = `{
	"cniVersion": "1.0.0", "name": "six", "plugins": [
		{ "type": "bridge", "bridge": "six0", "isGateway": true,
		  "ipam": { "type": "host-local", "dataDir": "DATA", "ranges": [[{ "subnet": "fd66::/64" }], [{ "subnet": "10.66.0.0/24" }]], "routes": [ { "dst": "::/0" }, { "dst": "10.0.0.0/8" } ] } }
	]
}`
)

// keptBy finds what is kept of pods by plugins of the distribution, and by us.
func keptBy(t *testing.T, data string) (kept []string) {
	t.Helper()
	err := filepath.WalkDir(data, func(path string, entry os.DirEntry, err error) error {
		static := entry.Name() == "lock" || strings.HasPrefix(entry.Name(), "last_reserved_ip.")
		if err == nil && !entry.IsDir() && !static && !strings.Contains(path, "/pods/") && !strings.Contains(path, "/addresses/") {
			kept = append(kept, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(kept, leftovers(t, data)...)
}

func TestNetworksOfCNI(t *testing.T) {
	t.Parallel()
	needPlugins(t)
	for _, c := range []struct {
		name, config, args string
		want               poddir.Interface
		outside            string // as whom it is known there; "": it doesn't reach it
	}{
		{"rkt's bridge", rktBridge, "", poddir.Interface{
			Host: "veth", Addresses: []string{"10.2.0.2/24"}, Gateways: []string{"10.2.0.1"}, Routes: []string{"default via 10.2.0.1"},
		}, nettest.HostIP},
		{"rkt's ptp", rktPTP, "", poddir.Interface{
			Host: "veth", Addresses: []string{"10.1.1.2/24"}, Gateways: []string{"10.1.1.1"}, Routes: []string{"default via 10.1.1.1", "10.1.1.0/24 via 10.1.1.1", "10.1.1.1/32 dev eth0"},
		}, nettest.HostIP},
		{"rkt's macvlan", rktMacvlan, "", poddir.Interface{
			Addresses: []string{"198.51.100.40/24"}, Gateways: []string{"198.51.100.1"},
		}, "198.51.100.40"},
		{"an address of the user's choice", rktMacvlan, "IP=198.51.100.44;FOO=bar", poddir.Interface{
			Addresses: []string{"198.51.100.44/24"}, Gateways: []string{"198.51.100.1"},
		}, "198.51.100.44"},
		{"IPv6", bridge6, "", poddir.Interface{
			Host: "veth", Addresses: []string{"fd66::2/64", "10.66.0.2/24"}, Gateways: []string{"fd66::1", "10.66.0.1"}, Routes: []string{"10.0.0.0/8 via 10.66.0.1", "default via fd66::1"},
		}, ""},
		{"a list", portmapChain, "", poddir.Interface{
			Host: "veth", Addresses: []string{"10.88.0.2/16"}, Gateways: []string{"10.88.0.1"}, Routes: []string{"default via 10.88.0.1"},
		}, nettest.HostIP},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, data := nettest.NewWorld(t), t.TempDir()
			network := configured(t, data, c.config)
			network.Args = c.args
			before := ""
			for round := range 2 {
				p := newGuest(t, w.Host, data)
				if err := p.setUpNetworks(network); err != nil {
					t.Fatal(err)
				}
				got, want := p.Interfaces[0], c.want
				if got.MAC == "" || !strings.Contains(p.Run("ip", "link", "show", "eth0"), got.MAC) || !strings.HasPrefix(got.Host, want.Host) {
					t.Errorf("told: %+v", got)
				}
				if got.Host != "" {
					w.Host.Run("ip", "link", "show", got.Host)
				}
				want.Network, want.Name, want.File, want.Args, want.MAC, want.Host = network.Name, "eth0", network.File, c.args, got.MAC, got.Host
				if round == 0 && !equal(got, want) {
					t.Errorf("told:   %+v\nwanted: %+v", got, want)
				}
				if c.outside != "" && round == 0 {
					echo := w.Outside.Echo("tcp", nettest.OutsideIP+":0")
					if as, err := p.Ask("tcp", echo.String()); err != nil || as.Addr() != netip.MustParseAddr(c.outside) {
						t.Errorf("outside: taken for %v (%v)", as, err)
					}
				}
				p.mustEndCNI(data)
				if after := steady(w.Host); round == 0 {
					before = after
				} else if changed := nettest.Changed(before, after); changed != "" {
					t.Errorf("the host's state is another:\n%s", changed)
				}
			}
		})
	}
}

// steady is a host's state once no link of a pod is left there, without what of
// bridges and rules changes by itself: timers, counters, whether anybody is on them,
// and since when they have addresses of IPv6.
func steady(host *nettest.Namespace) string {
	host.Eventually("links of pods are gone", func() bool { return !strings.Contains(host.Run("ip", "link"), "veth") })
	changing := regexp.MustCompile(`NO-CARRIER,|,LOWER_UP| state (UP|DOWN|UNKNOWN)| linkdown| promiscuity \d+| packets \d+ bytes \d+`)
	var steady strings.Builder
	for line := range strings.Lines(changing.ReplaceAllString(host.State(), "")) {
		if !strings.Contains(line, "_timer") && !strings.Contains(line, "fe80:") && !strings.Contains(line, "fd66::") {
			steady.WriteString(line)
		}
	}
	return steady.String()
}

// mustEndCNI ends a pod, twice, and looks that nothing is kept of it.
func (p *guest) mustEndCNI(data string) {
	p.t.Helper()
	for range 2 {
		if err := p.end(); err != nil {
			p.t.Error(err)
		}
	}
	if kept := keptBy(p.t.(*testing.T), data); len(kept) > 0 {
		p.t.Errorf("kept: %q", kept)
	}
	if rules := p.host.Run("iptables-save") + p.host.Run("nft", "list", "ruleset"); strings.Contains(rules, p.dir.UUID) || slices.ContainsFunc(rulesOf("web", p.dir.UUID).chains, func(chain string) bool { return strings.Contains(rules, chain) }) {
		p.t.Errorf("rules: %s", rules)
	}
}

// Lists with portmap publish the ports; we hold them all the same, and keep the host's
// loopback closed.
func TestPortsByPortmap(t *testing.T) {
	t.Parallel()
	needPlugins(t)
	w, data := nettest.NewWorld(t), t.TempDir()
	network := configured(t, data, portmapChain)
	p := newGuest(t, w.Host, data)
	ports := []spec.Published{
		{Name: "http", App: "a", Protocol: spec.TCP, HostPort: 8080, Port: 80, Count: 2},
		{Name: "dns", App: "a", Protocol: spec.UDP, HostIP: nettest.HostIP, HostPort: 5353, Port: 53, Count: 1},
	}
	var err error
	w.Host.Do(func() {
		p.Setup, err = SetUp(t.Context(), Pod{Dir: p.dir, Namespace: p.Path(), Networks: []poddir.Network{network}, Ports: ports})
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(p.DNS.Servers, " ") != "10.88.0.53" || strings.Join(p.DNS.Search, " ") != "web.example" {
		t.Errorf("DNS: %+v", p.DNS)
	}
	p.Echo("tcp", "0.0.0.0:80")
	p.Echo("tcp", "0.0.0.0:81")
	p.Echo("udp", "0.0.0.0:53")
	for _, c := range []struct {
		from        *nettest.Namespace
		network, at string
	}{
		{w.Outside, "tcp", nettest.HostIP + ":8080"}, {w.Outside, "tcp", nettest.HostIP + ":8081"}, {w.Outside, "udp", nettest.HostIP + ":5353"},
		{w.Host, "tcp", nettest.HostIP + ":8080"}, {w.Host, "tcp", "127.0.0.1:8081"},
	} {
		if _, err := c.from.Ask(c.network, c.at); err != nil {
			t.Errorf("%s: %v", c.at, err)
		}
	}
	w.Host.Do(func() {
		if problems := Check(ports[:1], func(spec.Published) string { return "" }); len(problems) != 1 {
			t.Errorf("others could have the port: %v", problems)
		}
	})
	if rules := w.Host.Run("nft", "list", "table", "inet", "podtui"); strings.Contains(rules, p.dir.UUID) || !strings.Contains(rules, "ports_guard") {
		t.Errorf("ours: %s", rules)
	}
	if !strings.Contains(w.Host.Run("iptables-save"), rulesOf("web", p.dir.UUID).chains[1]) {
		t.Error("portmap's chain has another name")
	}
	p.mustEndCNI(data)
	w.Host.Do(func() {
		if problems := Check(ports, func(spec.Published) string { return "" }); len(problems) != 0 {
			t.Errorf("after its end: %v", problems)
		}
	})
}

// Where no plugin publishes ports we do.
func TestPortsInANetworkOfCNI(t *testing.T) {
	t.Parallel()
	needPlugins(t)
	w, data := nettest.NewWorld(t), t.TempDir()
	bridge := configured(t, data, strings.Replace(rktBridge, `"isGateway": true`, `"isGateway": false`, 1))
	own := builtIn()[0]
	p := newGuest(t, w.Host, data)
	var err error
	w.Host.Do(func() {
		p.Setup, err = SetUp(t.Context(), Pod{
			Dir: p.dir, Namespace: p.Path(), Networks: []poddir.Network{own, bridge},
			Ports: []spec.Published{{Name: "http", App: "a", Protocol: spec.TCP, HostPort: 8080, Port: 80, Count: 1}},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Echo("tcp", "0.0.0.0:80")
	for from, at := range map[*nettest.Namespace]string{w.Outside: nettest.HostIP, w.Host: "127.0.0.1"} {
		if _, err := from.Ask("tcp", at+":8080"); err != nil {
			t.Errorf("%s: %v", at, err)
		}
	}
	if i := p.Interfaces[1]; i.Name != "eth1" || hasDefaultRoute(i) || !hasDefaultRoute(p.Interfaces[0]) || strings.Count(p.Run("ip", "route"), "default") != 1 {
		t.Errorf("told: %+v, routes: %s", p.Interfaces, p.Run("ip", "route"))
	}
	p.mustEndCNI(data)
}

// pluginFolder is one with a plugin of the test's own, a shell script: what it does
// for ADD is given, and what for DEL.
func pluginFolder(t testing.TB, add, del string) string {
	t.Helper()
	folder := t.TempDir()
	script := "#!/bin/sh\nSTATE=" + folder + "/state; cat > $STATE.$CNI_COMMAND.config\ncase $CNI_COMMAND in\nADD)\n" + add + "\n;;\nDEL)\n" + del + "\n;;\nesac\n"
	if err := os.WriteFile(filepath.Join(folder, "own"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return folder
}

const ownPlugin = `{ "cniVersion": "1.0.0", "name": "net", "type": "own" }`

// works is what a plugin does that works.
const works = `nsenter --net=$CNI_NETNS ip link add $CNI_IFNAME type bridge
echo '{ "cniVersion": "1.0.0", "ips": [ { "address": "10.5.0.7/24" } ] }'; echo "$CNI_CONTAINERID" > $STATE`

func TestPluginsThatFail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, add, want string }{
		{"as CNI says", `printf '%s' '{ "cniVersion": "1.0.0", "code": 7, "msg": "no\tluck", "details": "at all" }'; exit 1`, `plugin own failed: no luck; at all (code 7)`},
		{"in words", `echo 'out of
luck' >&2; exit 3`, `plugin own failed with status 3: out of luck`},
		{"without a word", `exit 4`, `plugin own failed with status 4`},
		{"with an escape", `printf 'a\033[2Jb\377' >&2; exit 3`, `plugin own failed with status 3: a [2Jb?`},
		{"with a novel", `head -c 100000 /dev/zero | tr '\0' x >&2; exit 3`, `plugin own failed with status 3: ` + strings.Repeat("x", lastWords) + "…"},
		{"for want of iptables", `echo '{ "cniVersion": "1.0.0", "code": 999, "msg": "failed to locate iptables: exec: \"iptables\": executable file not found in $PATH" }'; exit 1`, `plugin own failed: it needs the program iptables, which this host hasn't; install it (code 999)`},
		{"by a signal", `kill -SEGV $$`, `plugin own died of the signal segmentation fault`},
		{"with nothing", `true`, `plugin own printed no result but ""`},
		{"with rubbish", `echo '<html>'`, `plugin own printed no result but "<html>"`},
		{"with a list", `echo '[1]'`, `plugin own printed no result but "[1]"`},
		{"with null", `echo 'null'`, `plugin own printed no result but "null"`},
		{"with nulls", `echo '{ "cniVersion": "1.0.0", "ips": [ null ] }'`, `plugin own printed a result with a null in it`},
		{"with another version", `echo '{ "cniVersion": "7.0.0" }'`, `unsupported CNI result version "7.0.0"`},
		{"with no addresses", `echo '{ "cniVersion": "1.0.0", "ips": [ { "address": "everywhere" } ] }'`, `invalid CIDR address: everywhere`},
		{"with no name servers", `echo '{ "cniVersion": "1.0.0", "dns": { "nameservers": [ "here" ] } }'`, `its plugins name a name server that is no address: "here"`},
		{"without an interface", `echo '{ "cniVersion": "1.0.0" }'`, `its plugins made no interface eth0 in the pod`},
		{"with megabytes", `yes`, fmt.Sprintf(`plugin own printed more than %d bytes`, mostSaid)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			p := newGuest(t, nettest.New(t, "host"), data)
			folder := pluginFolder(t, c.add, `rm -f $STATE`)
			err := p.setUpNetworks(configured(t, data, ownPlugin, folder))
			if err == nil || !strings.HasPrefix(err.Error(), `network "net": `) || !strings.HasSuffix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v\nnot: %s", err, c.want)
			}
			if err := p.end(); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(filepath.Join(folder, "state.DEL.config")); err != nil {
				t.Errorf("it was not asked to remove the pod: %v", err)
			}
			if kept := keptBy(t, data); len(kept) > 0 {
				t.Errorf("kept: %q", kept)
			}
		})
	}
}

// A plugin that does not add a pod, and says the same when it is to remove it, has
// nothing of it; another reason is told, and a failure without words is one.
func TestPluginsThatRefuseAreNotAskedForEver(t *testing.T) {
	t.Parallel()
	const busy = `echo '{ "code": 11, "msg": "busy" }'; exit 1`
	for _, c := range []struct{ name, add, del, want string }{
		{"the same", busy, busy, ""},
		{"another reason", busy, `echo '{ "code": 11, "msg": "broken" }'; exit 1`, "plugin own failed: broken (code 11)"},
		{"no reason", "exit 4", "exit 4", "plugin own failed with status 4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			p := newGuest(t, nettest.New(t, "host"), data)
			if err := p.setUpNetworks(configured(t, data, ownPlugin, pluginFolder(t, c.add, c.del))); err == nil {
				t.Fatal("it was added")
			}
			err := p.end()
			if c.want == "" && (err != nil || len(keptBy(t, data)) > 0) || c.want != "" && (err == nil || !strings.HasSuffix(err.Error(), c.want)) {
				t.Errorf("%v, not %q; kept: %q", err, c.want, keptBy(t, data))
			}
		})
	}
}

// Before a pod is made that asks for its network.
func TestPluginsThatAreMissingAreFound(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]string{
		`{ "name": "net", "type": "bridge" }`:                                       "net cni",
		`{ "name": "net", "type": "bridge", "ipam": { "type": "host-local" } }`:     "net cni",
		`{ "name": "net", "plugins": [ { "type": "bridge" }, { "type": "none" } ]}`: `network "net": plugin none is in none of the folders DIR`,
		`{ "name": "net", "type": "bridge", "ipam": { "type": "dhcp" } }`:           `network "net": plugin dhcp is in none of the folders DIR`,
		`{ "name": "net", "type": "../bridge" }`:                                    `network "net": plugin "../bridge" has no name of a plugin`,
	} {
		k := look(t, map[string]string{"a.conf": config})
		network, err := k.find("net")
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.ReplaceAll(chooses(k, "net"), network.Plugins[0], "DIR"); got != want {
			t.Errorf("%s: %s, not %s", config, got, want)
		}
	}
}

func TestPluginThatIsMissing(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := newGuest(t, nettest.New(t, "host"), data)
	err := p.setUpNetworks(configured(t, data, `{ "name": "net", "type": "nowhere" }`, "/opt/cni/bin"))
	if err == nil || err.Error() != `network "net": plugin nowhere is in none of the folders /opt/cni/bin, /usr/lib/cni` {
		t.Errorf("%v", err)
	}
	if err := p.end(); err != nil {
		t.Errorf("then there is nothing to take down: %v", err)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "own"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	err = newGuest(t, p.host, data).setUpNetworks(configured(t, data, ownPlugin, folder))
	if err == nil || err.Error() != `network "net": plugin own can't be run: fork/exec `+folder+`/own: permission denied` {
		t.Errorf("%v", err)
	}
}

// Debian's plugin says so at the end of a chain of reasons.
func TestPluginsThatNeedIptables(t *testing.T) {
	t.Parallel()
	needPlugins(t)
	data := t.TempDir()
	p := newGuest(t, nettest.New(t, "host"), data)
	p.host.Do(func() {
		network := configured(t, data, rktBridge)
		if err := (marker{Networks: []poddir.Network{network}}).write(p.dir); err != nil {
			t.Fatal(err)
		}
		a, err := attach(p.dir, network, "eth0", marker{})
		if err != nil {
			t.Fatal(err)
		}
		defer a.plugins.close()
		a.plugins.path, a.pod.NetNS = t.TempDir(), p.Path()
		if _, err := a.add(t.Context()); err == nil || err.Error() != `network "containers": plugin bridge failed: it needs the program iptables, which this host hasn't; install it (code 999)` {
			t.Errorf("%v", err)
		}
	})
	p.mustEndCNI(data)
}

func TestPluginsKnowNothingOfUs(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	folder := pluginFolder(t, `env > $STATE.env; pwd >> $STATE.env; `+works, `rm $STATE`)
	p := newGuest(t, nettest.New(t, "host"), data)
	network := configured(t, data, ownPlugin, folder)
	network.Args = "IP=10.5.0.7"
	if err := p.setUpNetworks(network); err != nil {
		t.Fatal(err)
	}
	env, err := os.ReadFile(filepath.Join(folder, "state.env"))
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(string(env))
	slices.Sort(got)
	got = slices.DeleteFunc(got, func(v string) bool { return strings.HasPrefix(v, "PWD=") }) // the shell's
	want := []string{
		"/", "CNI_ARGS=IP=10.5.0.7;IgnoreUnknown=1", "CNI_COMMAND=ADD", "CNI_CONTAINERID=" + p.dir.UUID, "CNI_IFNAME=eth0", "CNI_NETNS=" + p.Path(),
		"CNI_PATH=" + folder + ":" + distribution, "PATH=" + pluginPath(),
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nnot: %q", got, want)
	}
	p.mustEndCNI(data)
}

// Nobody waits for a plugin that hangs: not who orders the pod to stop, nor others when
// its time is over. What it has started ends with it.
func TestPluginsThatHang(t *testing.T) {
	t.Parallel()
	const hangs = `echo $$ > $STATE.pids; sleep 1000 & echo $! >> $STATE.pids; : > $STATE.hangs; wait`
	for _, c := range []struct {
		name, want string
		why        error
	}{
		{"until the pod is stopped", `network "net": plugin own was ended: context canceled`, context.Canceled},
		{"for too long", `network "net": plugin own did not end within 3s, and was killed`, context.DeadlineExceeded},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			host, data := nettest.New(t, "host"), t.TempDir()
			p := newGuest(t, host, data)
			folder := pluginFolder(t, hangs, `rm -f $STATE`)
			network := configured(t, data, ownPlugin, folder)
			if err := (marker{Networks: []poddir.Network{network}}).write(p.dir); err != nil {
				t.Fatal(err)
			}
			a, err := attach(p.dir, network, "eth0", marker{})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan struct{})
			if errors.Is(c.why, context.DeadlineExceeded) {
				a.plugins.patience = 3 * time.Second // enough to begin on any machine
			}
			go func() {
				defer close(done)
				a.pod.NetNS = p.Path()
				_, err = a.add(ctx)
			}()
			host.Eventually("it hangs", func() bool { _, err := os.Stat(filepath.Join(folder, "state.hangs")); return err == nil })
			if errors.Is(c.why, context.Canceled) {
				cancel()
			}
			<-done
			if err == nil || err.Error() != c.want || !errors.Is(err, c.why) {
				t.Errorf("%v", err)
			}
			pids, _ := os.ReadFile(filepath.Join(folder, "state.pids"))
			if len(strings.Fields(string(pids))) != 2 {
				t.Fatalf("processes %q", pids)
			}
			for _, pid := range strings.Fields(string(pids)) {
				host.Eventually("it is gone", func() bool { return !runs(pid) })
			}
			a.plugins.close()
			if err := p.end(); err != nil {
				t.Error(err)
			}
		})
	}
}

// runs tells whether a process is there, and not dead already.
func runs(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

// A plugin may leave something running that holds what it writes to.
func TestPluginThatLeavesSomethingRunning(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits a second; make test runs it")
	}
	data := t.TempDir()
	folder := pluginFolder(t, `sleep 1000 & echo $! > $STATE.pid; `+works, `kill $(cat $STATE.pid); rm $STATE`)
	p := newGuest(t, nettest.New(t, "host"), data)
	if err := p.setUpNetworks(configured(t, data, ownPlugin, folder)); err != nil {
		t.Fatal(err)
	}
	p.mustEndCNI(data)
}

// A plugin that fails to remove a pod is asked again, by everybody who cleans up, but
// not for ever; and the others are asked all the same.
func TestRemovalThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	needPlugins(t)
	for _, ends := range []bool{true, false} {
		t.Run(map[bool]string{true: "until it works", false: "and then no more"}[ends], func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			folder := pluginFolder(t, `grep -q prevResult $STATE.ADD.config && sed 's/.*"prevResult"://; s/,"type.*//' $STATE.ADD.config; : > $STATE`,
				`echo x >> $STATE.tries; grep -q prevResult $STATE.DEL.config || echo no result; [ -e $STATE.works ] || { echo '{ "code": 11, "msg": "later" }'; exit 1; }; rm $STATE`)
			network := configured(t, data, `{ "cniVersion": "0.4.0", "name": "net", "plugins": [
				{ "type": "bridge", "bridge": "again0", "ipam": { "type": "host-local", "dataDir": "DATA", "subnet": "10.2.0.0/24" } }, { "type": "own" } ] }`, folder)
			p := newGuest(t, nettest.New(t, "host"), data)
			if err := p.setUpNetworks(network); err != nil {
				t.Fatal(err)
			}
			const later = `network "net": plugin own failed: later (code 11)`
			for try := 1; try < mostFailures; try++ {
				if err := p.end(); err == nil || err.Error() != later {
					t.Errorf("try %d: %v", try, err)
				}
				if held, _ := filepath.Glob(filepath.Join(data, "net/10.2.0.*")); len(held) > 0 {
					t.Errorf("the other plugin was not asked: %q", held)
				}
			}
			if ends {
				if err := os.WriteFile(filepath.Join(folder, "state.works"), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			} else if err := p.end(); err == nil || err.Error() != later+fmt.Sprintf(`; network "net": given up after 5 times: what its plugins keep of pod %s stays`, p.dir.UUID) {
				t.Errorf("the last try: %v", err)
			}
			p.mustEndCNI(data)
			tries, _ := os.ReadFile(filepath.Join(folder, "state.tries"))
			if n := strings.Count(string(tries), "x"); n != mostFailures {
				t.Errorf("tried %d times", n)
			}
		})
	}
}

// The configuration may change, or go, while the pod runs.
func TestPodIsRemovedFromTheNetworkThatItHas(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	folder := pluginFolder(t, works, `rm $STATE`)
	network := configured(t, data, `{ "cniVersion": "1.0.0", "name": "net", "type": "own", "word": "as it was" }`, folder)
	p := newGuest(t, nettest.New(t, "host"), data)
	if err := p.setUpNetworks(network); err != nil {
		t.Fatal(err)
	}
	p.mustEndCNI(data)
	var added, removed map[string]any
	for command, to := range map[string]*map[string]any{"ADD": &added, "DEL": &removed} {
		config, err := os.ReadFile(filepath.Join(folder, "state."+command+".config"))
		if err != nil || json.Unmarshal(config, to) != nil {
			t.Fatalf("%s: %v: %s", command, err, config)
		}
	}
	result, _ := removed["prevResult"].(map[string]any)
	if added["word"] != "as it was" || removed["word"] != "as it was" || added["prevResult"] != nil || result["ips"] == nil {
		t.Errorf("added with %v, removed with %v", added, removed)
	}
}

func TestArgumentsOfNetworks(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                     "[]",
		"IP=10.0.0.1":          "[[IP 10.0.0.1] [IgnoreUnknown 1]]",
		"A=b=c;D=":             "[[A b=c] [D ] [IgnoreUnknown 1]]",
		"A=b;IgnoreUnknown=no": "[[A b] [IgnoreUnknown no]]",
	} {
		if got := fmt.Sprint(argsOf(args)); got != want {
			t.Errorf("%q: %s, not %s", args, got, want)
		}
	}
}
