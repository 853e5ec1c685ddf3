package supervisor

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/engine/spec"
)

// app is one app of the pod, over all its restarts.
type app struct {
	spec.Effective
	index  int
	layers []string // of its root
	root   appRoot
	io     *stdio

	phase   phase
	due     time.Time // waiting: its next start; else, while it is stopped: SIGKILL. Zero: never
	doomed  bool      // its time was over before it was made
	hurried bool      // it was killed, and may wait for the front end
	policy  policy
	run     appRun // the last one that was made
	last    end    // how the last one ended
	handler handler
	pause   time.Duration // what its policy has said as it ended
	again   bool
}

// phase is where an app is in its life.
type phase int

const (
	running phase = iota
	waiting       // for its next start
	making        // it is being started again
	leaving       // it has ended, and its post-stop handler runs
	gone          // it has ended for good
)

// appRun is one run of an app.
type appRun struct {
	process *sandbox.Process
	made    sandbox.App // what it is
	owner   owner
	given   streams
	started time.Time // zero: it could not be executed
}

func (a *app) name() string { return a.Name.Value }

// makeApps are the pod's apps, before anything is made of them.
func (s *supervisor) makeApps() error {
	resolved := s.record.Resolved.Apps
	s.apps = make([]*app, len(resolved))
	s.ends = make(chan end, len(resolved))
	s.made = make(chan made, len(resolved))
	s.handled = make(chan handled, len(resolved))
	for i, e := range resolved {
		io, err := s.newStdio(i, e.Name.Value)
		if err != nil {
			return err
		}
		s.apps[i] = &app{
			Effective: e, index: i, layers: s.record.Images[i].Layers, io: io,
			policy: policy{Restart: e.Life.Restart},
		}
	}
	return nil
}

// follow waits until the app's process has ended, and the output of all that it
// has started, and tells how it ended.
func (a *app) follow(process *sandbox.Process, ends chan<- end) {
	awaitExit(process.PID())
	ending, err := process.Wait()
	a.io.drain()
	ends <- end{app: a.index, status: ending.Status, signaled: ending.Signaled, outOfMemory: ending.OutOfMemory, err: err}
}

// awaitExit waits until a child of ours has ended, which nobody else waits for:
// its number can't be another's. The runtime waits for a pidfd as it does for
// pipes, where a wait for the process would keep a thread for each app.
func awaitExit(pid int) {
	fd, err := unix.PidfdOpen(pid, unix.PIDFD_NONBLOCK)
	if err != nil {
		return // whoever waits for the process now waits in the kernel
	}
	file := os.NewFile(uintptr(fd), "pidfd")
	defer file.Close()
	raw, err := file.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Read(func(fd uintptr) bool {
		ready := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(ready, 0)
		return n > 0 || err != nil && err != unix.EINTR
	})
}
