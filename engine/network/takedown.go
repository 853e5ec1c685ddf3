package network

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/poddir"
)

// TakeDown takes away what SetUp has made, or has begun to make, for a pod whose
// processes are gone or going: rules, leases, what CNI's plugins keep. It is the same
// after a good end, a failure and a crash, and does nothing for a pod that has no
// network of its own. The pod's lock is held. What it could not take away it says, and
// tries again when it is called again.
func TakeDown(ctx context.Context, dir *poddir.Dir) error { return takeDown(ctx, dir, removeLink) }

// End is TakeDown for whoever takes the pod's namespace away at this moment. It doesn't
// wait for links, which go with that: to ask for one takes the kernel until the last is
// gone. Until then their names keep others from the addresses.
func End(ctx context.Context, dir *poddir.Dir) error {
	return takeDown(ctx, dir, func(string, string) error { return nil })
}

func takeDown(ctx context.Context, dir *poddir.Dir, remove func(link, owner string) error) error {
	m, there, err := readMarker(dir)
	if err != nil || !there {
		return err
	}
	errs := []error{dir.WithdrawHostName()} // before its addresses are another's
	if len(m.Ports) > 0 && publisher(m.Networks) == "" || m.unknown {
		errs = append(errs, unpublish(ctx, dir.UUID), crash.Fault("ports taken back"))
	}
	for i, network := range slices.Backward(m.Networks) {
		o, is, err := ownOf(network)
		switch {
		case err != nil: // then it was not made
		case is:
			errs = append(errs, disconnect(dir, o, remove))
		default:
			errs = append(errs, takeDownCNI(ctx, dir, network, interfaceName(i), m))
		}
	}
	errs = append(errs, crash.Fault("network taken down"))
	if err := inOneLine(errs...); err != nil {
		return err
	}
	return removeMarker(dir)
}

// disconnect removes a pod's link and ends the lease of its address.
func disconnect(dir *poddir.Dir, o own, remove func(link, owner string) error) error {
	slot, leased, err := dir.Address(o.leases())
	if err != nil || !leased {
		return err
	}
	host, _ := pair(o.Subnet, slot)
	if err := remove(linkName(host), ownerOf(dir)); err != nil {
		return err
	}
	if err := crash.Fault("link gone"); err != nil {
		return err
	}
	return dir.ReleaseAddress(o.leases())
}

// removeLink removes a link that is its owner's, if it has to: it goes with the pod's
// namespace, and to remove it takes 30 ms. But that may still be there: somebody holds
// it who is no process of the pod, or a connection that the kernel has yet to end.
func removeLink(name, owner string) error {
	h, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("netlink: %w", err)
	}
	defer h.Close()
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		link, err := h.LinkByName(name)
		switch {
		case notThere(err):
			return nil
		case err != nil:
			return fmt.Errorf("link %s: %w", name, err)
		case link.Attrs().Alias != owner || isGoing(link.Attrs()):
			return nil
		case time.Since(began) < goingSoon:
			continue
		}
		if err := h.LinkDel(link); err != nil && !errors.Is(err, unix.ENODEV) {
			return fmt.Errorf("link %s: %w", name, err)
		}
		return nil
	}
}

// goingSoon is within what time the kernel begins to take a namespace away in which
// nobody is any more.
const goingSoon = 50 * time.Millisecond

func notThere(err error) bool {
	var none netlink.LinkNotFoundError
	return errors.As(err, &none)
}

// isGoing tells whether the namespace of a link's other end is: then the kernel no
// longer has a number for it.
func isGoing(link *netlink.LinkAttrs) bool { return int32(link.NetNsID) == -1 }
