package drafts

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// hold locks an open file, and reports whether it could and the file is still
// there: one that was removed, or replaced, before it was locked is nobody's. The
// lock belongs to the open file, as flock's does; but it can be asked for without
// being taken, so whoever only looks is in nobody's way.
func hold(file *os.File) bool {
	lock := unix.Flock_t{Type: unix.F_WRLCK}
	if unix.FcntlFlock(file.Fd(), unix.F_OFD_SETLK, &lock) != nil {
		return false
	}
	return linked(file)
}

func linked(file *os.File) bool {
	var s unix.Stat_t
	return unix.Fstat(int(file.Fd()), &s) == nil && s.Nlink > 0
}

// held reports whether somebody holds a file.
func held(file *os.File) bool {
	lock := unix.Flock_t{Type: unix.F_WRLCK}
	return unix.FcntlFlock(file.Fd(), unix.F_OFD_GETLK, &lock) == nil && lock.Type != unix.F_UNLCK
}

// release closes a file, and takes its lock off: a process that is being started
// meanwhile has it open as well, until it is executed.
func release(file *os.File) {
	none := unix.Flock_t{Type: unix.F_UNLCK}
	_ = unix.FcntlFlock(file.Fd(), unix.F_OFD_SETLK, &none)
	file.Close()
}

var errBusy = errors.New("it is held by another podtui, which does not go on")

// await locks a file that others hold for a moment only. One of them may stand
// still, though, and nobody is to stand still with it.
func await(file *os.File, patience time.Duration) error {
	const pause = 2 * time.Millisecond
	lock := unix.Flock_t{Type: unix.F_WRLCK}
	for begun := time.Now(); ; time.Sleep(pause) {
		err := unix.FcntlFlock(file.Fd(), unix.F_OFD_SETLK, &lock)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EACCES):
			return os.NewSyscallError("fcntl", err)
		case time.Since(begun) >= patience:
			return errBusy
		}
	}
}
