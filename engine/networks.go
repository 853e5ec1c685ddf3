package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/podtui/podtui/engine/network"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// Network is a network that a pod can have.
type Network = poddir.Network

// Networks are those that pods can have here, by name, and one line for each file of
// the configuration that is of no use.
func (e *Engine) Networks() (list []Network, warnings []string) {
	known := network.Look(e.networkFolders())
	return known.List, known.Warnings
}

// networkFolders are where networks are configured; an engine that was not told of any
// configuration has CNI's alone.
func (e *Engine) networkFolders() network.Folders {
	folders := network.ConfigFolders(e.options.ConfigDir, valueOf(e.options.Environ, "CNI_PATH"))
	if e.options.ConfigDir == "" {
		folders.Config = folders.Config[1:]
	}
	return folders
}

// chooseNetworks finds the networks that a pod asks for, with what there is to warn of.
// A pod that names none doesn't have the configuration read.
func (e *Engine) chooseNetworks(pod spec.Pod) (chosen []Network, warnings []string, problems []spec.Problem) {
	if len(pod.Network.Named()) == 0 {
		return nil, nil, nil
	}
	known := network.Look(e.networkFolders())
	chosen, err := known.Choose(pod.Network)
	if err == nil {
		return chosen, known.Warnings, checkRanges(chosen)
	}
	return nil, known.Warnings, []spec.Problem{{Path: fmt.Sprintf("network.names[%d]", refusedNetwork(known, pod.Network)), Message: err.Error()}}
}

// checkRanges finds a network for whose addresses the host has another use.
func checkRanges(networks []Network) []spec.Problem {
	err := network.CheckRanges(networks)
	if err == nil {
		return nil
	}
	problem := spec.Problem{Path: "network.names", Message: err.Error()}
	if taken, ok := errors.AsType[*network.RouteError](err); ok {
		n := slices.IndexFunc(networks, func(n Network) bool { return n.Name == taken.Network.Name })
		problem.Path = fmt.Sprintf("network.names[%d]", n)
	}
	return []spec.Problem{problem}
}

// refusedNetwork is the first of a pod's networks with which those that are chosen
// before it can't be had.
func refusedNetwork(known network.Known, asked spec.Network) int {
	for n := range asked.Names {
		if _, err := known.Choose(spec.Network{Names: asked.Names[:n+1]}); err != nil {
			return n
		}
	}
	return 0
}

// checkPorts finds published ports that this host can't give, before anything is made
// for them. The pod is asked for where in it each of them is.
func (e *Engine) checkPorts(pod spec.Pod, ports []spec.Published) []spec.Problem {
	if len(ports) == 0 {
		return nil
	}
	problems := network.Check(ports, e.portHolder())
	for i, p := range problems {
		var n int
		if _, err := fmt.Sscanf(p.Path, "ports[%d]", &n); err == nil && n < len(ports) {
			problems[i].Path = strings.Replace(p.Path, fmt.Sprintf("ports[%d]", n), fmt.Sprintf("ports[%d]", askedPort(pod.Ports, ports, n)), 1)
		}
	}
	return problems
}

// askedPort is where in a pod's ports the n-th of those is that it publishes: they are
// in the same order, but some of a form's can't be published yet.
func askedPort(asked []spec.Port, ports []spec.Published, n int) int {
	at := -1
	for _, published := range ports[:n+1] {
		at += 1 + max(0, slices.IndexFunc(asked[at+1:], func(p spec.Port) bool {
			return p.Name == published.Name && p.HostPort == published.HostPort
		}))
	}
	return at
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

// settle tells how a pod is that we own, and takes away what a supervisor that was
// killed has left of its networks.
func settle(ctx context.Context, dir *poddir.Dir) (poddir.Status, error) {
	status, err := dir.Settle()
	if err != nil {
		return status, err
	}
	return status, takeNetwork(ctx, dir)
}

func takeNetwork(ctx context.Context, dir *poddir.Dir) error {
	if err := network.TakeDown(ctx, dir); err != nil && !errors.Is(err, poddir.ErrNotFound) {
		return fmt.Errorf("pod %s: its network: %w", dir.UUID, err)
	}
	return nil
}
