package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/podtui/podtui/engine/network"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// ForeseePorts tells which of the ports that a pod publishes can't be had on this host
// now, and binds none: somebody may be starting on it. The images are those of its apps,
// as far as they are known: what a port is, they say.
func (e *Engine) ForeseePorts(pod spec.Pod, images []spec.Image) []spec.Problem {
	resolved, _ := pod.Resolve(images, spec.Surroundings{})
	if len(resolved.Ports) == 0 {
		return nil
	}
	return asked(pod, resolved.Ports, network.LookAtSockets().Check(resolved.Ports, e.portHolder()))
}

// checkPorts finds published ports that this host can't give, before anything is made
// for them.
func (e *Engine) checkPorts(pod spec.Pod, ports []spec.Published) []spec.Problem {
	if len(ports) == 0 {
		return nil
	}
	return asked(pod, ports, network.Check(ports, e.portHolder()))
}

// asked has problems with what is published be of what the pod asks for.
func asked(pod spec.Pod, ports []spec.Published, problems []spec.Problem) []spec.Problem {
	for i, p := range problems {
		var n int
		if _, err := fmt.Sscanf(p.Path, "ports[%d]", &n); err == nil && n < len(ports) {
			problems[i].Path = strings.Replace(p.Path, fmt.Sprintf("ports[%d]", n), fmt.Sprintf("ports[%d]", askedPort(pod.Ports, ports[n])), 1)
		}
	}
	return problems
}

// askedPort is where in a pod's ports one is that it publishes.
func askedPort(asked []spec.Port, published spec.Published) int {
	same := func(p spec.Port) bool { return p.Name == published.Name && p.HostPort == published.HostPort }
	i := slices.IndexFunc(asked, func(p spec.Port) bool { return same(p) && p.HostIP == published.HostIP })
	if i < 0 { // it was written in another way
		i = slices.IndexFunc(asked, same)
	}
	return max(i, 0)
}

// portHolder finds the pod of this data folder that has a port now, by its name or
// UUID. The pods are only looked at if somebody asks.
func (e *Engine) portHolder() func(spec.Published) string {
	pods := sync.OnceValue(func() []poddir.Status {
		if e.options.Dir == "" {
			return nil
		}
		all, _ := poddir.All(e.pods()) // without it the holder is called a program
		return all
	})
	return func(port spec.Published) string {
		for _, pod := range pods() {
			if pod.State == poddir.Running && slices.ContainsFunc(pod.Ports, port.Meets) {
				return cmp.Or(pod.Name, pod.UUID)
			}
		}
		return ""
	}
}

// FreePorts finds a host side for ports that are to be published: for each its
// HostPort if that is free, or else the next that is, and no port twice. 0: none was
// found nearby.
func (e *Engine) FreePorts(wanted []spec.Published) []int {
	const tries = 100
	free := make([]int, len(wanted))
	var given []spec.Published
	sockets, taken := network.LookAtSockets(), e.portHolder()
	for i, port := range wanted {
		for range tries {
			if port.HostPort < 1 || port.HostPort+port.Count-1 > 1<<16-1 {
				break
			}
			if !slices.ContainsFunc(given, port.Meets) && sockets.Free(port, taken) {
				free[i] = port.HostPort
				given = append(given, port)
				break
			}
			port.HostPort++
		}
	}
	return free
}
