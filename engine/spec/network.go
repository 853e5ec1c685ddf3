package spec

import "strings"

// Network is the pod's choice of networks: none of the names means the host's
// network. "host" and "none" stand alone.
type Network struct {
	Names []string `json:"names,omitempty"` // "host", "none", "default", …, each perhaps with ":ARGS", which are K=V;K=V
}

// Private reports whether the pod has a network namespace of its own, if only with a
// loopback in it.
func (n Network) Private() bool { return len(n.Names) > 0 && n.Names[0] != "host" }

// Named are the networks that have to be set up, as they were asked for: neither the
// host's nor none.
func (n Network) Named() []string {
	if len(n.Names) == 1 && (n.Names[0] == "host" || n.Names[0] == "none") {
		return nil
	}
	return n.Names
}

// SplitNetwork splits what --net takes into the network's name and its arguments.
func SplitNetwork(s string) (name, args string) {
	name, args, _ = strings.Cut(s, ":")
	return name, args
}

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
}

// Published is a Port as the pod has it. Of a range, port N of the host leads to port
// N of the pod, Count of them.
type Published struct {
	Name     string `json:"name"`
	App      string `json:"app"`              // whose image has it
	Protocol string `json:"protocol"`         // TCP or UDP
	HostIP   string `json:"hostIP,omitempty"` // "": every address of the host
	HostPort int    `json:"hostPort"`
	Port     int    `json:"port"` // in the pod
	Count    int    `json:"count"`
}
