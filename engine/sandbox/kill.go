package sandbox

import (
	"golang.org/x/sys/unix"
)

// Kill ends everything that the app has started, and the app.
func (p *Process) Kill() {
	p.killed.Store(true)
	p.killAll()
}

func (p *Process) killAll() {
	for range 10 {
		pids, err := p.container.Processes()
		if err != nil || len(pids) == 0 {
			return
		}
		for _, pid := range pids {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
	}
}
