package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/opencontainers/runc/libcontainer"
	"golang.org/x/sys/unix"
)

// A start is libcontainer's, and Go's, before it is the app: when it dies, the runtime
// writes why to its standard error, with all that its threads were doing. So that is a
// file of memory until the last moment, and the app's own waits beside it (become.c).
// A terminal's is made in the start, and heard by nobody before the app is there.

// DeathError says that an app's start has died.
type DeathError struct {
	App  string
	Said []byte // all that it has said, as it came
}

func (e *DeathError) Error() string {
	line, _, _ := bytes.Cut(e.Said, []byte("\n"))
	return fmt.Sprintf("app %q: its start has died: %s", e.App, line)
}

// traced writes it all to this process's standard error, which is the pod's trace.
func traced(err error) error {
	var dead *DeathError
	if errors.As(err, &dead) {
		_, _ = os.Stderr.Write(dead.Said)
	}
	return err
}

// mostSaid bounds what is kept of it: an app of the pod that may trace a start can
// write there as well.
const mostSaid = 64 << 10

// hearOut puts a file in the place of what a process has as standard error, and gives
// it that beside (become.c). Who has none has /dev/null.
func hearOut(process *libcontainer.Process) (words *os.File, done func(), err error) {
	fd, err := unix.MemfdCreate("start", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, nil, os.NewSyscallError("memfd_create", err)
	}
	words, done = os.NewFile(uintptr(fd), "start"), func() {}
	own, has := process.Stderr.(*os.File)
	if !has {
		if own, err = os.OpenFile(os.DevNull, os.O_RDWR, 0); err != nil {
			words.Close()
			return nil, nil, err
		}
		done = func() { own.Close() }
	}
	process.Stderr, process.ExtraFiles = words, append(process.ExtraFiles, own) // appStderr
	return words, done, nil
}

// giveTo makes a stream a user's, as libcontainer does where it knows of it: else he
// could not open /dev/stderr. What all have in common stays as it is.
func giveTo(file *os.File, uid int) {
	if file == nil {
		return
	}
	var st, null unix.Stat_t
	if unix.Fstat(int(file.Fd()), &st) != nil || unix.Stat(os.DevNull, &null) != nil || int(st.Uid) == uid || st.Rdev == null.Rdev {
		return
	}
	_ = file.Chown(uid, -1)
}

// died is an error of a start, or what it has said if it is that it died.
func died(app string, words *os.File, err error) error {
	if err == nil {
		return nil
	}
	said := make([]byte, mostSaid)
	n, _ := words.ReadAt(said, 0)
	said = bytes.TrimLeft(said[:max(n, 0)], "\x00\n")
	var refused *ExecError
	var folder *FolderError
	if len(said) == 0 || errors.As(err, &refused) || errors.As(err, &folder) {
		return err
	}
	return &DeathError{App: app, Said: said}
}
