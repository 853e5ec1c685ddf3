package network

import (
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// lost leaves of a pod what is there when its supervisor was killed, and with it the pod.
func (p *guest) lost(networks []poddir.Network, ports ...spec.Published) *guest {
	p.t.Helper()
	p.mustPlay(deed{Do: "set up", Networks: networks, Ports: ports})
	p.Namespace.Close()
	p.dir.Unlock()
	return p
}

// The port of a pod whose supervisor was killed leads to the next that has it, whoever
// publishes the one and the other, and nothing of the first is left then.
func TestPortOfALostPodLeadsToTheNext(t *testing.T) {
	t.Parallel()
	needPlugins(t)
	if testing.Short() {
		t.Skip("takes its time; make test runs it")
	}
	for _, networks := range [][2]string{{"web", "web"}, {"web", "default"}, {"default", "web"}} {
		t.Run(networks[0]+", then "+networks[1], func(t *testing.T) {
			t.Parallel()
			w, data := nettest.NewWorld(t), t.TempDir()
			known := map[string][]poddir.Network{"default": builtIn()[:1], "web": {configured(t, data, portmapChain)}}
			warm := newGuest(t, w.Host, data).lost(known["web"]) // of two chains at one place the later comes first: ours
			warm.mustEndCNI(data)
			first := newGuest(t, w.Host, data).lost(known[networks[0]], port(spec.TCP, "", 8080, 80))
			next, err := newGuest(t, w.Host, data), error(nil)
			w.Host.Do(func() {
				next.Setup, err = SetUp(t.Context(), Pod{
					Dir: next.dir, Namespace: next.Path(), Networks: known[networks[1]],
					Ports: []spec.Published{port(spec.TCP, "", 8080, 80)}, Say: func(said string) { next.said = append(next.said, said) },
				})
			})
			if err != nil {
				t.Fatal(err)
			}
			next.Echo("tcp", "0.0.0.0:80")
			for from, at := range map[*nettest.Namespace]string{w.Outside: nettest.HostIP, w.Host: "127.0.0.1"} {
				if _, err := from.Ask("tcp", hostPort(at, 8080)); err != nil {
					t.Errorf("%s: %v; said: %q", at, err, next.said)
				}
			}
			if rules := w.Host.Run("iptables-save") + w.Host.Run("nft", "list", "ruleset"); strings.Contains(rules, first.dir.UUID) {
				t.Errorf("left of the first: %s", rules)
			}
			if err := next.end(); err != nil {
				t.Error(err)
			}
			if kept := keptBy(t, data); networks[0] == "web" && len(kept) > 0 {
				t.Errorf("kept: %q", kept)
			}
		})
	}
}

// A range that is full of pods whose supervisors were killed is not full.
func TestAddressesOfLostPodsAreTheNexts(t *testing.T) {
	t.Parallel()
	host, data := nettest.New(t, "host"), t.TempDir()
	small := []poddir.Network{ownConfig{Subnet: "10.4.4.0/30"}.network("small")}
	newGuest(t, host, data).lost(small)
	for range 2 {
		if err := newGuest(t, host, data).setUpNetworks(small...); err != nil {
			t.Error(err)
		}
	}
	if len(leftovers(t, data)) != 4 { // of these two
		t.Errorf("leases and markers: %q", leftovers(t, data))
	}
}

// What a plugin can't remove is told by one start, and by gc from then on.
func TestStartsDontWaitForPluginsThatCantRemove(t *testing.T) {
	t.Parallel()
	host, data := nettest.New(t, "host"), t.TempDir()
	broken := []poddir.Network{configured(t, data, ownPlugin, pluginFolder(t, works, `echo once >> $STATE.asked; echo broken >&2; exit 1`))}
	first := newGuest(t, host, data).lost(broken)
	var said []string
	for range 2 {
		said = append(said, newGuest(t, host, data).mustSetUp("default").said...)
	}
	var about []string
	for _, line := range said {
		if strings.Contains(line, first.dir.UUID) {
			about = append(about, line)
		}
	}
	if len(about) != 1 || !strings.HasSuffix(about[0], "plugin own failed with status 1: broken") {
		t.Errorf("said: %q", said)
	}
}
