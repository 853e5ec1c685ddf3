package network

import (
	"net/netip"
	"testing"

	"github.com/podtui/podtui/engine/network/nettest"
)

// What is said of whom a pod comes to is what happens.
func TestPodsReachWhomTheyAreSaidToReach(t *testing.T) {
	t.Parallel()
	w, data := nettest.NewWorld(t), t.TempDir()
	var pods []*guest
	for _, names := range [][]string{{"default"}, {"default"}, {"default6"}, {"default-restricted"}, {"default-restricted"}, {"default-restricted", "default"}} {
		p := newGuest(t, w.Host, data).mustSetUp(names...)
		p.Echo("tcp", "[::]:80")
		pods = append(pods, p)
	}
	reached, closed := 0, 0
	for i, from := range pods {
		for j, to := range pods {
			if i == j {
				continue
			}
			for _, at := range to.Interfaces {
				for _, text := range at.Addresses {
					address := netip.MustParsePrefix(text).Addr()
					said := Reaches(from.Interfaces, at.Network, address)
					if _, err := from.Ask("tcp", hostPort(address.String(), 80)); said != (err == nil) {
						t.Errorf("%s to %s: said %v: %v", from.Interfaces[0].Addresses, text, said, err)
					} else if said {
						reached++
					} else {
						closed++
					}
				}
			}
		}
	}
	if reached == 0 || closed == 0 {
		t.Errorf("%d reached, %d not", reached, closed)
	}
}
