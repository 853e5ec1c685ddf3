// Package network gives a pod the networks of its own: podtui's veth pair with an
// IPv4 /31 and masquerading, CNI's plugins for others, and ports published on the
// host. What it makes it also takes away, by the same code after a crash as after a
// good end (TakeDown): all it needs for that is in the pod's folder, the leases of the
// data folder, and the kernel.
//
// It works in the network namespace of its caller, which is the host as it sees it. It
// knows nothing of images, apps or processes: it is handed a network namespace. Links,
// addresses and routes are made by vishvananda/netlink, rules by google/nftables,
// others' networks by CNI's libcni.
package network

import (
	"context"
	"fmt"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// Setup is a pod's network while the pod has it. The sockets that hold its published
// ports are in there: it lives as long as the pod's supervisor.
type Setup struct {
	Interfaces []poddir.Interface
	DNS        spec.DNS // what the networks say of name servers; zero: nothing
	Warnings   []string // of the host's firewall, and the like; one line each

	held []func()
}

// Close lets go of the ports that are held for the pod.
func (s *Setup) Close() {
	for _, let := range s.held {
		let()
	}
	s.held = nil
}

// Pod is what a network is set up for.
type Pod struct {
	Dir       *poddir.Dir
	Namespace string // the path of its network namespace, in which a loopback is up
	Networks  []poddir.Network
	Ports     []spec.Published
	Say       func(message string) // of steps that change the host, such as ip_forward
}

// SetUp makes everything that the pod's networks are. On an error nothing of it is
// left but what TakeDown removes, which is to be called in any case.
func SetUp(ctx context.Context, p Pod) (*Setup, error) {
	if len(p.Networks) == 0 {
		return &Setup{}, nil
	}
	return nil, fmt.Errorf("network %q: private networks are not there yet", p.Networks[0].Name)
}
