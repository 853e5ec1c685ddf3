package mds

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// sharedFile, in the data folder, says where the service for all of its pods
// listens. The file stays; who holds its locks is the service. The first byte's
// says that there is one, and the second's that the file tells where: nobody
// reads what an earlier one has left there.
const (
	sharedFile = "metadata-service"
	maxAddress = 64
)

// Claim is this process's being the one service of a data folder for all of its
// pods.
type Claim struct{ file *os.File }

// NewClaim claims that. The error says that another process has.
func NewClaim(data string) (*Claim, error) {
	file, err := os.OpenFile(filepath.Join(data, sharedFile), os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	err = lock(file, 0)
	if err == nil {
		return &Claim{file}, nil
	}
	file.Close()
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		return nil, fmt.Errorf("another metadata service runs for %s already%s", data, where(Shared(data)))
	}
	return nil, os.NewSyscallError("fcntl", err)
}

func where(address string) string {
	if address == "" {
		return ""
	}
	return ", at " + address
}

// Tell tells pods that start from now on where the service listens.
func (c *Claim) Tell(address string) error {
	err := c.file.Truncate(0)
	if err == nil {
		_, err = c.file.WriteAt([]byte(address), 0)
	}
	if err == nil {
		err = lock(c.file, 1)
	}
	return err
}

// Release ends the claim.
func (c *Claim) Release() { c.file.Close() }

// lock takes one byte. The lock ends with the open file, and can be asked for
// without being taken.
func lock(file *os.File, at int64) error {
	return unix.FcntlFlock(file.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: unix.F_WRLCK, Start: at, Len: 1})
}

// Shared returns where the service for all pods of a data folder listens; "" if
// there is none.
func Shared(data string) string {
	file, err := os.OpenFile(filepath.Join(data, sharedFile), os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return ""
	}
	defer file.Close()
	holder := unix.Flock_t{Type: unix.F_RDLCK, Start: 1, Len: 1}
	if err := unix.FcntlFlock(file.Fd(), unix.F_OFD_GETLK, &holder); err != nil || holder.Type == unix.F_UNLCK {
		return ""
	}
	address := make([]byte, maxAddress)
	n, err := file.ReadAt(address, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return ""
	}
	return string(address[:n])
}
