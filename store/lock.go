package store

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// lock waits for the lock called name and returns what gives it back. Locks
// are flocks, so they end with their process, and they belong to the open
// file, so they work between goroutines as well. How is unix.LOCK_SH or
// unix.LOCK_EX.
func (s *Store) lock(name string, how int) (unlock func(), err error) {
	path := s.path(name)
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_CREAT|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	if err := flock(fd, how); err != nil {
		unix.Close(fd)
		return nil, &os.PathError{Op: "lock", Path: path, Err: err}
	}
	return func() { unix.Close(fd) }, nil
}

func flock(fd, how int) error {
	for {
		// The runtime's preemption signals interrupt a waiting flock.
		if err := unix.Flock(fd, how); err != unix.EINTR {
			return err
		}
	}
}

// fsyncPath makes a file, or the names in a folder, durable.
func fsyncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", path, err)
	}
	return nil
}
