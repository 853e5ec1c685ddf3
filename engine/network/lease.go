package network

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
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
func (e *ends) connect(ctx context.Context, dir *poddir.Dir, network poddir.Network, w wire) (poddir.Interface, error) {
	if err := w.checkRoutes(e.host, network); err != nil {
		return poddir.Interface{}, err
	}
	for began := time.Now(); ; {
		for range w.slots() {
			i, err := e.lease(ctx, dir, network, w)
			if !errors.Is(err, errTaken) {
				return i, err
			}
			if err := dir.ReleaseAddress(w.leases()); err != nil {
				return i, err
			}
			if err := ctx.Err(); err != nil {
				return i, err
			}
		}
		if time.Since(began) > goingTime {
			return poddir.Interface{}, fmt.Errorf("network %q: no pair of addresses of %s could be had within %s: those that are free in this data folder others on the host have, or take first, for links that are called %s…", network.Name, w.Subnet, goingTime, linkPrefix)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (e *ends) lease(ctx context.Context, dir *poddir.Dir, network poddir.Network, w wire) (poddir.Interface, error) {
	slot, err := dir.LeaseAddress(w.leases(), w.slots())
	var full *poddir.AddressesTakenError
	if errors.As(err, &full) {
		if taken, _ := takeDownLost(ctx, filepath.Dir(dir.Path), full.Pods); taken > 0 { // what else there is, gc tells
			slot, err = dir.LeaseAddress(w.leases(), w.slots())
		}
	}
	if errors.As(err, &full) {
		full.Network = network.Name
	}
	if err == nil {
		err = crash.Fault("address leased")
	}
	if err != nil {
		return poddir.Interface{}, err
	}
	host, _ := pair(w.Subnet, slot)
	w.name, w.slot, w.owner = linkName(host), slot, ownerOf(dir)
	i, err := e.link(w)
	i.Network, i.File = network.Name, network.File
	return i, err
}
