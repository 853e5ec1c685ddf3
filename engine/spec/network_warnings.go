package spec

import (
	"fmt"
	"slices"
)

// wideRange is from how many ports on a range is more than people may have meant: an
// image says how many it has, and each is a socket on the host.
const wideRange = 100

// networkWarnings tells of what a private network lets in or out that people may not
// have meant.
func (r Resolved) networkWarnings() []string {
	if len(r.Network.Named()) == 0 {
		return nil
	}
	var list []string
	for _, port := range r.Ports {
		if port.Count > wideRange {
			list = append(list, fmt.Sprintf("port %q is %d ports of the host, %d to %d, as its image says", port.Name, port.Count, port.HostPort, port.HostPort+port.Count-1))
		}
	}
	for _, app := range r.Apps {
		if !r.PrivateUsers && slices.Contains(app.Isolation.Capabilities, "CAP_NET_ADMIN") {
			list = append(list, fmt.Sprintf("app %q has CAP_NET_ADMIN: without --private-users it can change the pod's addresses and routes, and the host's links too", app.Name.Value))
		}
	}
	return list
}
