package sandbox

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/opencontainers/runc/libcontainer"
	"golang.org/x/sys/unix"
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

	Stdout, Stderr *os.File // the app's; the caller closes its copies after Create
}

// Mount binds a folder or file of the host into the app's root.
type Mount struct {
	Source    string // on the host
	Target    string
	ReadOnly  bool
	Recursive bool // with what is mounted below Source
}

// Process is a created app. It holds everything it needs and waits to be
// executed.
type Process struct {
	app       App
	container *libcontainer.Container
	process   *libcontainer.Process
	status    *os.File // our end of execStatus
	reaped    bool
}

// Create makes an app's mounts and cgroup, and a process that waits there to be
// executed, so that a pod in which one app can't be made runs none of them.
func (p *Pod) Create(app App) (*Process, error) {
	container, err := libcontainer.Create(p.stateDir, p.uuid+"."+app.Name, p.config(app))
	if err != nil {
		return nil, err
	}
	status, theirs, err := statusSockets()
	if err != nil {
		return nil, err
	}
	process := &libcontainer.Process{
		Args: app.Argv, Env: app.Env, Cwd: app.Dir,
		UID: app.UID, GID: app.GID, AdditionalGroups: app.Groups,
		Stdout: app.Stdout, Stderr: app.Stderr,
		ExtraFiles: []*os.File{theirs}, // execStatus
		Init:       true,
	}
	err = container.Start(process)
	theirs.Close() // so that the app's start, if it dies, is the end of the stream
	if err != nil {
		status.Close()
		return nil, startError(app, err)
	}
	made := &Process{app: app, container: container, process: process, status: status}
	p.apps = append(p.apps, made)
	if err := p.filter.install(status); err != nil {
		return nil, fmt.Errorf("app %q: %w", app.Name, err)
	}
	return made, nil
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
	return p.executed()
}

func (p *Process) executed() error {
	said, err := io.ReadAll(io.LimitReader(p.status, 4096))
	if err != nil || len(said) == 0 {
		return err
	}
	refused := execError(p.app, string(said))
	refused.found = true // it was looked for before
	return refused
}

// PID is the app's process ID as the host sees it.
func (p *Process) PID() int {
	pid, err := p.process.Pid()
	if err != nil {
		return 0
	}
	return pid
}

// Signal sends a signal to the app's own process.
func (p *Process) Signal(sig os.Signal) error { return p.process.Signal(sig) }

// Wait waits for the app's own process, ends what it left running, and returns
// its exit status: 0…255, or 128+N for signal N.
func (p *Process) Wait() (int, error) {
	state, err := p.process.Wait()
	p.reaped = true
	var exit interface{ ExitCode() int }
	if err != nil && !errors.As(err, &exit) {
		return 0, fmt.Errorf("wait for app %q: %w", p.app.Name, err)
	}
	killRest(p.container)
	status := state.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return status.ExitStatus(), nil
}

// reap waits for an app that was killed before anybody waited for it.
func (p *Process) reap() {
	if !p.reaped {
		_, _ = p.process.Wait()
		p.reaped = true
	}
	p.status.Close()
}

// killRest kills what the app's process left in its cgroup. Its output ends
// with it: a daemon that a script started would keep the pod alive unseen.
func killRest(c *libcontainer.Container) {
	for range 10 {
		pids, err := c.Processes()
		if err != nil || len(pids) == 0 {
			return
		}
		for _, pid := range pids {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
	}
}
