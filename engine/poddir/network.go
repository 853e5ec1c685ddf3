package poddir

import (
	"encoding/json"
	"slices"
	"strings"
)

// Network is a private network as a pod has it: what it was configured to be when
// the pod was made. It is what is set up at each start, and what is taken away by
// whoever cleans up, though the configuration may have changed since.
type Network struct {
	Name    string          `json:"name"`
	Args    string          `json:"args,omitempty"`    // K=V;K=V, of --net=NAME:ARGS
	File    string          `json:"file,omitempty"`    // that it was configured by; "": podtui's own
	Config  json.RawMessage `json:"config"`            // a CNI list of plugins; podtui's own networks have one of type "podtui"
	Plugins []string        `json:"plugins,omitempty"` // the folders in which the plugins are looked for
}

// Interface is a link of a pod to one of its networks.
type Interface struct {
	Network   string   `json:"network"`
	Name      string   `json:"name"`           // in the pod: eth0
	Host      string   `json:"host,omitempty"` // of its other end, if it has one on the host
	MAC       string   `json:"mac,omitempty"`
	Addresses []string `json:"addresses,omitempty"` // with prefix: 172.16.28.1/31
	Gateways  []string `json:"gateways,omitempty"`  // of each address; "": none
	Routes    []string `json:"routes,omitempty"`    // "default via 172.16.28.0", "10.0.0.0/8 via …"
	File      string   `json:"file,omitempty"`      // Network.File
	Plugin    string   `json:"plugin,omitempty"`    // the program that made it, the first of a chain; "": podtui itself
	Args      string   `json:"args,omitempty"`
}

// Disconnect has a pod that is over no address, no port and no service any more: they
// may be another's.
func (s *Status) Disconnect() {
	s.Interfaces, s.Ports, s.Metadata = nil, nil, ""
	s.Networks = slices.Clone(s.Networks)
	for i, described := range s.Networks {
		s.Networks[i], _, _ = strings.Cut(described, ":")
	}
}
