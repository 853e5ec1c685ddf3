package network

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/poddir"
)

// goingTime is how long a pod waits for addresses whose links are about to vanish,
// when it finds no others.
const goingTime = 2 * time.Second

// connect gives the pod an address of a network and the link that has it. A lease is
// for one data folder; that nobody else on this host has the address is certain once
// the link is made.
func (e *ends) connect(ctx context.Context, dir *poddir.Dir, network poddir.Network, o own, inPod string) (poddir.Interface, error) {
	if err := o.checkRoutes(e.host, network); err != nil {
		return poddir.Interface{}, err
	}
	for began := time.Now(); ; {
		for range o.slots() {
			i, err := e.lease(dir, network, o, inPod)
			if !errors.Is(err, errTaken) {
				return i, err
			}
			if err := dir.ReleaseAddress(o.leases()); err != nil {
				return i, err
			}
			if err := ctx.Err(); err != nil {
				return i, err
			}
		}
		if time.Since(began) > goingTime {
			return poddir.Interface{}, fmt.Errorf("network %q: all %d pairs of addresses of %s that are free in this data folder are in use on the host, on links that are called %s…", network.Name, o.slots(), o.Subnet, linkPrefix)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (e *ends) lease(dir *poddir.Dir, network poddir.Network, o own, inPod string) (poddir.Interface, error) {
	slot, err := dir.LeaseAddress(o.leases(), o.slots())
	var full *poddir.AddressesTakenError
	if errors.As(err, &full) {
		full.Network = network.Name
	}
	if err == nil {
		err = crash.Fault("address leased")
	}
	if err != nil {
		return poddir.Interface{}, err
	}
	host, _ := pair(o.Subnet, slot)
	i, err := e.link(wire{name: linkName(host), inPod: inPod, slot: slot, own: o, owner: ownerOf(dir)})
	i.Network, i.File = network.Name, network.File
	return i, err
}
