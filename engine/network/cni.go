package network

import (
	"context"
	"fmt"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// setUpCNI has the plugins of a network add the pod to it, as its interface ifName.
func setUpCNI(_ context.Context, _ Pod, net poddir.Network, _ string) (poddir.Interface, spec.DNS, error) {
	return poddir.Interface{}, spec.DNS{}, fmt.Errorf("network %q: CNI's plugins are not called yet", net.Name)
}

// takeDownCNI has them remove it. It may never have been added, wholly or in part.
func takeDownCNI(context.Context, *poddir.Dir, poddir.Network, string) error { return nil }
