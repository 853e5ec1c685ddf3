package engine_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/spec"
)

// worldHost is a host whose network is a test's own, with an outside. What starts or
// collects pods does it there.
type worldHost struct {
	*enginetest.Host
	nettest.World
	t *testing.T
}

func newWorldHost(t *testing.T) *worldHost {
	t.Helper()
	world := nettest.NewWorld(t)
	return &worldHost{enginetest.NewHost(t), world, t}
}

// Start starts a pod on that host, and with it its supervisor.
func (h *worldHost) Start(pod spec.Pod) (started *enginetest.Started) {
	h.t.Helper()
	h.World.Host.Do(func() { started = h.Host.Start(pod) })
	return started
}

func (h *worldHost) Run(pod spec.Pod) enginetest.Result {
	h.t.Helper()
	return h.Start(pod).Wait()
}

// warm has one pod run there, so that what may stay on a host is there, and returns
// what there is then.
func (h *worldHost) warm(pod spec.Pod) (state string) {
	h.t.Helper()
	if got := h.Run(pod); got.Err != nil {
		h.t.Fatalf("%v: %s", got.Err, got.Stderr)
	}
	h.linksGo()
	return h.World.Host.State()
}

// linksGo waits until the kernel has taken the links of pods that are gone.
func (h *worldHost) linksGo() {
	h.t.Helper()
	h.World.Host.Eventually("the links of pods are gone", func() bool { return h.links() == 0 })
}

func (h *worldHost) links() int {
	h.t.Helper()
	return strings.Count(h.World.Host.Run("ip", "-oneline", "link", "show", "type", "veth"), "\n") - 1 // the uplink
}

// isAsBefore looks that nothing on the host tells of a pod.
func (h *worldHost) isAsBefore(state, what string) {
	h.t.Helper()
	h.linksGo()
	if changed := nettest.Changed(state, h.World.Host.State()); changed != "" {
		h.t.Errorf("%s: the host's state is another:\n%s", what, changed)
	}
	for _, left := range append(glob(h.Dir+"/networks/addresses/*/[0-9]*"), glob(h.Dir+"/pods/*/network")...) {
		h.t.Errorf("%s: left: %s", what, left)
	}
}

// gc collects everything there.
func (h *worldHost) gc() {
	h.t.Helper()
	h.World.Host.Do(func() {
		if _, err := h.GC(context.Background(), engine.GCOptions{ExpirePrepared: 1}); err != nil {
			h.t.Errorf("gc: %v", err)
		}
	})
}

// hear returns what somebody says who is asked on an address from a namespace.
func hear(from *nettest.Namespace, address string) (said string, err error) {
	from.Do(func() {
		var conn net.Conn
		if conn, err = net.DialTimeout("tcp", address, 20*time.Second); err != nil {
			return
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		var all []byte
		all, err = io.ReadAll(conn)
		said = string(all)
	})
	return said, err
}

// saidOf are the messages of a pod's events of a type that are done.
func saidOf(events []event.Event, kind event.Type) (messages []string) {
	for _, e := range events {
		if e.Type == kind && (e.State == event.Done || e.State == "") {
			messages = append(messages, e.Message)
		}
	}
	return messages
}

// published has a pod give a port of tcp to the host.
func published(pod spec.Pod, hostPort, port int) spec.Pod {
	pod.Ports = append(pod.Ports, spec.Port{
		Name: fmt.Sprintf("p%d", port), HostPort: hostPort,
		PodPort: &spec.PodPort{Name: fmt.Sprintf("p%d", port), Protocol: spec.TCP, Port: uint(port)},
	})
	return pod
}
