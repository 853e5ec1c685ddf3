package network

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// published are the ports of a pod while they lead to it.
type published struct {
	held       held
	forgetting sync.WaitGroup
}

// Close lets go of the ports: others can have them from then on. It comes after
// unpublish, or for a moment the port of the next would lead to this pod.
func (p *published) Close() {
	p.forgetting.Wait()
	p.held.release()
	p.held = nil
}

// publish holds the pod's ports on the host and leads them to the pod: to the first
// address of each family that it has, those with a default route before others;
// interfaces are in the order of its networks. Where it fails nothing is held, and
// what leads to the pod already unpublish removes.
//
// Who holds a port's socket decides about where it leads: what a pod has left behind
// that no longer holds it is replaced.
func publish(ctx context.Context, p Pod, interfaces []poddir.Interface) (_ *published, err error) {
	if len(p.Ports) == 0 {
		return unclaimed(ctx, p, interfaces)
	}
	targets, err := targetsOf(interfaces)
	if err != nil {
		return nil, err
	}
	sockets, err := holdAll(p.Ports, targets.wildcards(), func(port spec.Published, address netip.Addr) string {
		return holderOf(port.Protocol, address, port.HostPort)
	})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			sockets.release()
		}
	}()
	if err := crash.Fault("ports held"); err != nil {
		return nil, err
	}
	if publisher(p.Networks) != "" {
		if err := guardLoopback(ctx); err != nil {
			return nil, err
		}
		done, err := unclaimed(ctx, p, interfaces)
		if err != nil {
			return nil, err
		}
		done.held = sockets
		return done, nil
	}
	maps, err := openPortMaps(ctx)
	if err != nil {
		return nil, err
	}
	defer maps.close()
	wanted, err := maps.wanted(p.Dir.UUID, p.Ports, targets)
	if err != nil {
		return nil, err
	}
	// Nothing is let in by 127.0.0.1 before the rule is there that keeps others out.
	if err := maps.ensure(ctx); err != nil {
		return nil, err
	}
	if err := openLocalhost(p.Ports, targets); err != nil {
		return nil, err
	}
	if err := maps.put(ctx, p.Dir.UUID, targets.addresses(), wanted); err != nil {
		return nil, err
	}
	// Nobody waits for clients to be forgotten that were here before the pod.
	done := &published{held: sockets}
	if forget := toPorts(p.Ports, targets); forget != nil {
		done.forgetting.Go(forgetting(targets.addresses(), forget))
	}
	return done, nil
}

// unclaimed is for a pod without ports, or whose plugins publish them: none leads to it
// that another has had with its address, and none away from it to pods that are gone.
func unclaimed(ctx context.Context, p Pod, interfaces []poddir.Interface) (*published, error) {
	done := &published{}
	targets, err := targetsOf(interfaces)
	if err != nil {
		return done, nil //nolint:nilerr // no port leads to a pod without an address
	}
	forget, err := sweepPorts(ctx, p.Dir.UUID, targets.addresses())
	if forget != nil {
		done.forgetting.Go(forget)
	}
	return done, err
}

// unpublish takes away where ports lead to a pod, as this process has published it or
// one that is gone: all that is needed is in the kernel. It lays no rules: it has to
// take, not to give, and those that are there may be a newer podtui's.
func unpublish(ctx context.Context, uuid string) error {
	maps, err := openPortMaps(ctx)
	if err != nil {
		return err
	}
	defer maps.close()
	gone, err := maps.drop(ctx, uuid)
	if err != nil {
		return err
	}
	if pods := podsByUDP(gone); len(pods) > 0 {
		forgetting(pods, toPods(pods))()
	}
	return nil
}

// put adds a pod's elements. Other pods' go that are in their place, left over from pods
// that can't have held the port any more, and those of pods that are gone.
func (m *portMaps) put(ctx context.Context, uuid string, addresses []netip.Addr, wanted []element) error {
	return retry(ctx, func() error {
		found, err := m.elements()
		if err != nil {
			return err
		}
		keys := map[string]bool{}
		for _, e := range wanted {
			keys[e.key()] = true
		}
		others := stale(found, uuid, addresses)
		for _, e := range others {
			delete(keys, e.key()) // once is enough
		}
		for _, e := range found {
			if keys[e.key()] {
				others = append(others, e)
			}
		}
		return m.change(others, wanted)
	})
}

// drop removes all elements of a pod, and returns them.
func (m *portMaps) drop(ctx context.Context, uuid string) (gone []element, err error) {
	err = retry(ctx, func() error {
		for {
			found, err := m.elements()
			if err != nil {
				return err
			}
			var own []element
			for _, e := range found {
				if e.Comment == uuid {
					own = append(own, e)
				}
			}
			// Nothing is gone before a list says so.
			if len(own) == 0 {
				return nil
			}
			if err := m.change(own, nil); err != nil {
				return err
			}
			gone = append(gone, own...)
		}
	})
	return gone, err
}

// ensure has the rules there.
func (m *portMaps) ensure(ctx context.Context) error {
	return retry(ctx, func() error {
		if there, err := m.there(); there || err != nil {
			return err
		}
		return m.lay()
	})
}

// exists tells whether there is a table of ours at all.
func (m *portMaps) exists() (bool, error) {
	tables, err := m.conn.ListTablesOfFamily(m.table.Family)
	if err != nil {
		return false, fmt.Errorf("nf_tables: %w", err)
	}
	for _, table := range tables {
		if table.Name == m.table.Name {
			return true, nil
		}
	}
	return false, nil
}

// retry does again what others came between.
func retry(ctx context.Context, do func() error) error {
	const tries = 20
	for try := 1; ; try++ {
		err := do()
		if err == nil || try == tries || !again(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(try) * time.Millisecond):
		}
	}
}
