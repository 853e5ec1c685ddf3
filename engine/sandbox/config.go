package sandbox

import (
	"slices"

	"github.com/opencontainers/cgroups"
	"github.com/opencontainers/cgroups/devices/config"
	"github.com/opencontainers/runc/libcontainer/configs"
	"github.com/opencontainers/runc/libcontainer/specconv"
	"golang.org/x/sys/unix"
)

// config is an app as libcontainer wants to have it. Its limits are not in it: they
// are written before (confine), or set later (become.c), but for what of the rlimits
// can't be.
func (p *Pod) config(app App, rlimits []configs.Rlimit) *configs.Config {
	set, warning := capabilities(app.Isolation)
	p.warn(app.Name, warning)
	score, warning := oomScore(app.Isolation.OOMScoreAdj)
	p.warn(app.Name, warning)
	config := &configs.Config{
		Rootfs:          app.Root,
		Readonlyfs:      app.Isolation.ReadOnlyRoot,
		RootPropagation: unix.MS_SLAVE | unix.MS_REC,
		Namespaces: configs.Namespaces{
			{Type: configs.NEWNS},
			{Type: configs.NEWPID, Path: p.namespace("pid")},
			{Type: configs.NEWIPC, Path: p.namespace("ipc")},
			{Type: configs.NEWUTS, Path: p.namespace("uts")},
		},
		Capabilities:    capabilitySets(set),
		NoNewPrivileges: app.Isolation.NoNewPrivileges,
		Rlimits:         rlimits,
		OomScoreAdj:     score,
		Sysctl:          p.sysctls,
		Cgroups:         &cgroups.Cgroup{Path: cgroupPath(p.uuid, app.Name), Resources: devicesOnly()},
		Devices:         specconv.AllowedDevices,
		Mounts:          append(systemMounts(), bindMounts(app.Mounts)...),
	}
	if p.network {
		config.Namespaces = append(config.Namespaces, configs.Namespace{Type: configs.NEWNET, Path: p.NetworkNamespace()})
	}
	if !app.Isolation.Unmasked {
		mask(config, app.Mounts)
	}
	p.join(config)
	if p.host.unusable != nil {
		withoutDevices(config, recordName(p.uuid, app.Name))
	}
	return config
}

// withoutDevices changes an app's config for a host whose cgroups can't be
// written: what kept the host's devices from an app that makes or brings their
// nodes is missing, so that it can't make one, and no node but those of /dev is
// a device (Root.Mount sees to its root).
func withoutDevices(config *configs.Config, name string) {
	config.RootlessCgroups = true
	config.Cgroups.Rootless, config.Cgroups.Name, config.Cgroups.Path = true, name, ""
	for _, set := range []*[]string{&config.Capabilities.Bounding, &config.Capabilities.Effective, &config.Capabilities.Permitted} {
		*set = slices.DeleteFunc(slices.Clone(*set), func(name string) bool { return name == "CAP_MKNOD" })
	}
	for _, mount := range config.Mounts {
		if mount.Device == "bind" {
			mount.Flags |= unix.MS_NODEV
		}
	}
}

// devicesOnly lets an app use the devices of its /dev, and no others.
func devicesOnly() *cgroups.Resources {
	rules := []*config.Rule{{Type: config.WildcardDevice, Major: config.Wildcard, Minor: config.Wildcard, Permissions: "rwm", Allow: false}}
	for _, device := range specconv.AllowedDevices {
		rules = append(rules, &device.Rule)
	}
	return &cgroups.Resources{Devices: rules}
}

// systemMounts are the file systems of ace.md's "OS-SPEC: Linux", as runc and podman
// mount them.
func systemMounts() []*configs.Mount {
	return []*configs.Mount{
		{Device: "proc", Source: "proc", Destination: "/proc", Flags: unix.MS_NOSUID | unix.MS_NOEXEC | unix.MS_NODEV},
		{Device: "tmpfs", Source: "tmpfs", Destination: "/dev", Flags: unix.MS_NOSUID | unix.MS_NOEXEC | unix.MS_STRICTATIME, Data: "mode=755,size=65536k"},
		{Device: "devpts", Source: "devpts", Destination: "/dev/pts", Flags: unix.MS_NOSUID | unix.MS_NOEXEC, Data: "newinstance,ptmxmode=0666,mode=0620,gid=5"},
		{Device: "tmpfs", Source: "shm", Destination: "/dev/shm", Flags: unix.MS_NOSUID | unix.MS_NOEXEC | unix.MS_NODEV, Data: "mode=1777,size=65536k"},
		{Device: "mqueue", Source: "mqueue", Destination: "/dev/mqueue", Flags: unix.MS_NOSUID | unix.MS_NOEXEC | unix.MS_NODEV},
		{Device: "sysfs", Source: "sysfs", Destination: "/sys", Flags: unix.MS_NOSUID | unix.MS_NOEXEC | unix.MS_NODEV | unix.MS_RDONLY},
	}
}
