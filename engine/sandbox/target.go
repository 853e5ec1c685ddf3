package sandbox

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/opencontainers/runc/libcontainer"
	"golang.org/x/sys/unix"
)

// target is a running app that another process looks at or enters.
type target struct {
	container *libcontainer.Container
	pid       int
	process   *os.File // a pidfd
	mounts    *os.File // its mount namespace
}

// findTarget takes hold of a running app by libcontainer's record.
func findTarget(stateDir, uuid, app string) (target, error) {
	t := target{}
	if err := t.find(stateDir, recordName(uuid, app)); err != nil {
		t.close()
		return t, err
	}
	return t, nil
}

func (t *target) find(stateDir, record string) error {
	var err error
	if t.container, err = libcontainer.Load(stateDir, record); err != nil {
		if errors.Is(err, libcontainer.ErrNotExist) {
			return ErrAppNotRunning
		}
		return err
	}
	state, err := t.container.State()
	if err != nil {
		return err
	}
	t.pid = state.InitProcessPid
	descriptor, err := unix.PidfdOpen(t.pid, 0)
	if err != nil {
		return ErrAppNotRunning
	}
	t.process = os.NewFile(uintptr(descriptor), "app")
	t.mounts, err = os.Open(fmt.Sprintf("/proc/%d/ns/mnt", t.pid))
	if err != nil {
		return ErrAppNotRunning
	}
	// Looked at last, by the time of its start: what is held is the app, and no
	// other process with its number.
	if status, err := t.container.Status(); err != nil || status != libcontainer.Running {
		return ErrAppNotRunning
	}
	return nil
}

// lives tells whether the app still runs.
func (t target) lives() bool { return !t.endsWithin(0) }

// goingTime is how much later than what has entered it an app can end, that is
// killed together with it.
const goingTime = 200 * time.Millisecond

// endsWithin waits so long for the app's end.
func (t target) endsWithin(wait time.Duration) bool {
	fds := []unix.PollFd{{Fd: int32(t.process.Fd()), Events: unix.POLLIN}}
	for until := time.Now().Add(wait); ; {
		n, err := unix.Poll(fds, int(max(0, time.Until(until).Milliseconds())))
		if !errors.Is(err, unix.EINTR) {
			return err != nil || n > 0
		}
	}
}

func (t target) close() {
	t.process.Close()
	t.mounts.Close()
}

// isPrivate tells whether it has users of its own.
func (t target) isPrivate() bool { return len(t.container.Config().UIDMappings) > 0 }
