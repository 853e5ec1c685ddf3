package sandbox

import (
	"github.com/opencontainers/runc/libcontainer/configs"
	"golang.org/x/sys/unix"
)

// Mount binds a folder or file of the host into the app's root.
type Mount struct {
	Source    string // on the host
	Target    string
	ReadOnly  bool
	Recursive bool // with what is mounted below Source
}

func bindMounts(mounts []Mount) []*configs.Mount {
	binds := make([]*configs.Mount, len(mounts))
	for i, m := range mounts {
		binds[i] = bindMount(m)
	}
	return binds
}

// bindMount makes a read-only mount read-only all the way down: MS_RDONLY alone
// leaves what is mounted below the source writable.
func bindMount(m Mount) *configs.Mount {
	bind := &configs.Mount{Device: "bind", Source: m.Source, Destination: m.Target, Flags: unix.MS_BIND}
	if m.Recursive {
		bind.Flags |= unix.MS_REC
	}
	if m.ReadOnly {
		bind.Flags |= unix.MS_RDONLY
		bind.RecAttr = &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	}
	return bind
}
