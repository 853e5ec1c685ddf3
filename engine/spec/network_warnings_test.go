package spec

import (
	"slices"
	"testing"
)

func TestWarningsOfPrivateNetworks(t *testing.T) {
	t.Parallel()
	const admin = `app "web" has CAP_NET_ADMIN: without --private-users it can change the pod's addresses and routes, and the host's links too`
	apps := []Effective{{Name: Setting{Value: "web"}, Isolation: Isolation{Capabilities: []string{"CAP_CHOWN", "CAP_NET_ADMIN"}}}, {Name: Setting{Value: "db"}, Isolation: Isolation{Capabilities: []string{"CAP_CHOWN"}}}}
	private := Network{Names: []string{"default"}}
	for name, c := range map[string]struct {
		pod  Resolved
		want []string
	}{
		"the host's network":       {Resolved{Apps: apps}, nil},
		"none":                     {Resolved{Apps: apps, Network: Network{Names: []string{"none"}}}, nil},
		"with private users":       {Resolved{Apps: apps, Network: private, PrivateUsers: true}, nil},
		"over the host's links":    {Resolved{Apps: apps, Network: private}, []string{admin}},
		"a range of ports":         {Resolved{Network: private, Ports: []Published{{Name: "rtp", HostPort: 10000, Port: 5000, Count: 100}}}, nil},
		"a range of so many ports": {Resolved{Network: private, Ports: []Published{{Name: "rtp", HostPort: 10000, Port: 5000, Count: 101}}}, []string{`port "rtp" is 101 ports of the host, 10000 to 10100, as its image says`}},
	} {
		if got := c.pod.Warnings(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
