package supervisor

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/engine/spec"
)

// Exit statuses of podtui itself (contract, section 3).
const statusCannotRun = 125

// exitStatus is what a front end exits with when the pod can't be started.
func exitStatus(err error) int {
	var refused *sandbox.ExecError
	switch {
	case errors.As(err, &refused):
		return refused.Status()
	case errors.Is(err, errKilled):
		return 128 + int(unix.SIGKILL)
	case errors.Is(err, errStopped):
		return 128 + int(unix.SIGTERM)
	}
	return statusCannotRun
}

// cause tells in words how an app ended, where its status needs them. Which app,
// its reader knows.
func (s *supervisor) cause(e end) string {
	switch {
	case e.err != nil:
		return strings.TrimPrefix(e.err.Error(), appCause(s.apps[e.app].name(), ""))
	case e.outOfMemory && e.signaled && e.status == 128+int(unix.SIGKILL):
		return "killed by " + s.memoryLimit(e.app)
	case e.signaled && s.isFiltered(e):
		return "killed for a system call that its seccomp filter refuses (SIGSYS)"
	case e.signaled:
		return fmt.Sprintf("killed by signal %d%s", e.status-128, signalName(e.status-128))
	case e.outOfMemory && e.status != 0:
		return fmt.Sprintf("status %d; a process of it was killed by %s", e.status, s.memoryLimit(e.app))
	case s.isFiltered(e):
		return fmt.Sprintf("status %d, as of a process killed for a system call that the app's seccomp filter refuses (SIGSYS)", e.status)
	case e.status != 0:
		return fmt.Sprintf("status %d", e.status)
	}
	return ""
}

// isFiltered tells whether an app's end looks like that of a process that has made a
// system call which its filter punishes with death.
func (s *supervisor) isFiltered(e end) bool {
	filter := s.apps[e.app].Isolation.Seccomp
	deadly := (filter.Mode == spec.SeccompRetain || filter.Mode == spec.SeccompRemove) && filter.Errno == ""
	return deadly && e.status == 128+int(unix.SIGSYS)
}

// memoryLimit is the one that an app can reach first.
func (s *supervisor) memoryLimit(app int) string {
	own, all := s.apps[app].Limits.Memory, s.pod.Limits().Memory
	if all > 0 && (own == 0 || all < own) {
		return fmt.Sprintf("the pod's memory limit (%s)", memory(all))
	}
	return fmt.Sprintf("its memory limit (%s)", memory(own))
}

// signalName is empty for those without a name, the real-time signals.
func signalName(number int) string {
	name := unix.SignalName(unix.Signal(number))
	if name == "" {
		return ""
	}
	return " (" + name + ")"
}

// memory is a limit in the unit in which it was most likely given.
func memory(bytes int64) string {
	best := fmt.Sprintf("%d bytes", bytes)
	least := bytes
	for _, unit := range [...]struct {
		name string
		size int64
	}{{"kB", 1e3}, {"KiB", 1 << 10}, {"MB", 1e6}, {"MiB", 1 << 20}, {"GB", 1e9}, {"GiB", 1 << 30}} {
		if n := bytes / unit.size; n > 0 && bytes%unit.size == 0 && n < least {
			best, least = fmt.Sprintf("%d %s", n, unit.name), n
		}
	}
	return best
}

func appCause(app, cause string) string { return fmt.Sprintf("app %q: %s", app, cause) }
