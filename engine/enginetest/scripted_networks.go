package enginetest

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// ScriptedNetworks are the networks of a scripted host, and who has its ports.
type ScriptedNetworks struct {
	Broken  []string                    // what is wrong with its configuration
	Traffic map[string][]engine.Traffic // of pods, by UUID

	busy map[string]string // who has a port, by "tcp 8080"
}

// Take has somebody take a port of the host; nobody, if the holder is "".
func (s *Scripted) Take(protocol string, port int, holder string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy == nil {
		s.busy = make(map[string]string)
	}
	s.busy[fmt.Sprint(protocol, " ", port)] = holder
}

func (s *Scripted) holder(protocol string, port int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.busy[fmt.Sprint(protocol, " ", port)]
}

// NetworkChoices are podtui's own networks, and one of plugins.
func (s *Scripted) NetworkChoices() engine.NetworkChoices {
	ranges := func(words ...string) (all []netip.Prefix) {
		for _, word := range words {
			all = append(all, netip.MustParsePrefix(word))
		}
		return all
	}
	named := func(name string) engine.Network { return engine.Network{Name: name} }
	return engine.NetworkChoices{Uplink: "eth0", Warnings: s.Broken, List: []engine.NetworkChoice{
		{Network: engine.Network{Name: "backend", File: "/etc/podtui/net.d/10-backend.conflist"}, Terms: engine.NetworkTerms{Plugins: []string{"bridge", "portmap"}}},
		{Network: named("default"), Terms: engine.NetworkTerms{Ranges: ranges("172.16.28.0/24"), Places: 128, Masquerade: true, DefaultRoute: true}, InUse: 3, Default: true},
		{Network: named("default-restricted"), Terms: engine.NetworkTerms{Ranges: ranges("172.16.29.0/24"), Places: 128}},
		{Network: named("default6"), Terms: engine.NetworkTerms{Ranges: ranges("172.16.28.0/24", "fd70:6f64:7475:6900::/120"), Places: 128, Masquerade: true, DefaultRoute: true}, InUse: 3},
	}}
}

// networkProblems are those of networks that are not among the choices.
func (s *Scripted) networkProblems(pod spec.Pod) (problems []spec.Problem) {
	for i, asked := range pod.Network.Named() {
		name, _ := spec.SplitNetwork(asked)
		if !slices.ContainsFunc(s.NetworkChoices().List, func(c engine.NetworkChoice) bool { return c.Name == name }) {
			problems = append(problems, spec.Problem{Path: fmt.Sprintf("network.names[%d]", i), Message: fmt.Sprintf("there is no network %q", name)})
		}
	}
	return problems
}

// ForeseePorts tells of ports that somebody has.
func (s *Scripted) ForeseePorts(pod spec.Pod, images []spec.Image) (problems []spec.Problem) {
	resolved, _ := pod.Resolve(images, spec.Surroundings{})
	for _, p := range resolved.Ports {
		holder := s.holder(p.Protocol, p.HostPort)
		i := slices.IndexFunc(pod.Ports, func(asked spec.Port) bool { return asked.Name == p.Name && asked.HostPort == p.HostPort })
		if holder != "" && i >= 0 {
			problems = append(problems, spec.Problem{Path: fmt.Sprintf("ports[%d]", i),
				Message: fmt.Sprintf("port %s: %s port %d of the host is taken by %s", p.Name, p.Protocol, p.HostPort, holder)})
		}
	}
	return problems
}

// manifests are those of a pod's images, by the names that images are called by.
func (s *Scripted) manifests(pod spec.Pod) []spec.Image {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := make([]spec.Image, len(pod.Apps))
	for i, app := range pod.Apps {
		for _, image := range s.images {
			if app.Image == image.ID || app.Image == image.Name()+":"+image.Version() {
				found[i] = spec.Image{Manifest: image.Manifest}
			}
		}
	}
	return found
}

// FreePorts are those that nobody has.
func (s *Scripted) FreePorts(wanted []spec.Published) []int {
	free := make([]int, len(wanted))
	for i, port := range wanted {
		for s.holder(port.Protocol, port.HostPort) != "" || slices.Contains(free[:i], port.HostPort) {
			port.HostPort++
		}
		free[i] = port.HostPort
	}
	return free
}

// PodTraffic is what was scripted of a running pod.
func (s *Scripted) PodTraffic(uuid string) ([]engine.Traffic, error) {
	status, err := s.Pod(uuid)
	if err != nil || status.State != poddir.Running {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.Traffic[uuid]), nil
}
