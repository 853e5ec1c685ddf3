package network

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"reflect"
	"strings"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// ownType is the plugin type of podtui's own networks, which no plugin is called for.
const ownType = "podtui"

// own is a network that podtui makes by itself: a link between the pod and the host
// alone, with an address at each end, out of a range.
type own struct {
	Subnet       netip.Prefix // IPv4
	Subnet6      netip.Prefix // the zero Prefix: no IPv6
	Masquerade   bool         // as the host, whatever leaves the range
	DefaultRoute bool
	MTU          int // 0: that of the host's own way out
	DNS          spec.DNS
}

// ownConfig is how own is written in a file of net.d. What is left out of the
// switches is as it is for the network "default".
type ownConfig struct {
	CNIVersion   string  `json:"cniVersion,omitempty"`
	Name         string  `json:"name,omitempty"`
	Type         string  `json:"type"`
	Subnet       string  `json:"subnet"`
	Subnet6      string  `json:"subnet6,omitempty"`
	IPMasq       *bool   `json:"ipMasq,omitempty"`
	DefaultRoute *bool   `json:"defaultRoute,omitempty"`
	MTU          int     `json:"mtu,omitempty"`
	DNS          *cniDNS `json:"dns,omitempty"`
}

// cniDNS is what CNI's configuration and results say of name servers.
type cniDNS struct {
	Nameservers []string `json:"nameservers,omitempty"`
	Domain      string   `json:"domain,omitempty"`
	Search      []string `json:"search,omitempty"`
	Options     []string `json:"options,omitempty"`
}

func (d cniDNS) spec() spec.DNS {
	dns := spec.DNS{Servers: d.Nameservers, Search: d.Search, Options: d.Options}
	if len(dns.Search) == 0 && d.Domain != "" {
		dns.Search = []string{d.Domain}
	}
	return dns
}

// wrong finds what would be of no use in a pod's /etc/resolv.conf.
func (d cniDNS) wrong() error {
	for _, server := range d.Nameservers {
		if !spec.IsAddress(server) {
			return fmt.Errorf("dns: nameserver %q is not an IP address; write one such as 192.0.2.53", server)
		}
	}
	domains := d.Search
	if d.Domain != "" {
		domains = append([]string{d.Domain}, domains...)
	}
	for _, domain := range domains {
		if !spec.IsSearchDomain(domain) {
			return fmt.Errorf("dns: %q is not a domain; write one such as example.com", domain)
		}
	}
	for _, option := range d.Options {
		if !spec.IsResolverOption(option) {
			return fmt.Errorf("dns: %q is not an option of resolv.conf(5); write one such as ndots:2", option)
		}
	}
	return nil
}

// podtui's own networks, where no file says otherwise.
const (
	defaultName    = "default"
	restrictedName = "default-restricted" // reaches the host, and nothing beyond it
	default6Name   = "default6"
)

func builtIn() []poddir.Network {
	off := false
	return []poddir.Network{
		ownConfig{Subnet: "172.16.28.0/24"}.network(defaultName),
		ownConfig{Subnet: "172.16.29.0/24", IPMasq: &off, DefaultRoute: &off}.network(restrictedName),
		ownConfig{Subnet: "172.16.28.0/24", Subnet6: "fd70:6f64:7475:6900::/120"}.network(default6Name),
	}
}

// network is the configuration as a list of plugins, of which it is the only one.
func (c ownConfig) network(name string) poddir.Network {
	c.CNIVersion, c.Name, c.Type = "", "", ownType
	list, err := json.Marshal(map[string]any{"cniVersion": "1.0.0", "name": name, "plugins": []ownConfig{c}})
	if err != nil {
		panic(err) // it is strings, numbers and switches
	}
	return poddir.Network{Name: name, Config: list}
}

// ownOf reads a network of podtui's own; it is none if its plugins are others.
func ownOf(n poddir.Network) (o own, is bool, err error) {
	var list struct {
		Plugins []json.RawMessage `json:"plugins"`
	}
	var plugin struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(n.Config, &list); err != nil {
		return own{}, false, fmt.Errorf("network %q: %w", n.Name, err)
	}
	if len(list.Plugins) == 1 {
		err = json.Unmarshal(list.Plugins[0], &plugin)
	}
	if err != nil || plugin.Type != ownType {
		return own{}, false, err
	}
	config, err := parseOwn(list.Plugins[0])
	if err == nil {
		o, err = config.own()
	}
	if err != nil {
		err = fmt.Errorf("network %q: %w", n.Name, err)
	}
	return o, true, err
}

// parseOwn takes no word that it doesn't know: a misspelt one would be a network that
// is not as its file says.
func parseOwn(config []byte) (ownConfig, error) {
	var c ownConfig
	err := spec.Decode(config, &c)
	if err == nil {
		return c, nil
	}
	if _, field, unknown := strings.Cut(err.Error(), "unknown field "); unknown {
		err = fmt.Errorf("it says %s, which a network of the type podtui hasn't; it has %s, and in dns %s", field,
			strings.Join(words[ownConfig](), ", "), strings.Join(words[cniDNS](), ", "))
	}
	return c, err
}

// words are what an object can say.
func words[T any]() (all []string) {
	for field := range reflect.TypeFor[T]().Fields() {
		word, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		all = append(all, word)
	}
	return all
}

func (c ownConfig) own() (own, error) {
	o := own{MTU: c.MTU, Masquerade: c.IPMasq == nil || *c.IPMasq, DefaultRoute: c.DefaultRoute == nil || *c.DefaultRoute}
	var err error
	if o.Subnet, err = subnet("subnet", c.Subnet, netip.Addr.Is4, "a range of IPv4 such as 172.16.28.0/24"); err != nil {
		return own{}, err
	}
	if c.Subnet6 != "" {
		o.Subnet6, err = subnet("subnet6", c.Subnet6, netip.Addr.Is6, "a range of IPv6 such as fd70:6f64:7475:6900::/120")
	}
	if err == nil && c.MTU != 0 && (c.MTU < leastMTU || c.MTU > mostMTU) {
		err = fmt.Errorf("mtu %d: write a number from %d to %d", c.MTU, leastMTU, mostMTU)
	}
	if c.DNS != nil {
		o.DNS = c.DNS.spec()
	}
	return o, err
}

// What a link can carry: IPv6 asks for the least of it.
const (
	leastMTU = 1280
	mostMTU  = 65535
)

// subnet reads a range that has room for a pod, and of addresses that hosts can have.
func subnet(key, value string, family func(netip.Addr) bool, wanted string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(value)
	first := p.Masked().Addr()
	switch {
	case err != nil || !family(p.Addr()) || p.Addr().Is4In6():
		return netip.Prefix{}, fmt.Errorf("%s %q: write %s", key, value, wanted)
	case first.IsLoopback() || first.IsMulticast() || first.IsLinkLocalUnicast() || first.IsUnspecified() || first.Is4() && first.As4()[0] >= 240:
		return netip.Prefix{}, fmt.Errorf("%s %q: no host can have these addresses; write %s", key, value, wanted)
	case p.Bits() == p.Addr().BitLen():
		return netip.Prefix{}, fmt.Errorf("%s %q: a pod takes two addresses; write %s", key, value, wanted)
	}
	return p.Masked(), nil
}

// overlap finds ranges of two networks that have addresses in common.
func (o own) overlap(other own) (a, b netip.Prefix, do bool) {
	for _, a := range o.ranges() {
		for _, b := range other.ranges() {
			if a.Overlaps(b) {
				return a, b, true
			}
		}
	}
	return a, b, false
}

// ranges are those of each family.
func (o own) ranges() []netip.Prefix {
	if !o.Subnet6.IsValid() {
		return []netip.Prefix{o.Subnet}
	}
	return []netip.Prefix{o.Subnet, o.Subnet6}
}

// slots is how many pods can be in the network: each has two addresses of each range.
func (o own) slots() int {
	slots := pairs(o.Subnet)
	if o.Subnet6.IsValid() {
		slots = min(slots, pairs(o.Subnet6))
	}
	return slots
}

// mostSlots bounds what is searched for a free one.
const mostSlots = 1 << 16

func pairs(p netip.Prefix) int {
	bits := p.Addr().BitLen() - p.Bits() - 1
	if bits >= 16 {
		return mostSlots
	}
	return 1 << bits
}

// leases is what the network's leases are called in the data folder. It is of the
// range: networks of one range share it, whatever they are called.
func (o own) leases() string { return strings.ReplaceAll(o.Subnet.String(), "/", "-") }

// pair are the addresses of a slot: the even one of the host, the odd one of the pod.
func pair(of netip.Prefix, slot int) (host, pod netip.Prefix) {
	a := of.Addr().AsSlice()
	for i, more := len(a)-1, 2*slot; more > 0; i-- { // no carry goes beyond the range
		more += int(a[i])
		a[i] = byte(more)
		more >>= 8
	}
	even, _ := netip.AddrFromSlice(a)
	return netip.PrefixFrom(even, even.BitLen()-1), netip.PrefixFrom(even.Next(), even.BitLen()-1)
}

// linkPrefix is how the host's ends of all links are called that podtui makes.
const linkPrefix = "pt-"

// linkName is that of the host's end of the link with this address there; with one of
// IPv6 it is its second name, a longer one. Two pods can't have one address on one host,
// whatever data folders they are in: the kernel has no second link of a name.
func linkName(host netip.Prefix) string { return fmt.Sprintf(linkPrefix+"%x", host.Addr().AsSlice()) }
