package network

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/poddir"
)

// ends are the two sides of a pod's links: the host's network namespace, and the
// pod's. Both are talked to on sockets that are made once.
type ends struct {
	host, pod *netlink.Handle
	namespace *os.File
}

func openEnds(namespace string) (*ends, error) {
	file, err := os.Open(namespace)
	if err != nil {
		return nil, fmt.Errorf("the pod's network namespace: %w", err)
	}
	e := &ends{namespace: file}
	if e.host, err = netlink.NewHandle(unix.NETLINK_ROUTE); err == nil {
		e.pod, err = netlink.NewHandleAt(netns.NsHandle(file.Fd()), unix.NETLINK_ROUTE)
	}
	if err != nil {
		e.close()
		return nil, fmt.Errorf("netlink: %w", err)
	}
	return e, nil
}

func (e *ends) close() {
	for _, handle := range []*netlink.Handle{e.host, e.pod} {
		if handle != nil {
			handle.Close()
		}
	}
	e.namespace.Close()
}

// wire is a link to be made: what it is called at each end, and the addresses there.
type wire struct {
	name, inPod string
	slot        int
	own
	closed bool   // the network leads to the host, and nowhere beyond it
	owner  string // who has it, for people who look at the host's links
}

// errTaken says that there is a link of that name: another pod has the address.
var errTaken = errors.New("taken")

// link makes a link between the host and the pod. Where it fails later than making
// it, the link is there, and goes with the pod's namespace.
func (e *ends) link(w wire) (poddir.Interface, error) {
	mtu := w.MTU
	if mtu == 0 {
		mtu = e.uplinkMTU()
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.MTU = w.name, mtu
	if w.closed {
		attrs.Group = closedGroup
	}
	veth := &netlink.Veth{LinkAttrs: attrs, PeerName: w.inPod, PeerNamespace: netlink.NsFd(int(e.namespace.Fd()))}
	if err := e.host.LinkAdd(veth); err != nil {
		if _, here := e.pod.LinkByName(w.inPod); errors.Is(err, unix.EEXIST) && here != nil {
			return poddir.Interface{}, errTaken
		}
		return poddir.Interface{}, noLink(w.name, err)
	}
	if err := crash.Fault("link made"); err != nil {
		return poddir.Interface{}, err
	}
	if err := e.claim6(veth, w); err != nil {
		return poddir.Interface{}, err
	}
	inPod, err := e.pod.LinkByName(w.inPod)
	if err != nil {
		return poddir.Interface{}, fmt.Errorf("link %s in the pod: %w", w.inPod, err)
	}
	if err := e.hostEnd(veth, w); err != nil {
		return poddir.Interface{}, fmt.Errorf("link %s: %w", w.name, err)
	}
	if err := crash.Fault("host's end up"); err != nil {
		return poddir.Interface{}, err
	}
	if err := e.podEnd(inPod, w); err != nil {
		return poddir.Interface{}, fmt.Errorf("link %s in the pod: %w", w.inPod, err)
	}
	return w.told(inPod.Attrs().HardwareAddr), crash.Fault("pod's end up")
}

// claim6 gives a link its second name, which is of its IPv6 address: networks of
// different ranges of IPv4 may share one of IPv6. On errTaken the link is gone.
func (e *ends) claim6(link netlink.Link, w wire) error {
	if !w.Subnet6.IsValid() {
		return nil
	}
	host, _ := pair(w.Subnet6, w.slot)
	err := e.host.LinkAddAltName(link, linkName(host))
	switch {
	case errors.Is(err, unix.EOPNOTSUPP):
		return nil // before Linux 5.5
	case errors.Is(err, unix.EEXIST):
		err = errTaken
		if gone := e.host.LinkDel(link); gone != nil {
			err = gone
		}
	}
	if err != nil && !errors.Is(err, errTaken) {
		return fmt.Errorf("link %s: %w", w.name, err)
	}
	return err
}

// noLink says what the kernel's words mean.
func noLink(name string, err error) error {
	switch {
	case errors.Is(err, unix.EPERM):
		return fmt.Errorf("link %s: podtui may not make links on this host: it takes CAP_NET_ADMIN there", name)
	case errors.Is(err, unix.EOPNOTSUPP):
		return fmt.Errorf("link %s: the kernel has no links of the kind veth (module veth)", name)
	}
	return fmt.Errorf("link %s: %w", name, err)
}

func (e *ends) hostEnd(link netlink.Link, w wire) error {
	if err := e.host.LinkSetAlias(link, w.owner); err != nil {
		return err
	}
	if err := guardLink(w); err != nil { // before anything is taken from the pod
		return err
	}
	if err := e.host.LinkSetUp(link); err != nil {
		return err
	}
	for _, of := range w.ranges() {
		address, _ := pair(of, w.slot)
		if err := addAddress(e.host, link, address); err != nil {
			return err
		}
	}
	return nil
}

func (e *ends) podEnd(link netlink.Link, w wire) error {
	if err := e.prepare6(link, w); err != nil {
		return err
	}
	if err := e.pod.LinkSetUp(link); err != nil {
		return err
	}
	for _, of := range w.ranges() {
		gateway, address := pair(of, w.slot)
		if err := addAddress(e.pod, link, address); err != nil {
			return err
		}
		if !w.DefaultRoute {
			continue
		}
		route := &netlink.Route{LinkIndex: link.Attrs().Index, Dst: everywhere(of), Gw: gateway.Addr().AsSlice(), Flags: int(netlink.FLAG_ONLINK)}
		if err := e.pod.RouteAdd(route); err != nil {
			return fmt.Errorf("default route via %s: %w", gateway.Addr(), err)
		}
	}
	return nil
}

// guardLink has the host's end take nothing from the pod but packets from the pod's
// addresses: no route, and no address of IPv6, which the pod would give it by
// advertising itself as a router. A link without IPv6 has none of it at all.
func guardLink(w wire) error {
	settings := []string{"ipv4/conf/%s/rp_filter=1", "ipv6/conf/%s/disable_ipv6=1"}
	if w.Subnet6.IsValid() {
		settings = []string{"ipv4/conf/%s/rp_filter=1", "ipv6/conf/%s/accept_ra=0", "ipv6/conf/%s/autoconf=0", "ipv6/conf/%s/accept_redirects=0"}
	}
	for _, setting := range settings {
		key, value, _ := strings.Cut(fmt.Sprintf(setting, w.name), "=")
		err := os.WriteFile("/proc/sys/net/"+key, []byte(value), 0)
		if errors.Is(err, os.ErrNotExist) && strings.HasPrefix(key, "ipv6/") {
			continue // the kernel has no IPv6
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// prepare6 leaves the pod's end without IPv6 where it has no address of it: else it
// would get one of its own choice.
func (e *ends) prepare6(link netlink.Link, w wire) error {
	if w.Subnet6.IsValid() {
		return nil
	}
	const none = 1 // IN6_ADDR_GEN_MODE_NONE
	err := e.pod.LinkSetIP6AddrGenMode(link, none)
	if errors.Is(err, unix.EAFNOSUPPORT) || errors.Is(err, unix.EINVAL) {
		return nil // the kernel has no IPv6, or none on this link
	}
	return err
}

func addAddress(h *netlink.Handle, link netlink.Link, p netip.Prefix) error {
	address := &netlink.Addr{IPNet: ipNet(p)}
	if p.Addr().Is6() {
		address.Flags = unix.IFA_F_NODAD // nobody else can have it: a start needn't wait a second
	}
	err := h.AddrAdd(link, address)
	if errors.Is(err, unix.EACCES) && p.Addr().Is6() {
		return fmt.Errorf("address %s: IPv6 is off on the host (net.ipv6.conf.default.disable_ipv6)", p)
	}
	if err != nil {
		return fmt.Errorf("address %s: %w", p, err)
	}
	return nil
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

func everywhere(like netip.Prefix) *net.IPNet {
	if like.Addr().Is4() {
		return ipNet(netip.PrefixFrom(netip.IPv4Unspecified(), 0))
	}
	return ipNet(netip.PrefixFrom(netip.IPv6Unspecified(), 0))
}

// uplinkMTU is what the host's way out can carry; 0: as the kernel has it for links.
// A larger one would have the pod's packets cut, or lost.
func (e *ends) uplinkMTU() int {
	routes, err := e.host.RouteGet(beyond)
	if err != nil || len(routes) == 0 {
		return 0
	}
	if routes[0].MTU > 0 {
		return routes[0].MTU
	}
	link, err := e.host.LinkByIndex(routes[0].LinkIndex)
	if err != nil || link.Attrs().Flags&net.FlagLoopback != 0 {
		return 0
	}
	return min(link.Attrs().MTU, mostMTU)
}

// told is the pod's end as its status has it.
func (w wire) told(mac net.HardwareAddr) poddir.Interface {
	i := poddir.Interface{Name: w.inPod, Host: w.name, MAC: mac.String()}
	for _, of := range w.ranges() {
		host, pod := pair(of, w.slot)
		i.Addresses = append(i.Addresses, pod.String())
		if !w.DefaultRoute {
			i.Gateways = append(i.Gateways, "")
			continue
		}
		i.Gateways = append(i.Gateways, host.Addr().String())
		i.Routes = append(i.Routes, "default via "+host.Addr().String())
	}
	return i
}

// ownerOf is the alias of a pod's link: which pod has it, and of which data folder.
func ownerOf(dir *poddir.Dir) string {
	alias := fmt.Sprintf("%s%s of %s", linkOwner, dir.UUID, filepath.Dir(filepath.Dir(dir.Path)))
	return alias[:min(len(alias), maxAlias)]
}

const (
	linkOwner = "podtui pod "
	maxAlias  = 255
)

// isOurs tells whether a link is the host's end of one of podtui's.
func isOurs(link *netlink.LinkAttrs) bool {
	return strings.HasPrefix(link.Name, linkPrefix) && strings.HasPrefix(link.Alias, linkOwner)
}
