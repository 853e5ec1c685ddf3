package sandbox

import (
	"errors"
	"fmt"
	"os"

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
			return ErrNotRunning
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
		return ErrNotRunning
	}
	t.process = os.NewFile(uintptr(descriptor), "app")
	t.mounts, err = os.Open(fmt.Sprintf("/proc/%d/ns/mnt", t.pid))
	if err != nil {
		return ErrNotRunning
	}
	// Looked at last, by the time of its start: what is held is the app, and no
	// other process with its number.
	if status, err := t.container.Status(); err != nil || status != libcontainer.Running {
		return ErrNotRunning
	}
	return nil
}

// lives tells whether the app still runs.
func (t target) lives() bool {
	fds := []unix.PollFd{{Fd: int32(t.process.Fd()), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, 0)
	return err == nil && n == 0
}

func (t target) close() {
	t.process.Close()
	t.mounts.Close()
}
