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
	lockFile   = "lock"    // flock: who holds it owns the pod
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

// deletingSuffix marks a folder that is being removed. It is not a UUID any
// more, so that nobody takes it for a pod.
const deletingSuffix = ".deleting"

// ErrBusy says that another process owns the pod.
var ErrBusy = errors.New("the pod is in use by another process")

// NewUUID returns a UUID for a new pod.
func NewUUID() string { return uuid.NewString() }

// Create makes a pod's folder below pods, owned by this process: its state is
// preparing for as long as the process lives.
func Create(pods, id string) (*Dir, error) {
	d := &Dir{UUID: id, Path: filepath.Join(pods, id)}
	if err := os.MkdirAll(pods, 0o700); err != nil {
		return nil, err
	}
	if err := os.Mkdir(d.Path, 0o700); err != nil {
		return nil, err
	}
	if err := d.Lock(); err != nil {
		return nil, err
	}
	for _, name := range []string{logsDir, appsDir, volumesDir, sandboxDir} {
		if err := os.Mkdir(d.file(name), 0o700); err != nil {
			return nil, err
		}
	}
	return d, nil
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
	lock, err := os.OpenFile(d.file(lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		lock.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return ErrBusy
		}
		return os.NewSyscallError("flock", err)
	}
	d.lock = lock
	return nil
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
	err = unix.Flock(int(lock.Fd()), unix.LOCK_SH|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return true, nil
	}
	return false, os.NewSyscallError("flock", err)
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

// List returns the UUIDs of all pods, and the folders of those whose removal
// somebody began.
func List(pods string) (uuids, doomed []string, err error) {
	entries, err := os.ReadDir(pods)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, entry := range entries {
		name, deleting := strings.CutSuffix(entry.Name(), deletingSuffix)
		switch {
		case uuid.Validate(name) != nil:
		case deleting:
			doomed = append(doomed, filepath.Join(pods, entry.Name()))
		default:
			uuids = append(uuids, name)
		}
	}
	return uuids, doomed, nil
}

// Find returns the UUID that begins with prefix.
func Find(pods, prefix string) (string, error) {
	uuids, _, err := List(pods)
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
