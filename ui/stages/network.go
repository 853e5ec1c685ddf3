package stages

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// PortWords tells of a published port: "8080 → http 80/tcp".
func PortWords(p spec.Published) string {
	return OnHost(p) + " → " + p.Name + " " + PortRange(p.Port, p.Count) + "/" + p.Protocol
}

// OnHost is the host's side of a published port: "8080", "127.0.0.1:7000–7009".
func OnHost(p spec.Published) string {
	return strings.TrimPrefix(hostPort(p.HostIP, PortRange(p.HostPort, p.Count)), ":")
}

// PortRange is count ports from one on.
func PortRange(first, count int) string {
	if count <= 1 {
		return strconv.Itoa(first)
	}
	return strconv.Itoa(first) + "–" + strconv.Itoa(first+count-1)
}

func hostPort(host, port string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + port
}

// PodPorts is a pod's published ports where there is little room: "8080 → 80, 2379",
// and with the host's address where it is not any: "127.0.0.1:8080 → 80".
func PodPorts(p poddir.Status) string {
	words := make([]string, len(p.Ports))
	for i, port := range p.Ports {
		words[i] = OnHost(port)
		if port.HostPort != port.Port {
			words[i] += " → " + PortRange(port.Port, port.Count)
		}
	}
	return strings.Join(words, ", ")
}

// PodAddresses are those of a pod, without their prefixes.
func PodAddresses(p poddir.Status) []string {
	var all []string
	for _, i := range p.Interfaces {
		for _, address := range i.Addresses {
			if prefix, err := netip.ParsePrefix(address); err == nil {
				address = prefix.Addr().String()
			}
			all = append(all, address)
		}
	}
	return all
}

// PortURL is where a published port can be looked at, "" if it is none of TCP. The
// host is how whoever looks reaches this one.
func PortURL(p spec.Published, host string) string {
	if p.Protocol != spec.TCP {
		return ""
	}
	if ip, err := netip.ParseAddr(p.HostIP); err == nil && !ip.IsUnspecified() {
		host = ip.String()
	}
	scheme := "http://"
	if strings.Contains(p.Name, "https") || p.Port == 443 || p.Port == 8443 {
		scheme = "https://"
	}
	return scheme + hostPort(host, strconv.Itoa(p.HostPort))
}
