package sandbox

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"

	"github.com/opencontainers/runc/libcontainer"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// App says what to start. Paths are absolute in the app's root unless they are
// said to be the host's.
type App struct {
	Name   string
	Root   string // the mounted root file system, on the host
	Argv   []string
	Env    []string
	UID    int
	GID    int
	Groups []int // supplementary
	Dir    string
	Mounts []Mount
	Limits spec.Limits

	Isolation spec.Isolation

	// The app's own; the caller closes its copies after Create.
	Stdin          *os.File // nil: /dev/null
	Stdout, Stderr *os.File

	// Terminal gives it a terminal instead (Process.Console).
	Terminal   bool
	Rows, Cols int // 0: as the terminal is made
}

// Process is a created app. It holds everything it needs and waits to be
// executed.
type Process struct {
	app       App
	pod       *Pod
	container *libcontainer.Container
	process   *libcontainer.Process
	status    *os.File // our end of execStatus
	console   *os.File // the terminal's master
	mounts    *os.File // its mount namespace, by which it is killed without cgroups
	killed    atomic.Bool
	reaped    bool
}

// Create makes an app's mounts and cgroup, and a process that waits there to be
// executed, so that a pod in which one app can't be made runs none of them. An
// app that was made before can be made again after Process.Remove.
func (p *Pod) Create(app App) (*Process, error) {
	container, err := libcontainer.Create(p.stateDir, recordName(p.uuid, app.Name), p.config(app))
	if err != nil {
		return nil, err
	}
	made := &Process{app: app, pod: p, container: container}
	if err := made.start(); err != nil {
		_ = os.RemoveAll(made.record())
		return nil, startError(app, err)
	}
	p.add(made)
	if err := made.confine(); err != nil {
		made.Kill()
		_, _ = made.Wait()
		_ = made.Remove() // so that the next try finds nothing of this one
		return nil, fmt.Errorf("app %q: %w", app.Name, err)
	}
	return made, nil
}

// confine does what is left for a process that waits to be executed.
func (p *Process) confine() (err error) {
	if p.pod.host.unusable != nil {
		if p.mounts, err = os.Open(fmt.Sprintf("/proc/%d/ns/mnt", p.PID())); err != nil {
			return err
		}
	}
	return p.pod.filter.install(p.status)
}

// recordName is what libcontainer knows an app by.
func recordName(uuid, app string) string { return uuid + "." + app }

func (p *Process) start() error {
	var err error
	p.process = &libcontainer.Process{
		Args: p.app.Argv, Env: p.app.Env, Cwd: p.app.Dir,
		UID: p.app.UID, GID: p.app.GID, AdditionalGroups: p.app.Groups,
		Init: true,
	}
	if p.app.Terminal {
		p.process.ConsoleHeight, p.process.ConsoleWidth = uint16(p.app.Rows), uint16(p.app.Cols)
	} else {
		giveFiles(p.process, p.app.Stdin, p.app.Stdout, p.app.Stderr)
	}
	p.status, p.console, err = startProcess(p.container, p.process, p.app.Terminal, nil)
	return err
}

// giveFiles leaves out what is nil, which libcontainer takes for /dev/null.
func giveFiles(process *libcontainer.Process, stdin, stdout, stderr *os.File) {
	if stdin != nil {
		process.Stdin = stdin
	}
	if stdout != nil {
		process.Stdout = stdout
	}
	if stderr != nil {
		process.Stderr = stderr
	}
}

// startProcess starts a process of libcontainer's, and returns our end of
// execStatus and, if one is wanted, its terminal. beside, if there is one, is
// called before.
func startProcess(container *libcontainer.Container, process *libcontainer.Process, terminal bool, beside func(status *os.File)) (status, console *os.File, err error) {
	status, theirs, err := statusSockets()
	if err != nil {
		return nil, nil, err
	}
	process.ExtraFiles = []*os.File{theirs} // execStatus
	if beside != nil {
		beside(status)
	}
	if terminal {
		console, err = startWithConsole(container, process)
	} else {
		err = container.Start(process)
	}
	theirs.Close() // so that the app's start, if it dies, is the end of the stream
	if err != nil {
		status.Close()
		return nil, nil, err
	}
	return status, console, nil
}

func startWithConsole(container *libcontainer.Container, process *libcontainer.Process) (*os.File, error) {
	ours, theirs, err := consoleSockets()
	if err != nil {
		return nil, err
	}
	defer ours.Close()
	process.ConsoleSocket = theirs
	err = container.Start(process)
	theirs.Close()
	if err != nil {
		return nil, err
	}
	console, err := receiveConsole(ours)
	if err != nil {
		_ = process.Signal(unix.SIGKILL)
		_, _ = process.Wait()
	}
	return console, err
}

// statusSockets are the two ends of execStatus. Messages keep their bounds.
func statusSockets() (ours, theirs *os.File, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	return os.NewFile(uintptr(pair[0]), "exec status"), os.NewFile(uintptr(pair[1]), "exec status"), nil
}

// Exec lets the app go. When it returns without an error, the app's own code
// runs.
func (p *Process) Exec() error {
	defer p.status.Close()
	if err := p.container.Exec(); err != nil {
		return err
	}
	return executed(p.app, p.status)
}

// executed waits until a start has become the app, or has said why it can't.
func executed(app App, status io.Reader) error {
	said, err := io.ReadAll(io.LimitReader(status, 4096))
	if err != nil || len(said) == 0 {
		return err
	}
	refused := execError(app, string(said))
	refused.found = true // it was looked for before
	return refused
}

// Console is the master of the app's terminal, if it was to have one. The caller
// closes it; reads end with an error when the app's last process has ended.
func (p *Process) Console() *os.File { return p.console }

// PID is the app's process ID as the host sees it.
func (p *Process) PID() int {
	pid, err := p.process.Pid()
	if err != nil {
		return 0
	}
	return pid
}

// Signal sends a signal to the app's own process.
func (p *Process) Signal(sig os.Signal) error {
	if sig == syscall.SIGKILL {
		p.noteKill()
	}
	return p.process.Signal(sig)
}

// Remove takes away what an app that has ended has on the host, so that it can
// be created again: its cgroup and libcontainer's record. Wait must have
// returned.
func (p *Process) Remove() error {
	p.pod.drop(p)
	p.status.Close()
	if err := sweep(cgroupPath(p.pod.uuid, p.app.Name)); err != nil {
		return err
	}
	return os.RemoveAll(p.record())
}

// record is libcontainer's folder of the app.
func (p *Process) record() string {
	return filepath.Join(p.pod.stateDir, recordName(p.pod.uuid, p.app.Name))
}
