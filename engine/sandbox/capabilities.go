package sandbox

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opencontainers/runc/libcontainer/configs"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// capabilities are an app's: in its bounding set, and as its own while it is root,
// which every execve by root makes anew of the bounding set. None is inheritable or
// ambient: by those a user that is not root would have some without asking.
func capabilities(isolation spec.Isolation) (set []string, warning string) {
	want := capabilitiesOf(isolation)
	own := OwnCapabilities()
	set = make([]string, 0, len(want))
	var missing []string
	for _, name := range want {
		if slices.Contains(own, name) {
			set = append(set, name)
		} else {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		warning = fmt.Sprintf("it goes without %s, which podtui itself does not have here", strings.Join(missing, " "))
	}
	return set, warning
}

// capabilitiesOf are those that an app is to have; one of which nothing is said has
// what every app gets.
func capabilitiesOf(isolation spec.Isolation) []string {
	if isolation.Capabilities == nil {
		return spec.DefaultCapabilities()
	}
	return isolation.Capabilities
}

func capabilitySets(set []string) *configs.Capabilities {
	return &configs.Capabilities{Bounding: set, Effective: set, Permitted: set}
}

// OwnCapabilities are those that podtui has, and an app can have at most, sorted by
// name.
func OwnCapabilities() []string {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return nil
	}
	permitted := uint64(data[0].Permitted) | uint64(data[1].Permitted)<<32
	var own []string
	for bit, name := range spec.Capabilities() {
		if permitted>>bit&1 == 1 {
			own = append(own, name)
		}
	}
	slices.Sort(own)
	return own
}
