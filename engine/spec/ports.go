package spec

import (
	"net/netip"
	"strconv"
	"strings"
)

// Protocols of ports.
const (
	TCP = "tcp"
	UDP = "udp"
)

// Port publishes a port of an image on the host: --port=NAME:[HOSTIP:]HOSTPORT. What
// protocol it is, and how many ports it stands for, its image says.
type Port struct {
	Name     string `json:"name"`             // of the port in an image's manifest
	HostIP   string `json:"hostIP,omitempty"` // "": every address of the host
	HostPort int    `json:"hostPort"`         // the first, of a range

	// PodPort stands in place of the images' port of that name (pods.md, "podPort"):
	// of a pod manifest alone.
	PodPort *PodPort `json:"podPort,omitempty"`
}

// PodPort is a port that apps listen on, as appc says it (aci.md, "ports").
type PodPort struct {
	Name            string `json:"name"`
	Protocol        string `json:"protocol"` // any word; TCP and UDP can be published
	Port            uint   `json:"port"`
	Count           uint   `json:"count,omitempty"` // how many, from Port on; 0: one
	SocketActivated bool   `json:"socketActivated,omitempty"`
}

// Published is a Port as the pod has it. Of a range, port N of the host leads to port
// N of the pod, Count of them.
type Published struct {
	Name     string `json:"name"`
	App      string `json:"app"`              // the first whose image has it; "": a pod manifest's own
	Protocol string `json:"protocol"`         // TCP or UDP
	HostIP   string `json:"hostIP,omitempty"` // "": every address of the host; 0.0.0.0 or ::, every one of its kind
	HostPort int    `json:"hostPort"`
	Port     int    `json:"port"` // in the pod
	Count    int    `json:"count"`
}

const (
	maxPort  = 1<<16 - 1
	maxPorts = 1024 // that a pod publishes, ranges as one
	maxRange = 1000 // ports that one of them stands for: an image says how many, not who runs it
)

const portFlag = "--port="

const portForm = "write --port=NAME:[HOSTIP:]HOSTPORT"

// addPort reads NAME:[HOSTIP:]HOSTPORT. An address with colons is in brackets, as in
// a URL.
func addPort(p *parser, value string) error {
	port, err := ParsePort(value)
	if err == nil {
		p.pod.Ports = append(p.pod.Ports, port)
	}
	return err
}

// ParsePort reads what --port takes. Check tells more of what can be wrong with it.
// The error is a *UsageError.
func ParsePort(s string) (Port, error) {
	name, host, ok := strings.Cut(s, ":")
	switch {
	case s == "":
		return Port{}, usage("--port: an empty value; %s", portForm)
	case ok && name != "" && host == "":
		return Port{}, usage("--port=%s has no port of the host; %s", show(s), portForm)
	case !ok || name == "":
		return Port{}, usage("--port=%s: %s, with the name that the image gives the port", show(s), portForm)
	}
	ip, number, err := cutHostIP(s, host)
	if err != nil {
		return Port{}, err
	}
	port, err := strconv.ParseUint(number, 10, 31)
	if err != nil {
		return Port{}, usage("--port=%s: %s is not a port; write a number from 1 to %d", show(s), show(number), maxPort)
	}
	return Port{Name: name, HostIP: ip, HostPort: int(port)}, nil
}

func cutHostIP(whole, host string) (ip, number string, err error) {
	inside, bracket := strings.CutPrefix(host, "[")
	if bracket {
		ip, number, _ = strings.Cut(inside, "]")
		number, bracket = strings.CutPrefix(number, ":")
		if !bracket || ip == "" {
			return "", "", usage("--port=%s: an address in brackets ends with ]:HOSTPORT; %s", show(whole), portForm)
		}
		return ip, number, nil
	}
	ip, number, given := strings.Cut(host, ":")
	switch {
	case !given:
		return "", host, nil
	case strings.Contains(number, ":"):
		return "", "", usage("--port=%s: an address with colons is written in brackets, such as [::1]; %s", show(whole), portForm)
	case ip == "":
		return "", "", usage("--port=%s: an empty address; %s", show(whole), portForm)
	}
	return ip, number, nil
}

// flag is the port as --port takes it.
func (p Port) flag() string {
	ip := p.HostIP
	switch {
	case ip == "":
	case strings.Contains(ip, ":") || ip[0] == '[':
		ip = "[" + ip + "]:"
	default:
		ip += ":"
	}
	return portFlag + p.Name + ":" + ip + strconv.Itoa(p.HostPort)
}

// asked is the port as whoever asked for it has written it.
func (p Port) asked(inManifest bool) string {
	if inManifest {
		return "port " + show(strings.TrimPrefix(p.flag(), portFlag))
	}
	return show(p.flag())
}

// portsPath is where it is told that a pod which publishes ports has no network for it.
const portsPath = "ports"

func (c *checker) ports(p Pod) {
	if len(p.Ports) > maxPorts {
		c.add(indexed("ports", maxPorts), "%d ports are published; at most %d are taken", len(p.Ports), maxPorts)
		return
	}
	seen := make(map[Port]bool)
	podPorts := make(map[string]*PodPort)
	for i, port := range p.Ports {
		at := indexed("ports", i)
		c.port(at, port)
		other, named := podPorts[port.Name]
		switch same := (Port{Name: port.Name, HostIP: port.hostIP(), HostPort: port.HostPort}); {
		case seen[same]:
			c.add(at, "%s is given twice", port.asked(c.inManifest))
		case named && !samePodPort(other, port.PodPort):
			c.add(at+".podPort", "port %s is published twice, and only one can have its podPort", show(port.Name))
		default:
			seen[same] = true
		}
		podPorts[port.Name] = port.PodPort
	}
	if len(p.Ports) > 0 && len(p.Network.Named()) == 0 {
		c.add(portsPath, "%s needs a network of the pod's own; add --private-net", p.Ports[0].asked(c.inManifest))
	}
}

func (c *checker) port(at string, p Port) {
	c.name(at+".name", "port name", p.Name)
	if p.HostIP != "" {
		if wrong := checkHostIP(p.HostIP); wrong != "" {
			c.add(at+".hostIP", "%s: %s %s", p.asked(c.inManifest), show(p.HostIP), wrong)
		}
	}
	if p.HostPort < 1 || p.HostPort > maxPort {
		c.add(at+".hostPort", "%s: %d is not a port; write a number from 1 to %d", p.asked(c.inManifest), p.HostPort, maxPort)
	}
	if p.PodPort != nil {
		c.name(at+".podPort.name", "port name", p.PodPort.Name)
		if wrong := p.PodPort.wrong(); wrong != "" {
			c.add(at+".podPort", "podPort of port %s: %s", show(p.Name), wrong)
		}
	}
}

// checkHostIP says what is wrong with an address that a port is published on, or "".
func checkHostIP(s string) string {
	ip, err := netip.ParseAddr(s)
	switch {
	case err != nil || len(s) > 64:
		return "is not an IP address"
	case ip.Zone() != "":
		return "has a zone, which a published port can't have"
	case ip.Is4In6():
		return "is an IPv4 address; write " + ip.Unmap().String()
	case ip.IsMulticast() || ip == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "is no host's own; write an address that the host has"
	case ip.Is6() && ip.IsLinkLocalUnicast():
		return "means nothing without a zone, which a published port can't have"
	}
	return ""
}

// hostIP is the address in the form that there is one of.
func (p Port) hostIP() string {
	ip, err := netip.ParseAddr(p.HostIP)
	if err != nil {
		return p.HostIP
	}
	return ip.String()
}

func samePodPort(a, b *PodPort) bool {
	if a == nil || b == nil {
		return a == b
	}
	one, two := *a, *b
	one.Count, two.Count = one.count(), two.count()
	return one == two
}

// wrong says why a port can't be published, or "".
func (p PodPort) wrong() string {
	switch count := p.count(); {
	case p.Protocol != TCP && p.Protocol != UDP:
		return "protocol " + show(p.Protocol) + " can't be published; tcp and udp can"
	case p.SocketActivated:
		return "it is socket activated, which podtui doesn't do: the app would wait for a socket that nobody hands it"
	case p.Port < 1 || p.Port > maxPort || count > maxPort || p.Port+count-1 > maxPort:
		return "it is not within 1 to 65535: " + strconv.FormatUint(uint64(count), 10) + " from " + strconv.FormatUint(uint64(p.Port), 10) + " on"
	}
	return ""
}

func (p PodPort) count() uint { return max(p.Count, 1) }
