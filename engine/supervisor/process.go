package supervisor

import (
	"bytes"
	"context"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/poddir"
)

// Signal is Stop for a supervisor that can't be asked on its socket: one that
// hangs, or whose socket somebody has removed. It is found by its command line,
// which has the pod's UUID, and ErrNotRunning says that there is none. SIGTERM
// stops the pod as an order does; SIGKILL ends the supervisor, and the kernel the
// pod.
func Signal(ctx context.Context, dir *poddir.Dir, force bool) error {
	pidfd, err := findProcess(dir.UUID)
	if err != nil {
		return err
	}
	defer unix.Close(pidfd)
	signal := unix.SIGTERM
	if force {
		signal = unix.SIGKILL
	}
	if err := unix.PidfdSendSignal(pidfd, signal, nil, 0); err != nil {
		return ErrNotRunning
	}
	return awaitEnd(ctx, pidfd)
}

// findProcess opens the supervisor of a pod. It is looked at once more when it is
// held: its number may have become another's.
func findProcess(uuid string) (pidfd int, err error) {
	processes, err := os.ReadDir("/proc")
	if err != nil {
		return -1, err
	}
	for _, process := range processes {
		pid, err := strconv.Atoi(process.Name())
		if err != nil || !supervises(pid, uuid) {
			continue
		}
		pidfd, err := unix.PidfdOpen(pid, 0)
		if err != nil {
			continue
		}
		if supervises(pid, uuid) {
			return pidfd, nil
		}
		unix.Close(pidfd)
	}
	return -1, ErrNotRunning
}

func supervises(pid int, uuid string) bool {
	line, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	words := bytes.Split(line, []byte{0})
	return err == nil && len(words) > 2 && string(words[1]) == roleName && string(words[2]) == uuid
}

// awaitEnd waits until a process has ended, or the context has.
func awaitEnd(ctx context.Context, pidfd int) error {
	const look = 50 * time.Millisecond // for the context
	for ctx.Err() == nil {
		fds := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}
		if n, _ := unix.Poll(fds, int(look.Milliseconds())); n > 0 {
			return nil
		}
	}
	return ctx.Err()
}
