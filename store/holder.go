package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Downloads and turns are folders that one process holds at a time, by a lock
// on the folder itself. Whoever holds one may remove it; whoever waited for it
// then finds that its lock is one on nothing, and makes the folder anew.

// patience is how often who waits looks again. A blocking flock could not end
// with a context.
const patience = 80 * time.Millisecond

// hold makes the folder if it is missing and waits until it has it for itself.
// Waiting is called each time somebody else is found to have it.
func hold(ctx context.Context, dir string, waiting func()) (f *os.File, err error) {
	for {
		f, err = tryHold(dir)
		if !errors.Is(err, errClaimed) {
			return f, err
		}
		waiting()
		select {
		case <-time.After(patience):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// tryHold is errClaimed if somebody else has the folder.
func tryHold(dir string) (*os.File, error) {
	for {
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		f, err := holdThere(dir)
		if !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
}

// holdThere is tryHold for a folder that must be there: if it is not, or went
// away while it was locked, it is fs.ErrNotExist.
func holdThere(dir string) (*os.File, error) {
	f, err := os.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	err = flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == unix.EWOULDBLOCK {
		err = errClaimed
	}
	if err == nil {
		err = stillThere(f, dir)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// stillThere reports whether an open folder is the one with that name.
func stillThere(f *os.File, dir string) error {
	mine, err := f.Stat()
	if err != nil {
		return err
	}
	there, err := os.Lstat(dir)
	if err == nil && !os.SameFile(mine, there) {
		err = fs.ErrNotExist
	}
	return err
}

// keyName makes a file name of any key.
func keyName(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// subfolder makes one of the store's folders that are made when they are needed.
func (s *Store) subfolder(name string) error {
	return os.MkdirAll(s.path(name), 0o700)
}
