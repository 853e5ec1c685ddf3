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

// A pod has two things that can be locked, which are parts of one file. Who works
// on its folder holds the first byte. Who is the pod's life, its maker or its
// supervisor, holds the whole file; whether anybody does is asked of the rest, so
// that a pod is not taken for alive because somebody tidies up after it.
var (
	workLock = unix.Flock_t{Type: unix.F_WRLCK, Len: 1}
	lifeLock = unix.Flock_t{Type: unix.F_WRLCK}
	lifeOnly = unix.Flock_t{Type: unix.F_WRLCK, Start: 1}
)

// Lock makes this process the pod's owner, or fails with ErrBusy at once. The pod
// is not alive for that; it is from when this process says so (WriteStatus).
func (d *Dir) Lock() error {
	lock, err := os.OpenFile(d.file(lockFile), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("pod %s: %w", d.UUID, ErrNotFound)
	}
	if err != nil {
		return err
	}
	d.lock, d.lives, err = lock, false, own(lock, workLock)
	if err != nil {
		d.lock = nil
		lock.Close()
	}
	return err
}

// live makes the owner the pod's life.
func (d *Dir) live() error {
	if d.lives {
		return nil
	}
	err := own(d.lock, lifeLock)
	d.lives = err == nil
	return err
}

// own locks an open lock file, or a part of it. The lock that decides belongs to
// the open file, like flock's: it is inherited, and ends with the last process
// that has it. Unlike flock's, it can be asked for without being taken, so that
// nobody who only looks is ever in an owner's way. The flock is for others who
// look, such as scripts.
func own(lock *os.File, what unix.Flock_t) error {
	err := unix.FcntlFlock(lock.Fd(), unix.F_OFD_SETLK, &what)
	if err == nil {
		_ = unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		return nil
	}
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		return ErrBusy
	}
	return os.NewSyscallError("fcntl", err)
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
	d.lock, d.handed, d.lives = nil, false, false
}
