package poddir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
)

// Dir is one pod's folder. The zero Dir is not usable.
type Dir struct {
	UUID string
	Path string
	lock *os.File // held by us, or nil
}

// What is in a pod's folder.
const (
	lockFile   = "lock"    // who holds it owns the pod; see own
	stateFile  = "state"   // replaced by rename
	recordFile = "record"  // what is executed; written once
	eventsFile = "events"  // one JSON object a line; only appended to
	logsDir    = "logs"    // one file an app
	appsDir    = "apps"    // each app's root and what it changed
	volumesDir = "volumes" // empty volumes
	sandboxDir = "sandbox" // libcontainer's records
	socketFile = "socket"  // the supervisor takes orders here
	traceFile  = "trace"   // what the supervisor says when it crashes
)

// Suffixes of folders that are being made and removed. They are no UUIDs, so
// that nobody takes them for pods.
const (
	beginningSuffix = ".beginning"
	deletingSuffix  = ".deleting"
)

// ErrBusy says that another process owns the pod.
var ErrBusy = errors.New("the pod is in use by another process")

// NewUUID returns a UUID for a new pod.
func NewUUID() string { return uuid.NewString() }

// Create makes a pod's folder below pods, owned by this process: its state is
// preparing for as long as the process lives. The folder appears under its name
// with its lock held; nobody ever sees it without.
func Create(pods, id string) (*Dir, error) {
	if err := os.MkdirAll(pods, 0o700); err != nil {
		return nil, err
	}
	done, err := beginning(pods, unix.LOCK_SH)
	if err != nil {
		return nil, err
	}
	defer done()
	unborn := &Dir{UUID: id, Path: filepath.Join(pods, id+beginningSuffix)}
	if err := unborn.fill(); err != nil {
		unborn.Unlock()
		return nil, errors.Join(err, os.RemoveAll(unborn.Path))
	}
	d := &Dir{UUID: id, Path: filepath.Join(pods, id), lock: unborn.lock}
	if err := os.Rename(unborn.Path, d.Path); err != nil {
		unborn.Unlock()
		return nil, errors.Join(err, os.RemoveAll(unborn.Path))
	}
	return d, nil
}

func (d *Dir) fill() error {
	if err := os.Mkdir(d.Path, 0o700); err != nil {
		return err
	}
	lock, err := os.OpenFile(d.file(lockFile), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if d.lock, err = own(lock); err != nil {
		return err
	}
	for _, name := range []string{logsDir, appsDir, volumesDir, sandboxDir} {
		if err := os.Mkdir(d.file(name), 0o700); err != nil {
			return err
		}
	}
	return nil
}

// beginning locks the beginnings of pods: shared by those who make one,
// exclusive to who removes what makers left that were killed.
func beginning(pods string, how int) (done func(), err error) {
	folder, err := os.Open(pods)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(folder.Fd()), how); err != nil {
		folder.Close()
		return nil, os.NewSyscallError("flock", err)
	}
	return func() { folder.Close() }, nil
}

// Sweep removes what processes left that were killed while they made a pod's
// folder or removed one.
func Sweep(pods string) error {
	entries, err := os.ReadDir(pods)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var errs []error
	for _, entry := range entries {
		switch {
		case strings.HasSuffix(entry.Name(), deletingSuffix):
			errs = append(errs, os.RemoveAll(filepath.Join(pods, entry.Name())))
		case strings.HasSuffix(entry.Name(), beginningSuffix):
			errs = append(errs, removeUnborn(pods, entry.Name()))
		}
	}
	return errors.Join(errs...)
}

func removeUnborn(pods, name string) error {
	done, err := beginning(pods, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer done()
	return os.RemoveAll(filepath.Join(pods, name))
}

// Open names a pod's folder. Nothing is read yet, and nothing owned.
func Open(pods, id string) *Dir { return &Dir{UUID: id, Path: filepath.Join(pods, id)} }

// Inherit is Open for the process that was handed the lock's descriptor: the
// pod has an owner without a gap.
func Inherit(pods, id string, lock *os.File) *Dir {
	return &Dir{UUID: id, Path: filepath.Join(pods, id), lock: lock}
}

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
func (d *Dir) LockDescriptor() *os.File { return d.lock }

// Unlock gives up our hold on the pod. A process that inherited the lock goes
// on holding it.
func (d *Dir) Unlock() {
	if d.lock != nil {
		d.lock.Close()
		d.lock = nil
	}
}

// owned asks whether any process owns the pod.
func (d *Dir) owned() (bool, error) {
	lock, err := os.Open(d.file(lockFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer lock.Close()
	asked := unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(lock.Fd(), unix.F_OFD_GETLK, &asked); err != nil {
		return false, os.NewSyscallError("fcntl", err)
	}
	return asked.Type != unix.F_UNLCK, nil
}

// Remove removes the folder. We must own the pod. From the rename on there is
// no such pod; whoever finds the rest after a crash may finish it.
func (d *Dir) Remove() error {
	doomed := d.Path + deletingSuffix
	if err := os.Rename(d.Path, doomed); err != nil {
		return err
	}
	err := os.RemoveAll(doomed)
	d.Unlock()
	return err
}

// List returns the UUIDs of all pods.
func List(pods string) ([]string, error) {
	entries, err := os.ReadDir(pods)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var uuids []string
	for _, entry := range entries {
		if uuid.Validate(entry.Name()) == nil {
			uuids = append(uuids, entry.Name())
		}
	}
	return uuids, nil
}

// Find returns the UUID that begins with prefix.
func Find(pods, prefix string) (string, error) {
	uuids, err := List(pods)
	if err != nil {
		return "", err
	}
	found := slices.DeleteFunc(uuids, func(id string) bool { return !strings.HasPrefix(id, prefix) })
	switch {
	case prefix == "" || len(found) == 0:
		return "", fmt.Errorf("pod %q: %w", prefix, ErrNotFound)
	case len(found) > 1:
		return "", fmt.Errorf("pod %q: ambiguous, it begins %s", prefix, strings.Join(found, " and "))
	}
	return found[0], nil
}

// ErrNotFound says that there is no such pod.
var ErrNotFound = errors.New("no such pod")

func (d *Dir) file(elements ...string) string {
	return filepath.Join(append([]string{d.Path}, elements...)...)
}

// The folders and files that others fill.

// Sandbox is the folder of libcontainer's records.
func (d *Dir) Sandbox() string { return d.file(sandboxDir) }

// Volume is the folder of an empty volume.
func (d *Dir) Volume(name string) string { return d.file(volumesDir, name) }

// App is the folder that holds what an app's root is made of.
func (d *Dir) App(name string) string { return d.file(appsDir, name) }

// AppRoot is where an app's root is mounted, in the supervisor's own mount
// namespace only.
func (d *Dir) AppRoot(name string) string { return d.file(appsDir, name, "root") }

// AppUpper is the folder of what an app has changed in its root.
func (d *Dir) AppUpper(name string) string { return d.file(appsDir, name, "upper") }

// AppWork is overlayfs's own.
func (d *Dir) AppWork(name string) string { return d.file(appsDir, name, "work") }

// SocketName is the name, in the folder, of the socket on which the supervisor
// takes orders.
func (d *Dir) SocketName() string { return socketFile }

// Trace is the file that a crash of the supervisor is written to.
func (d *Dir) Trace() string { return d.file(traceFile) }
