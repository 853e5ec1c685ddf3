package poddir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// bellSuffix is of a socket that is written to when HostNames may tell something else.
// inotify would need nobody who rings, but a user has 128 instances of it for all that
// runs on a host (fs.inotify.max_user_instances): with one for each pod, a hundred pods
// would leave none for others.
const bellSuffix = ".bell"

// NamesWatch tells when HostNames may have changed.
type NamesWatch struct{ bell *os.File }

// WatchHostNames begins to watch. What is read after it was opened can't miss a change.
// The bell goes with WithdrawHostName.
func (d *Dir) WatchHostNames() (*NamesWatch, error) {
	names, err := openLinks(filepath.Dir(d.Path), hostNamesDir)
	if err != nil {
		return nil, err
	}
	folder, err := os.Open(names.path())
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	w := &NamesWatch{os.NewFile(uintptr(fd), d.UUID+bellSuffix)}
	err = ignoreGone(os.Remove(names.link(d.UUID + bellSuffix))) // of a supervisor that was killed
	if err == nil {
		err = unix.Bind(fd, bellIn(folder, d.UUID+bellSuffix))
	}
	if err != nil {
		w.Close()
		return nil, &os.PathError{Op: "bind", Path: names.link(d.UUID + bellSuffix), Err: err}
	}
	return w, nil
}

// Wait returns when something may have changed since the last time. Many changes are
// one. Its error is os.ErrClosed once Close was called.
func (w *NamesWatch) Wait() error {
	rung := make([]byte, 1)
	if _, err := w.bell.Read(rung); err != nil {
		return err
	}
	raw, err := w.bell.SyscallConn()
	if err != nil {
		return err
	}
	return raw.Control(func(fd uintptr) {
		for {
			if _, err := unix.Read(int(fd), rung); err != nil && !errors.Is(err, unix.EINTR) { //nolint:gosec // a descriptor is an int
				return
			}
		}
	})
}

// Close ends the watch, and a Wait.
func (w *NamesWatch) Close() error { return w.bell.Close() }

// ring tells all who watch. Who has not yet taken up what he was told before is not
// told again; nobody is waited for.
func (l linkFolder) ring() error {
	folder, err := os.Open(l.path())
	if err != nil {
		return err
	}
	defer folder.Close()
	entries, err := folder.Readdirnames(-1)
	if err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer unix.Close(fd)
	for _, name := range entries {
		if strings.HasSuffix(name, bellSuffix) {
			_ = unix.Sendto(fd, []byte{0}, unix.MSG_NOSIGNAL, bellIn(folder, name)) // its pod may be going
		}
	}
	return nil
}

// bellIn is named through the folder's descriptor: the path of a socket is limited to
// 107 bytes, that of a data folder is not.
func bellIn(folder *os.File, name string) *unix.SockaddrUnix {
	return &unix.SockaddrUnix{Name: fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), name)}
}
