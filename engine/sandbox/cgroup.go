package sandbox

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
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

// makeCgroups makes the apps' cgroups in every hierarchy, so that libcontainer finds them
// there: a memory cgroup alone takes as long as a mount, and this can be done beside
// other work. What can't be made, libcontainer reports.
func (host cgroupHost) makeCgroups(uuid string, apps []string) {
	for _, h := range host.all {
		_ = syscall.Mkdir(h.folder(podCgroup(uuid)), 0o755)
		for _, app := range apps {
			_ = syscall.Mkdir(h.folder(cgroupPath(uuid, app)), 0o755)
		}
	}
}
