package sandbox

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
)

// Ending is how an app has ended.
type Ending struct {
	Status      int  // 0…255, or 128+N for signal N
	Signaled    bool // the latter
	OutOfMemory bool // the kernel killed a process of it for its memory limit; with SIGKILL, itself
}

// Wait waits for the app's own process, ends what it left running, and returns
// how it has ended.
func (p *Process) Wait() (Ending, error) {
	state, err := p.process.Wait()
	p.reaped = true
	p.endStart()
	var exit interface{ ExitCode() int }
	if err != nil && !errors.As(err, &exit) {
		return Ending{}, fmt.Errorf("wait for app %q: %w", p.app.Name, err)
	}
	// Its output ends with what it left running: a daemon that a script started
	// would keep the pod alive unseen.
	p.killAll()
	p.mounts.Close()
	status := state.Sys().(syscall.WaitStatus)
	how := ending(status)
	how.OutOfMemory = max(p.app.Limits.Memory, p.pod.limits.Memory) > 0 && !p.killed.Load() && ranOutOfMemory(p.pod.uuid, p.app.Name)
	return how, nil
}

func ending(status syscall.WaitStatus) Ending {
	if status.Signaled() {
		return Ending{Status: 128 + int(status.Signal()), Signaled: true}
	}
	return Ending{Status: status.ExitStatus()}
}

// noteKill remembers that the app was killed on purpose, if it hasn't ended before.
func (p *Process) noteKill() {
	if !hasEnded(p.PID()) {
		p.killed.Store(true)
	}
}

// reap waits for an app that was killed before anybody waited for it.
func (p *Process) reap() {
	if !p.reaped {
		_, _ = p.process.Wait()
		p.reaped = true
	}
	p.status.Close()
	p.mounts.Close()
}

// ranOutOfMemory tells whether the kernel has killed a process of the app's for
// its memory limit.
func ranOutOfMemory(uuid, app string) bool {
	all, err := hierarchies()
	if err != nil {
		return false
	}
	folder, unified := folderOf(all, cgroupPath(uuid, app), "memory")
	name := "memory.oom_control"
	if unified {
		name = "memory.events"
	}
	return folder != "" && readKeyed(filepath.Join(folder, name), "oom_kill") > 0
}
