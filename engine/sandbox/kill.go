package sandbox

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// killTime is how long processes that make others faster than they are killed
// can go on doing so.
const killTime = 5 * time.Second

// Kill ends everything that the app has started, and the app.
func (p *Process) Kill() {
	p.noteKill()
	p.killAll()
}

// killAll kills every process of the app. What can't be reached one by one goes
// with the pod.
func (p *Process) killAll() {
	kill := func() bool { return killMembers(p.mounts, func(int) bool { return true }) }
	if p.pod.host.unusable == nil {
		all, err := hierarchies()
		kill = func() bool { return err == nil && killCgroup(all, cgroupPath(p.pod.uuid, p.app.Name)) }
	}
	for until := time.Now().Add(killTime); !kill(); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			p.pod.Kill()
			return
		}
	}
}

// killCgroup kills a cgroup's processes, and tells whether none is left that
// could make another.
func killCgroup(all []hierarchy, cgroup string) bool {
	for _, h := range all {
		if h.unified && os.WriteFile(h.folder(cgroup)+"/cgroup.kill", []byte("1"), 0) == nil {
			return true // the kernel sees to those that are being made
		}
	}
	for _, h := range all {
		if h.has("freezer") {
			return killFrozen(h.path, cgroup)
		}
	}
	return len(all) == 0 || killListed(all[0].path, cgroup)
}

// killFrozen kills processes while they can't make others. A process that
// appears as its cgroup freezes is frozen as well.
func killFrozen(root, cgroup string) bool {
	folder := filepath.Join(root, cgroup)
	if len(processesIn(folder)) == 0 {
		return true
	}
	_ = os.WriteFile(folder+"/freezer.state", []byte("FROZEN"), 0)
	killListed(root, cgroup)
	_ = os.WriteFile(folder+"/freezer.state", []byte("THAWED"), 0)
	return len(processesIn(folder)) == 0
}

// killListed kills a cgroup's processes, and tells whether there was none.
func killListed(root, cgroup string) bool {
	pids := processesIn(filepath.Join(root, cgroup))
	for _, pid := range pids {
		killIf(pid, func() bool { return isIn(pid, cgroup) })
	}
	return len(pids) == 0
}

func isIn(pid int, cgroup string) bool {
	table, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cgroup")
	return err == nil && strings.Contains(string(table), cgroup+"\n")
}

// killIf kills a process if it is the one that is meant. It holds on to the
// process while that is looked at: its number may be another's a moment later,
// and is, where processes come and go by the thousand.
func killIf(pid int, meant func() bool) bool {
	process, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return false
	}
	defer unix.Close(process)
	return meant() && unix.PidfdSendSignal(process, unix.SIGKILL, nil, 0) == nil
}

// processesIn lists a cgroup's processes that can be seen from here; of a cgroup
// that isn't there, none.
func processesIn(folder string) []int {
	text, err := os.ReadFile(folder + "/cgroup.procs")
	if err != nil {
		return nil
	}
	var pids []int
	for line := range strings.Lines(string(text)) {
		if pid, err := strconv.Atoi(strings.TrimSpace(line)); err == nil && pid > 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}

// killMembers kills those processes of a mount namespace that match, and tells
// whether there was none. An app can't leave its namespace any more than its
// cgroup. This process is in it if libcontainer's thread that opened the app's
// mounts was its first: Go can't end that one, and keeps it as it was left.
func killMembers(namespace *os.File, match func(pid int) bool) bool {
	var own unix.Stat_t
	if unix.Fstat(int(namespace.Fd()), &own) != nil {
		return true
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return true
	}
	none := true
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err == nil && pid != os.Getpid() && killIf(pid, func() bool { return isMember(pid, own) && match(pid) }) {
			none = false
		}
	}
	return none
}

func isMember(pid int, namespace unix.Stat_t) bool {
	var its unix.Stat_t
	err := unix.Stat("/proc/"+strconv.Itoa(pid)+"/ns/mnt", &its)
	return err == nil && its.Dev == namespace.Dev && its.Ino == namespace.Ino
}
