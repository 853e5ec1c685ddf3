package sandbox

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/opencontainers/cgroups"
	_ "github.com/opencontainers/cgroups/devices" // their rules
	"github.com/opencontainers/cgroups/devices/config"
	"github.com/opencontainers/cgroups/manager"
	"github.com/opencontainers/runc/libcontainer/specconv"
)

// podCgroup is a pod's folder in each hierarchy. It has no parent of ours: a
// shared one could not be removed without a race with the next start.
func podCgroup(uuid string) string { return "podtui-" + uuid }

// cgroupPath is absolute: a relative one would lie below the cgroup of whoever
// started the pod, and go on living there.
func cgroupPath(uuid, app string) string {
	return filepath.Join("/", podCgroup(uuid), app)
}

// Warm makes the next process's way into its cgroups short. The kernel moves a
// process under a lock whose first use waits for an RCU grace period, 5 to 15
// ms, and whose next ones, for about as long again, don't. So it is used early,
// beside everything else that a start has to do: this process is moved to where
// it is already. Errors cost only time, and are nobody's business.
func Warm() {
	table, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return
	}
	line, _, _ := strings.Cut(string(table), "\n")
	fields := strings.SplitN(line, ":", 3) // ID:CONTROLLERS:PATH
	if len(fields) != 3 {
		return
	}
	controllers := strings.TrimPrefix(fields[1], "name=") // none: cgroup v2
	procs := filepath.Join(cgroupRoot, controllers, fields[2], "cgroup.procs")
	file, err := os.OpenFile(procs, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer file.Close()
	_, _ = file.WriteString(strconv.Itoa(os.Getpid()))
}

// makeCgroup makes an app's cgroups, and lets it use the devices that apps may. That
// takes as long as all of its mounts, and can be done beside other work. Limits are
// written before an app is in them (confine).
func makeCgroup(uuid, app string) (cgroups.Manager, error) {
	cgroup := &cgroups.Cgroup{Path: cgroupPath(uuid, app), Resources: devicesOnly()}
	made, err := manager.New(cgroup)
	if err != nil {
		return nil, err
	}
	roots, err := hierarchies()
	if err != nil {
		return nil, err
	}
	for _, root := range roots {
		if err := os.MkdirAll(root.folder(cgroup.Path), 0o755); err != nil {
			return nil, err
		}
	}
	return made, made.Set(cgroup.Resources)
}

// cgroupOf is an app's, made for it unless that was expected.
func (p *Pod) cgroupOf(app string) (cgroups.Manager, error) {
	p.mu.Lock()
	made, expected := p.expected[app]
	delete(p.expected, app)
	p.mu.Unlock()
	if !expected {
		return makeCgroup(p.uuid, app)
	}
	return made()
}

// devicesOnly lets an app use the devices of its /dev, and no others.
func devicesOnly() *cgroups.Resources {
	rules := []*config.Rule{{Type: config.WildcardDevice, Major: config.Wildcard, Minor: config.Wildcard, Permissions: "rwm", Allow: false}}
	for _, device := range specconv.AllowedDevices {
		rules = append(rules, &device.Rule)
	}
	return &cgroups.Resources{Devices: rules}
}
