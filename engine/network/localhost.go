package network

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/vishvananda/netlink"

	"github.com/podtui/podtui/engine/spec"
)

// openLocalhost has the host route 127.0.0.0/8 out of the link that leads to the pod,
// so that the host reaches the ports by 127.0.0.1. What comes in by that link with such
// an address portMaps.loopbackGuard drops. The setting is the link's, and goes with it.
func openLocalhost(ports []spec.Published, to targets) error {
	t, has := to.like(netip.IPv4Unspecified())
	if !has || !onLocalhost(ports) {
		return nil
	}
	index := linkTo(t.Addr())
	if index == 0 { // and not by whatever else leads everywhere: the setting would stay there
		return fmt.Errorf("the host has no link to %s, the pod's address", t.Addr())
	}
	link, err := netlink.LinkByIndex(index)
	if err != nil {
		return fmt.Errorf("the link that leads to the pod: %w", err)
	}
	setting := filepath.Join("/proc/sys/net/ipv4/conf", link.Attrs().Name, "route_localnet")
	if err := os.WriteFile(setting, []byte("1"), 0); err != nil {
		return fmt.Errorf("127.0.0.1 would not lead to the pod: %w", err)
	}
	return nil
}

// onLocalhost tells whether some of the ports are published on 127.0.0.1.
func onLocalhost(ports []spec.Published) bool {
	for _, port := range ports {
		if address, err := netip.ParseAddr(port.HostIP); err != nil || address.IsUnspecified() || address.IsLoopback() {
			return true
		}
	}
	return false
}
