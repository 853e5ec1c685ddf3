package sandbox

import (
	"os"
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
	p.killed.Store(true)
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
			return killFrozen(h.folder(cgroup))
		}
	}
	return len(all) == 0 || killListed(all[0].folder(cgroup))
}

// killFrozen kills processes while they can't make others. A process that
// appears as its cgroup freezes is frozen as well.
func killFrozen(folder string) bool {
	state := folder + "/freezer.state"
	if pids := processesIn(folder); len(pids) == 0 {
		return true
	}
	_ = os.WriteFile(state, []byte("FROZEN"), 0)
	killListed(folder)
	_ = os.WriteFile(state, []byte("THAWED"), 0)
	return killListed(folder)
}

// killListed kills a cgroup's processes, and tells whether there was none.
func killListed(folder string) bool {
	pids := processesIn(folder)
	for _, pid := range pids {
		_ = unix.Kill(pid, unix.SIGKILL)
	}
	return len(pids) == 0
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
// cgroup.
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
		if pid, err := strconv.Atoi(entry.Name()); err == nil && killMember(pid, own, match) {
			none = false
		}
	}
	return none
}

// killMember holds on to the process while it looks: its number may be another's
// a moment later.
func killMember(pid int, namespace unix.Stat_t, match func(pid int) bool) bool {
	process, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return false
	}
	defer unix.Close(process)
	var its unix.Stat_t
	err = unix.Stat("/proc/"+strconv.Itoa(pid)+"/ns/mnt", &its)
	if err != nil || its.Dev != namespace.Dev || its.Ino != namespace.Ino || !match(pid) {
		return false
	}
	return unix.PidfdSendSignal(process, unix.SIGKILL, nil, 0) == nil
}
