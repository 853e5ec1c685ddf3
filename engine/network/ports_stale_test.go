package network

import (
	"context"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/spec"
)

// A pod that was killed leaves ports that lead on. They keep nobody from a service of
// the host's for long, and never lead to who gets its address.
func TestPortsOfPodsThatAreGoneLeadNowhere(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes its time; make test runs it")
	}
	killed := func(t *testing.T) (w nettest.World, data, address string) {
		w, data = nettest.NewWorld(t), t.TempDir()
		p := newGuest(t, w.Host, data)
		p.publish([]spec.Published{port(spec.TCP, "", 8080, 80), port(spec.UDP, nettest.HostIP, 8080, 80)}, "default6")
		nettest.Unforked(p.Setup.Close)
		p.Namespace.Close()
		w.Host.Eventually("its link is gone", func() bool { return links(w.Host) == "" })
		if !strings.Contains(w.Host.Run("nft", "list", "ruleset"), p.dir.UUID) {
			t.Fatal("it has left no ports")
		}
		address = p.Interfaces[0].Addresses[0]
		t.Cleanup(func() {
			if strings.Contains(w.Host.Run("nft", "list", "ruleset"), p.dir.UUID) {
				t.Error("its ports are still there")
			}
		})
		return w, data, address
	}
	reaches := func(t *testing.T, w nettest.World) {
		for _, where := range []string{nettest.HostIP, "127.0.0.1"} {
			if _, err := w.Host.Ask("tcp", hostPort(where, 8080)); err != nil {
				t.Errorf("a service of the host's at %s: %v", where, err)
			}
		}
	}
	t.Run("gc drops them", func(t *testing.T) {
		t.Parallel()
		w, data, _ := killed(t)
		other := newGuest(t, w.Host, data)
		other.publish([]spec.Published{port(spec.TCP, "", 9090, 90)}, "default6")
		other.Echo("tcp", ":90")
		w.Host.Echo("tcp", ":8080")
		w.Host.Do(func() {
			if err := SweepPorts(context.Background()); err != nil {
				t.Error(err)
			}
		})
		reaches(t, w)
		for _, where := range []string{nettest.HostIP, "127.0.0.1"} {
			if _, err := w.Host.Ask("tcp", hostPort(where, 9090)); err != nil {
				t.Errorf("a pod that runs, at %s: %v", where, err)
			}
		}
	})
	t.Run("a start without ports drops them", func(t *testing.T) {
		t.Parallel()
		w, data, _ := killed(t)
		newGuest(t, w.Host, data).mustSetUp("default")
		w.Host.Echo("tcp", ":8080")
		reaches(t, w)
	})
	t.Run("a start with other ports drops them", func(t *testing.T) {
		t.Parallel()
		w, data, _ := killed(t)
		newGuest(t, w.Host, data).publish([]spec.Published{port(spec.TCP, "", 9090, 90)}, "default")
		w.Host.Echo("tcp", ":8080")
		reaches(t, w)
	})
	t.Run("who gets the address is not reached by them", func(t *testing.T) {
		t.Parallel()
		w, _, address := killed(t)
		heir := newGuest(t, w.Host, t.TempDir()).mustSetUp("default6")
		if got := heir.Interfaces[0].Addresses[0]; got != address {
			t.Fatalf("it has %s, not %s", got, address)
		}
		heir.Echo("tcp", ":80")
		if _, err := w.Outside.Ask("tcp", hostPort(nettest.HostIP, 8080)); err == nil {
			t.Error("it is reached by a port that it has not published")
		}
	})
}
