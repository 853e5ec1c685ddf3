package poddir

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
)

// Dir is one pod's folder. The zero Dir is not usable.
type Dir struct {
	UUID string
	Path string
	lock *os.File // held by us, or nil

	handed bool // another process may have inherited the lock
	lives  bool // ours is the lock of the pod's life
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
	d := &Dir{UUID: id, Path: filepath.Join(pods, id), lock: unborn.lock, lives: true}
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
	d.lock = lock
	if err := d.live(); err != nil {
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

// Open names a pod's folder. Nothing is read yet, and nothing owned.
func Open(pods, id string) *Dir { return &Dir{UUID: id, Path: filepath.Join(pods, id)} }

// Inherit is Open for the process that was handed the lock's descriptor: the
// pod has an owner without a gap.
func Inherit(pods, id string, lock *os.File) *Dir {
	return &Dir{UUID: id, Path: filepath.Join(pods, id), lock: lock, lives: true}
}

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
