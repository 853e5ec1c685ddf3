package poddir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// ErrBusy says that another process owns the pod.
var ErrBusy = errors.New("the pod is in use by another process")

// Lock makes this process the pod's owner, or fails with ErrBusy at once.
func (d *Dir) Lock() error {
	lock, err := os.OpenFile(d.file(lockFile), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("pod %s: %w", d.UUID, ErrNotFound)
	}
	if err != nil {
		return err
	}
	d.lock, err = own(lock)
	return err
}

// own locks an open lock file, or closes it. The lock that decides belongs to
// the open file, like flock's: it is inherited, and ends with the last process
// that has it. Unlike flock's, it can be asked for without being taken, so that
// nobody who only looks is ever in an owner's way. The flock is for others who
// look, such as scripts.
func own(lock *os.File) (*os.File, error) {
	whole := unix.Flock_t{Type: unix.F_WRLCK}
	err := unix.FcntlFlock(lock.Fd(), unix.F_OFD_SETLK, &whole)
	if err == nil {
		_ = unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		return lock, nil
	}
	lock.Close()
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		return nil, ErrBusy
	}
	return nil, os.NewSyscallError("fcntl", err)
}

// LockDescriptor is what a new owner inherits. It stays ours as well until
// Unlock.
func (d *Dir) LockDescriptor() *os.File {
	d.handed = true
	return d.lock
}

// Unlock gives up our hold on the pod. A process that inherited the lock goes
// on holding it. Where none did, the lock is taken off and not only closed: any
// process that is being started meanwhile has it open as well, until it is
// executed.
func (d *Dir) Unlock() {
	if d.lock == nil {
		return
	}
	if !d.handed {
		none := unix.Flock_t{Type: unix.F_UNLCK}
		_ = unix.FcntlFlock(d.lock.Fd(), unix.F_OFD_SETLK, &none)
	}
	d.lock.Close()
	d.lock, d.handed = nil, false
}
