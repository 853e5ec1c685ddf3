package poddir

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// maxState bounds what is read: a folder may come from a stranger.
const maxState = 4 << 20

// Status tells the pod's state as it is now. A pod that says it is alive and
// has no owner is not: its owner was killed, and with it everything in the pod.
func (d *Dir) Status() (Status, error) {
	l, err := d.look()
	if err != nil {
		return Status{}, err
	}
	defer l.pods.Close()
	return l.status(d.UUID)
}

// OwnStatus is the status of a pod whose lock we have taken: whoever owned it
// before is gone.
func (d *Dir) OwnStatus() (Status, error) {
	l, err := d.look()
	if err != nil {
		return Status{}, err
	}
	defer l.pods.Close()
	data, err := l.read(d.UUID)
	if err != nil {
		return Status{}, err
	}
	s, err := l.parse(d.UUID, data)
	return orphaned(s), err
}

func (d *Dir) look() (*looker, error) {
	pods, err := os.Open(filepath.Dir(d.Path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("pod %s: %w", d.UUID, ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return newLooker(pods), nil
}

// looker looks at pods below one folder, one after the other.
type looker struct {
	pods   *os.File
	buffer []byte
	before bytes.Buffer // what was read of a pod whose owner has gone
}

func newLooker(pods *os.File) *looker { return &looker{pods: pods, buffer: make([]byte, 8<<10)} }

// status asks for the lock only of a pod that says it is alive: the others' last
// word is their owner's. What an owner wrote just before it let go must not be
// missed, nor what the next wrote that took the pod meanwhile: a pod is dead if
// nobody owned it between two looks that saw the same.
func (l *looker) status(id string) (Status, error) {
	data, err := l.read(id)
	for {
		if err != nil {
			return Status{}, err
		}
		s, err := l.parse(id, data)
		if err != nil || !s.alive() {
			return s, err
		}
		owned, err := l.owned(id)
		if err != nil || owned {
			return s, err
		}
		l.before.Reset()
		l.before.Write(data)
		if data, err = l.read(id); err == nil && bytes.Equal(data, l.before.Bytes()) {
			return orphaned(s), nil
		}
	}
}

// read returns what the pod's state file says, which is valid until the next
// read: nil if there is none yet, and nothing if it can't be a state file.
func (l *looker) read(id string) ([]byte, error) {
	fd, err := openAt(l.pods, id+"/"+stateFile, unix.O_RDONLY)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, unix.ELOOP):
		return []byte{}, nil
	case err != nil:
		return nil, err
	}
	defer unix.Close(fd)
	for n := 0; ; {
		got, err := ignoringEINTR(func() (int, error) { return unix.Read(fd, l.buffer[n:]) })
		if err != nil {
			return []byte{}, nil // a folder, a pipe, a bad block: damaged
		}
		if n += got; n > maxState {
			return []byte{}, nil
		}
		if n < len(l.buffer) { // a short read is a file's last
			return l.buffer[:n], nil
		}
		l.buffer = append(l.buffer, make([]byte, 3*n)...)
	}
}

func (l *looker) parse(id string, data []byte) (Status, error) {
	if data == nil {
		return l.unwritten(id)
	}
	s, err := parseStatus(data)
	if err != nil || s.State == "" {
		return l.damaged(id)
	}
	s.UUID = id
	return s, nil
}

// damaged is a pod whose state can't be read, as after a power cut. It is shown
// and removed like any other that has failed.
func (l *looker) damaged(id string) (Status, error) {
	s, err := l.unwritten(id)
	s.State, s.Cause, s.Ended = Failed, "its state file is damaged", s.Created
	return s, err
}

// unwritten is a pod whose preparation has only begun.
func (l *looker) unwritten(id string) (Status, error) {
	var folder unix.Stat_t
	err := unix.Fstatat(int(l.pods.Fd()), id, &folder, unix.AT_SYMLINK_NOFOLLOW)
	if errors.Is(err, fs.ErrNotExist) {
		return Status{}, fmt.Errorf("pod %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return Status{}, &os.PathError{Op: "stat", Path: filepath.Join(l.pods.Name(), id), Err: err}
	}
	return Status{UUID: id, State: Preparing, Created: time.Unix(folder.Mtim.Unix())}, nil
}

// owned asks whether any process is the pod's life.
func (l *looker) owned(id string) (bool, error) {
	fd, err := openAt(l.pods, id+"/"+lockFile, unix.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ELOOP) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer unix.Close(fd)
	asked := lifeOnly
	if err := unix.FcntlFlock(uintptr(fd), unix.F_OFD_GETLK, &asked); err != nil {
		return false, os.NewSyscallError("fcntl", err)
	}
	return asked.Type != unix.F_UNLCK, nil
}

// openAt opens a file below a folder: never a link, and never waiting for one.
func openAt(folder *os.File, name string, how int) (int, error) {
	fd, err := ignoringEINTR(func() (int, error) {
		return unix.Openat(int(folder.Fd()), name, how|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: filepath.Join(folder.Name(), name), Err: err}
	}
	return fd, nil
}

func ignoringEINTR(call func() (int, error)) (int, error) {
	for {
		if n, err := call(); !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}
