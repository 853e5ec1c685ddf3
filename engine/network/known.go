package network

import (
	"fmt"
	"strings"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// Known are the networks that a pod can have on this host (Look).
type Known struct {
	List     []poddir.Network // podtui's own, and those that are configured, by name
	Warnings []string         // files that are broken, one line each

	standard string           // what "default" is called
	broken   map[string]error // by the name of the network that a broken file defines
}

// UnknownError says that a pod asks for networks that there are not.
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
		network.Args = args
		chosen = append(chosen, network)
	}
	return chosen, nil
}

func (k Known) find(name string) (poddir.Network, error) {
	return poddir.Network{}, &UnknownError{Name: name}
}
