package sandbox

import (
	"errors"

	"golang.org/x/sys/unix"
)

// Alive reports whether apps can be made in the pod: its first process has not
// been killed. Its number can't be another's before Close.
func (p *Pod) Alive() bool { return !hasEnded(p.init.pid()) }

// hasEnded tells whether a child of ours has ended, also one that was reaped.
func hasEnded(pid int) bool {
	for {
		var info unix.Siginfo
		err := unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return err != nil || info.Signo != 0
		}
	}
}
