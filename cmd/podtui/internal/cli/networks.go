package cli

import (
	"net/netip"
	"strings"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// network tells of the pod's networks: rkt's line, and one for each link, address,
// route and published port.
func (s *statusLines) network(pod poddir.Status) {
	s.add("networks", strings.Join(pod.Networks, ","))
	for _, i := range pod.Interfaces {
		s.add("interface-"+i.Name, i.Network)
		s.add("link-"+i.Name, i.Host)
		for _, address := range i.Addresses {
			s.add("address-"+i.Name, address)
		}
		for _, route := range i.Routes {
			s.add("route-"+i.Name, route)
		}
	}
	for _, port := range pod.Ports {
		s.add("port-"+port.Name, portWords(port))
	}
}

// ports are those that a pod has published, as "list --full" shows them.
func ports(pod poddir.Status) string {
	words := make([]string, len(pod.Ports))
	for i, port := range pod.Ports {
		words[i] = portWords(port)
	}
	return strings.Join(words, ", ")
}

// networkJSON is a network of a pod: rkt's fields first, by rkt's names. Before and
// after a pod runs there is nothing to tell of it but its name.
type networkJSON struct {
	NetName    string  `json:"netName"`
	NetConf    *string `json:"netConf"`
	PluginPath *string `json:"pluginPath"`
	IfName     *string `json:"ifName"`
	IP         *string `json:"ip"`
	Args       string  `json:"args"`
	Mask       *string `json:"mask"`

	Link      *string  `json:"link"`
	MAC       *string  `json:"mac"`
	Addresses []string `json:"addresses"`
	Gateways  []string `json:"gateways"`
	Routes    []string `json:"routes"`
}

func newNetworksJSON(pod poddir.Status) []networkJSON {
	list := []networkJSON{}
	for _, i := range pod.Interfaces {
		ip, mask := ip4(i.Addresses)
		list = append(list, networkJSON{
			NetName: i.Network, NetConf: known(i.File), PluginPath: known(i.Plugin), IfName: known(i.Name), IP: known(ip), Args: i.Args, Mask: known(mask),
			Link: known(i.Host), MAC: known(i.MAC),
			Addresses: append([]string{}, i.Addresses...), Gateways: append([]string{}, i.Gateways...), Routes: append([]string{}, i.Routes...),
		})
	}
	if len(list) > 0 {
		return list
	}
	for _, described := range pod.Networks {
		name, _, _ := strings.Cut(described, ":")
		list = append(list, networkJSON{NetName: name, Addresses: []string{}, Gateways: []string{}, Routes: []string{}})
	}
	return list
}

// ip4 is the first IPv4 address of some, which is the only one that rkt could tell of,
// and its mask.
func ip4(addresses []string) (ip, mask string) {
	for _, address := range addresses {
		prefix, err := netip.ParsePrefix(address)
		if err == nil && prefix.Addr().Is4() {
			ones := netip.PrefixFrom(netip.AddrFrom4([4]byte{255, 255, 255, 255}), prefix.Bits())
			return prefix.Addr().String(), ones.Masked().Addr().String()
		}
	}
	return "", ""
}

// portJSON is a port that a pod has published.
type portJSON struct {
	Name     string  `json:"name"`
	App      *string `json:"app"`
	Protocol string  `json:"protocol"`
	HostIP   *string `json:"hostIP"`
	HostPort int     `json:"hostPort"`
	Port     int     `json:"port"`
	Count    int     `json:"count"`
}

func newPortsJSON(published []spec.Published) []portJSON {
	list := make([]portJSON, len(published))
	for i, p := range published {
		list[i] = portJSON{
			Name: p.Name, App: known(p.App), Protocol: p.Protocol,
			HostIP: known(p.HostIP), HostPort: p.HostPort, Port: p.Port, Count: p.Count,
		}
	}
	return list
}
