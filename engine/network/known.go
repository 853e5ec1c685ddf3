package network

import (
	"fmt"
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// Known are the networks that a pod can have on this host (Look).
type Known struct {
	List     []poddir.Network // podtui's own, and those that are configured, by name
	Warnings []string         // files that are broken, one line each

	standard string           // what the network "default" is called
	broken   map[string]error // by the name of the network that a broken file defines
}

// UnknownError says that a pod asks for a network that there is not.
type UnknownError struct {
	Name string
	Here []string // the names that there are
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("there is no network %q; there are %s", e.Name, strings.Join(e.Here, ", "))
}

// Choose finds the networks that a pod asks for, in its order.
func (k Known) Choose(n spec.Network) ([]poddir.Network, error) {
	var chosen []poddir.Network
	for _, asked := range n.Named() {
		name, args := spec.SplitNetwork(asked)
		network, err := k.find(name)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(chosen, func(other poddir.Network) bool { return other.Name == network.Name }) {
			return nil, fmt.Errorf("network %q is %q, which the pod has already", name, network.Name)
		}
		network.Args = args
		chosen = append(chosen, network)
	}
	return chosen, checkOwn(chosen)
}

// checkOwn finds what podtui's own networks can't do, and of others what is not here.
func checkOwn(networks []poddir.Network) error {
	ranges := make(map[string]own)
	for _, network := range networks {
		o, is, err := ownOf(network)
		if err != nil {
			return err
		}
		if !is {
			if err := checkPlugins(network); err != nil {
				return err
			}
			continue
		}
		if network.Args != "" {
			return fmt.Errorf("network %q takes no arguments; they are %q", network.Name, network.Args)
		}
		for name, other := range ranges {
			if a, b, do := o.overlap(other); do {
				return fmt.Errorf("networks %q and %q have addresses in common: %s and %s", name, network.Name, b, a)
			}
		}
		ranges[network.Name] = o
	}
	return nil
}

func (k Known) find(name string) (poddir.Network, error) {
	if name == defaultName && k.standard != "" {
		name = k.standard
	}
	if err := k.broken[name]; err != nil {
		return poddir.Network{}, fmt.Errorf("network %q: %w", name, err)
	}
	at, ok := slices.BinarySearchFunc(k.List, name, func(n poddir.Network, name string) int { return strings.Compare(n.Name, name) })
	if !ok {
		return poddir.Network{}, &UnknownError{Name: name, Here: k.names()}
	}
	return k.List[at], nil
}

func (k Known) names() []string {
	names := make([]string, len(k.List))
	for i, network := range k.List {
		names[i] = network.Name
	}
	return names
}
