package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	return known.List, known.Warnings()
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

// chooseNetworks finds the networks that a pod asks for, with what there is to warn of
// if it has them.
// A pod that names none doesn't have the configuration read.
func (e *Engine) chooseNetworks(pod spec.Pod) (chosen []Network, warnings []string, problems []spec.Problem) {
	if len(pod.Network.Named()) == 0 {
		return nil, nil, nil
	}
	known := network.Look(e.networkFolders())
	chosen, err := known.Choose(pod.Network)
	if err == nil {
		return chosen, known.WarningsFor(pod.Network), checkRanges(chosen)
	}
	return nil, nil, []spec.Problem{{Path: fmt.Sprintf("network.names[%d]", refusedNetwork(known, pod.Network)), Message: err.Error()}}
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
