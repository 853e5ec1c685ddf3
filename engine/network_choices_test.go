package engine_test

import (
	"encoding/json"
	"net"
	"slices"
	"strconv"
	"testing"

	"github.com/appc/spec/schema"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/spec"
)

// What is told of networks before a pod has one is what it has then, and how full they
// are; what has gone through its link is counted, and of a pod that has ended nothing.
func TestChoiceOfANetworkTellsWhatThePodGets(t *testing.T) {
	t.Parallel()
	h := newWorldHost(t)
	choice := func() (c engine.NetworkChoice) {
		h.World.Host.Do(func() {
			all := h.NetworkChoices()
			if all.Uplink != nettest.Uplink || len(all.Warnings) > 0 {
				t.Errorf("way out %q, warnings %q", all.Uplink, all.Warnings)
			}
			for _, one := range all.List {
				if one.Default {
					c = one
				}
			}
		})
		return c
	}
	if got := choice(); got.Name != "default" || got.InUse != 0 || got.Terms.Places != 128 || !got.Terms.Masquerade {
		t.Errorf("before: %+v", got)
	}
	running := h.Start(networked(enginetest.Pod(enginetest.Shell(t, "ping -c3 -i0.1 -s1000 "+nettest.HostIP+" && echo done; sleep 1000")), "default"))
	running.WaitFor(t, "done\n")
	if got := choice(); got.InUse != 1 {
		t.Errorf("with a pod: %+v", got)
	}
	traffic, err := h.PodTraffic(running.UUID)
	if err != nil || len(traffic) != 1 || traffic[0].Interface != "eth0" || traffic[0].Sent < 3000 || traffic[0].Received < 3000 || traffic[0].Sent > 50_000 {
		t.Errorf("through its link went %+v (%v)", traffic, err)
	}
	running.Stop(true)
	running.Wait()
	if got := choice(); got.InUse != 0 {
		t.Errorf("after it: %+v", got)
	}
	if traffic, err := h.PodTraffic(running.UUID); err != nil || traffic != nil {
		t.Errorf("of what has ended: %+v (%v)", traffic, err)
	}
}

func TestFreePortsAreTheSameOrTheNext(t *testing.T) {
	t.Parallel()
	h := newWorldHost(t)
	h.World.Host.Do(func() {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		_, number, _ := net.SplitHostPort(l.Addr().String())
		taken, _ := strconv.Atoi(number)
		tcp := func(port, count int) spec.Published {
			return spec.Published{Protocol: spec.TCP, HostPort: port, Port: port, Count: count}
		}
		udp := tcp(taken, 1)
		udp.Protocol = spec.UDP
		got := h.FreePorts([]spec.Published{tcp(80, 1), tcp(taken, 1), udp, tcp(80, 1), tcp(79, 3), tcp(65535, 2), tcp(0, 1)})
		if want := []int{80, taken + 1, taken, 81, 82, 0, 0}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

// A port of tcp and udp is one that is asked for: where that can't be had, it is told of
// that one, wherever it stands.
func TestTakenPortsAreToldWhereTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	h := newWorldHost(t)
	var image schema.ImageManifest
	if err := json.Unmarshal([]byte(`{"acKind": "ImageManifest", "acVersion": "0.8.11", "name": "example.com/dns", "app": {"exec": ["/x"], "user": "0", "group": "0", "ports": [
		{"name": "dns", "protocol": "tcp", "port": 53}, {"name": "dns", "protocol": "udp", "port": 53}, {"name": "web", "protocol": "tcp", "port": 80}]}}`), &image); err != nil {
		t.Fatal(err)
	}
	h.World.Host.Do(func() {
		taken, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
		_, number, _ := net.SplitHostPort(taken.LocalAddr().String())
		port, _ := strconv.Atoi(number)
		pod := spec.Pod{
			Apps: []spec.App{{Image: "example.com/dns"}}, Network: spec.Network{Names: []string{"default"}},
			Ports: []spec.Port{{Name: "web", HostIP: "192.0.2.99", HostPort: 80}, {Name: "dns", HostPort: port + 1}, {Name: "later", HostPort: 1}, {Name: "dns", HostIP: "127.0.0.1", HostPort: port}},
		}
		var paths []string
		for _, p := range h.ForeseePorts(pod, []spec.Image{{Manifest: &image}}) {
			paths = append(paths, p.Path)
		}
		if want := []string{"ports[0]", "ports[3]"}; !slices.Equal(paths, want) {
			t.Errorf("told at %q, not %q", paths, want)
		}
	})
}

// Who asks what a pod would have is not told that a private one reaches the host's
// loopback.
func TestPlanTellsWhoseNameServersAPodHas(t *testing.T) {
	t.Parallel()
	h := newWorldHost(t)
	app := enginetest.Shell(t, "true")
	if got := h.Run(enginetest.Pod(app)); got.Exit != 0 { // the image is there now
		t.Fatal(got.Err)
	}
	for network, want := range map[string]string{
		"host": "the host's", "none": "the host's without servers at its loopback",
		"default": "what its networks say, or else the host's without servers at its loopback",
	} {
		h.World.Host.Do(func() {
			plan, err := h.Plan(t.Context(), networked(enginetest.Pod(app), network), skipVerify(), nil)
			if err != nil || !slices.ContainsFunc(plan.Apps[0].Files, func(f engine.PlannedFile) bool { return f.Path == "/etc/resolv.conf" && f.Value == want }) {
				t.Errorf("%s: %+v (%v)", network, plan.Apps, err)
			}
		})
	}
}
