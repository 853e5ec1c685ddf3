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
	"strings"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// Known are the networks that a pod can have on this host (Look).
type Known struct {
	List     []poddir.Network // podtui's own, and those that are configured, by name
	Warnings []string         // files that are broken, one line each
	broken   map[string]error // by the name of the network that a broken file defines
}

// UnknownError says that a pod asks for networks that there are not.
type UnknownError struct {
	Name string
	Here []string // the names that there are
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("there is no network %q; there are %s", e.Name, strings.Join(e.Here, ", "))
}

// Setup is a pod's network while the pod has it. The sockets that hold its published
// ports are in there: it lives as long as the pod's supervisor.
type Setup struct {
	Interfaces []poddir.Interface
	DNS        spec.DNS // what the networks say of name servers; zero: nothing
	Warnings   []string // of the host's firewall, and the like; one line each

	held []func()
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

// TakeDown takes away what SetUp has made, or has begun to make, for a pod whose
// processes are gone or going: rules, leases, what CNI's plugins keep. It is the same
// after a good end, a failure and a crash, and does nothing for a pod that has no
// network of its own. The pod's lock is held.
func TakeDown(ctx context.Context, dir *poddir.Dir) error { return nil }
