package network

import (
	"context"
	"encoding/json"
	"net/netip"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// portMappings is what a plugin's configuration says, in its capabilities, that it
// publishes ports: so does portmap.
const portMappings = "portMappings"

// mapping is a published port as such plugins are told of it.
type mapping struct {
	HostPort      int    `json:"hostPort"`
	ContainerPort int    `json:"containerPort"`
	Protocol      string `json:"protocol"`
	HostIP        string `json:"hostIP,omitempty"`
}

func mappings(ports []spec.Published) []mapping {
	all := []mapping{}
	for _, port := range ports {
		for n := range port.Count {
			all = append(all, mapping{port.HostPort + n, port.Port + n, port.Protocol, port.HostIP})
		}
	}
	return all
}

// publisher is the network whose plugins publish the pod's ports: the first that has
// one which does. Who configures a network so wants it done there, perhaps with
// conditions that we know nothing of. "": we do it, as for networks of our own.
func publisher(networks []poddir.Network) string {
	for _, network := range networks {
		var list struct {
			Plugins []struct {
				Capabilities map[string]bool `json:"capabilities"`
			} `json:"plugins"`
		}
		_ = json.Unmarshal(network.Config, &list) // what is no list has no such plugin
		for _, plugin := range list.Plugins {
			if plugin.Capabilities[portMappings] {
				return network.Name
			}
		}
	}
	return ""
}

// guardLoopback is all that is left to do where plugins publish the ports: they let
// in by 127.0.0.1 as we do, and keep nobody out.
func guardLoopback(ctx context.Context) error {
	maps, err := openPortMaps(ctx)
	if err != nil {
		return err
	}
	defer maps.close()
	return maps.ensure(ctx)
}

// passOn has the host pass on what comes to published ports: plugins do that only
// where they are a pod's way out.
func passOn(i poddir.Interface, say func(string)) error {
	var o own
	for _, address := range i.Addresses {
		if p, err := netip.ParsePrefix(address); err == nil && p.Addr().Is6() {
			o.Subnet6 = p
		}
	}
	return forward(o, say)
}
