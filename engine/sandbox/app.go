package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/opencontainers/runc/libcontainer"
	"github.com/opencontainers/runc/libcontainer/configs"
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
	rlimits   []configs.Rlimit
	filter    filter
	begun
	mounts   *os.File // its mount namespace, by which it is killed without cgroups
	killed   atomic.Bool
	reaped   bool
	starting sync.Once // until the start is over (Pod.endStart)
}

// Create makes an app's mounts and cgroup, and a process that waits there to be
// executed, so that a pod in which one app can't be made runs none of them. An
// app that was made before can be made again after Process.Remove.
func (p *Pod) Create(app App) (*Process, error) {
	if err := p.Await(); err != nil {
		return nil, err
	}
	if err := p.users.admit(app); err != nil {
		return nil, err
	}
	root, done, err := p.reachable(app)
	if err != nil {
		return nil, fmt.Errorf("app %q: %w", app.Name, err)
	}
	defer done()
	app.Root = root
	filter, err := p.filterOf(app.Isolation)
	if err != nil {
		return nil, fmt.Errorf("app %q: %w", app.Name, err)
	}
	p.confine(app)
	rlimits, warnings := rlimits(app.Isolation.Rlimits)
	p.warn(app.Name, warnings...)
	config := p.config(app, raised(rlimits))
	if err := p.mountSystem(app, config); err != nil {
		return nil, fmt.Errorf("app %q: %w", app.Name, err)
	}
	untilExecuted(config, filter)
	container, err := libcontainer.Create(p.stateDir, recordName(p.uuid, app.Name), config)
	if err != nil {
		return nil, err
	}
	made := &Process{app: app, pod: p, container: container, rlimits: rlimits, filter: filter}
	p.beginStart()
	err = made.start()
	unmountSystem(app)
	if err != nil {
		made.endStart()
		_ = os.RemoveAll(made.record())
		return nil, p.users.explained(traced(err))
	}
	p.add(made)
	if err := made.prepare(); err != nil {
		made.Kill()
		_, _ = made.Wait()
		_ = made.Remove() // so that the next try finds nothing of this one
		return nil, traced(err)
	}
	return made, nil
}

// untilExecuted leaves a start, which is root's or has been, capabilities for what
// comes after libcontainer's part of it (become.c): no more than it needs, since who
// may trace it in the pod has them too.
func untilExecuted(config *configs.Config, filter filter) {
	more := []string{"CAP_DAC_OVERRIDE"}
	if len(filter) > 0 && !config.NoNewPrivileges {
		more = append(more, "CAP_SYS_ADMIN")
	}
	own := *config.Capabilities
	own.Effective = slices.Compact(slices.Sorted(slices.Values(slices.Concat(own.Effective, more))))
	own.Permitted = slices.Compact(slices.Sorted(slices.Values(slices.Concat(own.Permitted, more))))
	config.Capabilities = &own
}

// recordName is what libcontainer knows an app by.
func recordName(uuid, app string) string { return uuid + "." + app }

func (p *Process) start() error {
	var err error
	p.process = newProcess(p.app.UID, p.app.GID, p.app.Groups)
	p.process.Init = true
	if p.app.Terminal {
		p.process.ConsoleHeight, p.process.ConsoleWidth = uint16(p.app.Rows), uint16(p.app.Cols)
	} else {
		giveFiles(p.process, p.app.Stdin, p.app.Stdout, p.app.Stderr)
	}
	giveTo(p.app.Stderr, p.pod.users.Host(p.app.UID))
	p.begun, err = startProcess(p.app.Name, p.container, p.process, p.app.Terminal, nil)
	return err
}

// prepare has a process that libcontainer has made get ready to become the app.
func (p *Process) prepare() (err error) {
	if p.pod.host.unusable != nil {
		if p.mounts, err = os.Open(fmt.Sprintf("/proc/%d/ns/mnt", p.PID())); err != nil {
			return fmt.Errorf("app %q: %w", p.app.Name, err)
		}
	}
	return p.began(p.app.Name, p.program().prepare(p.status))
}

func (p *Process) program() program {
	return program{app: p.app.Name, dir: p.app.Dir, argv: p.app.Argv, env: p.app.Env, rlimits: p.rlimits, filter: p.filter}
}

// newProcess is what libcontainer is told of a process. It would look in the app's
// files for what it is not told; of an executable it wants to see that there is
// one, and its own is there.
func newProcess(uid, gid int, groups []int) *libcontainer.Process {
	return &libcontainer.Process{
		Args: []string{"/proc/self/exe"}, Env: []string{"HOME=/"}, Cwd: "/",
		UID: uid, GID: gid, AdditionalGroups: groups,
	}
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

// begun is what there is of a process that libcontainer has started.
type begun struct {
	status  *os.File // our end of execStatus
	words   *os.File // what it says as it dies; nil once it can't any more
	console *os.File // the master of its terminal, if it was to have one
}

// startProcess starts a process of libcontainer's. before, if there is one, is told of
// the other end of execStatus.
func startProcess(app string, container *libcontainer.Container, process *libcontainer.Process, terminal bool, before func(theirs *os.File)) (b begun, err error) {
	status, theirs, err := statusSockets()
	if err != nil {
		return begun{}, err
	}
	defer theirs.Close()                    // so that the app's start, if it dies, is the end of the stream
	process.ExtraFiles = []*os.File{theirs} // execStatus
	words, done, err := hearOut(process)
	if err != nil {
		status.Close()
		return begun{}, err
	}
	defer done()
	if before != nil {
		before(theirs)
	}
	b = begun{status: status, words: words}
	if terminal {
		b.console, err = startWithConsole(container, process)
	} else {
		err = container.Start(process)
	}
	if err != nil {
		status.Close()
		return begun{}, b.began(app, fmt.Errorf("app %q: %w", app, err))
	}
	return b, nil
}

// began is for a start that is over, in one way or the other.
func (b *begun) began(app string, err error) error {
	defer b.words.Close()
	return died(app, b.words, err)
}

func startWithConsole(container *libcontainer.Container, process *libcontainer.Process) (*os.File, error) {
	ours, theirs, err := handOverSockets("terminal")
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

// Exec lets the app go. When it returns without an error, the app's own code
// runs.
func (p *Process) Exec() error {
	defer p.status.Close()
	p.pod.confineMade(p.app)
	p.endStart()
	if err := p.program().execute(p.status); err != nil {
		return err
	}
	// libcontainer takes an app for one that waits in its fifo while there is one.
	return os.Remove(filepath.Join(p.record(), execFifo))
}

func (p *Process) endStart() { p.starting.Do(p.pod.endStart) }

const execFifo = "exec.fifo" // libcontainer's name for it

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
