package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/opencontainers/runc/libcontainer/configs"
	"github.com/opencontainers/runc/libcontainer/system"
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
	app      App
	pod      *Pod
	plan     plan
	process  *os.Process
	rlimits  []configs.Rlimit
	filter   filter
	status   *os.File // our end of execStatus
	consoles *os.File // where the terminal's master comes from
	console  *os.File // it
	mounts   *os.File // its mount namespace, by which it is killed without cgroups
	killed   atomic.Bool
	reaped   bool
	starting sync.Once // until the start is over (Pod.endStart)
}

// Create makes an app's mounts and cgroup, and a process that waits there to be
// executed, so that a pod in which one app can't be made runs none of them. An
// app that was made before can be made again after Process.Remove.
func (p *Pod) Create(app App) (*Process, error) {
	root, done, err := p.reachable(app)
	if err != nil {
		return nil, app.failed(err)
	}
	defer done()
	app.Root = root
	made, err := p.create(app)
	if err != nil {
		return nil, app.failed(err)
	}
	if err := made.prepare(); err != nil {
		_ = made.process.Kill() // it may be in no cgroup yet
		made.Kill()
		_, _ = made.Wait()
		_ = made.Remove() // so that the next try finds nothing of this one
		return nil, p.users.explained(err)
	}
	return made, nil
}

func (a App) failed(err error) error { return fmt.Errorf("app %q: %w", a.Name, err) }

func (p *Pod) create(app App) (*Process, error) {
	if err := p.users.admit(app); err != nil {
		return nil, err
	}
	filter, err := p.filterOf(app.Isolation)
	if err != nil {
		return nil, err
	}
	p.confine(app)
	rlimits, warnings := rlimits(app.Isolation.Rlimits)
	p.warn(app.Name, warnings...)
	made := &Process{app: app, pod: p, rlimits: rlimits, filter: filter}
	p.beginStart()
	if err := made.start(); err != nil {
		made.endStart()
		return nil, err
	}
	p.add(made)
	return made, nil
}

// start starts what makes the app, and then becomes it.
func (p *Process) start() (err error) {
	if p.plan, err = p.pod.planOf(p.app, p.filter); err != nil {
		return err
	}
	defer p.plan.close()
	var theirs, theirConsole *os.File
	if p.status, theirs, err = statusSockets(); err != nil {
		return err
	}
	defer theirs.Close() // so that the start's end, if it dies, is that of the stream
	if p.app.Terminal {
		if p.consoles, theirConsole, err = consoleSockets(); err != nil {
			p.status.Close()
			return err
		}
		defer theirConsole.Close()
	}
	if p.process, err = p.pod.startOf(p.plan, theirs, theirConsole); err != nil {
		p.status.Close()
		p.consoles.Close()
	}
	return err
}

// prepare has the start get ready to become the app.
func (p *Process) prepare() error {
	record, err := p.place()
	if err != nil {
		return p.app.failed(err)
	}
	if err := p.program().prepare(p.status); err != nil {
		return err
	}
	if err := p.hold(); err != nil {
		return p.app.failed(err)
	}
	if err := record.write(p.recordFile() + beingMade); err != nil {
		return p.app.failed(err)
	}
	return nil
}

// place has the start make the app's mounts, while it is moved into the app's cgroups:
// nothing of the app's own happens before it has its program.
func (p *Process) place() (record, error) {
	record, err := p.adjust()
	if err != nil {
		return record, err
	}
	if p.pod.host.unusable != nil {
		return record, p.plan.tell(p.status)
	}
	cgroup, err := p.pod.cgroupOf(p.app.Name)
	if err != nil {
		return record, err
	}
	if err := p.plan.tell(p.status); err != nil {
		return record, err
	}
	err = cgroup.Apply(p.PID())
	record.Cgroups = cgroup.GetPaths()
	return record, err
}

// hold takes what is had of an app that is made.
func (p *Process) hold() (err error) {
	if p.pod.host.unusable != nil {
		if p.mounts, err = os.Open(fmt.Sprintf("/proc/%d/ns/mnt", p.PID())); err != nil {
			return err
		}
	}
	if p.app.Terminal {
		p.console, err = receiveConsole(p.consoles)
		p.consoles.Close()
	}
	return err
}

// adjust gives a start what only others can give it, and only while it is root's.
func (p *Process) adjust() (record, error) {
	adjustment, warning := oomScore(p.app.Isolation.OOMScoreAdj)
	p.pod.warn(p.app.Name, warning)
	anyProcessor(p.PID())
	if adjustment != nil {
		score := strconv.AppendInt(nil, int64(*adjustment), 10)
		if err := os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", p.PID()), score, 0); err != nil {
			return record{}, err
		}
	}
	for _, limit := range raised(p.rlimits) {
		if err := unix.Prlimit(p.PID(), limit.Type, &unix.Rlimit{Cur: limit.Soft, Max: limit.Hard}, nil); err != nil {
			return record{}, os.NewSyscallError("prlimit", err)
		}
	}
	stat, err := system.Stat(p.PID())
	return record{
		PID: p.PID(), Started: stat.StartTime,
		Capabilities: p.plan.capabilities, NoNewPrivileges: p.app.Isolation.NoNewPrivileges, OOMScoreAdj: adjustment,
		Users: p.pod.users, Network: p.pod.network,
	}, err
}

// anyProcessor undoes what keeps podtui itself to some processors.
func anyProcessor(pid int) {
	var all unix.CPUSet
	for i := range all {
		all[i] = ^all[i]
	}
	_ = unix.SchedSetaffinity(pid, &all)
}

func (p *Process) program() program {
	return program{app: p.app.Name, dir: p.app.Dir, argv: p.app.Argv, env: p.app.Env, rlimits: p.rlimits, filter: p.filter}
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
	return os.Rename(p.recordFile()+beingMade, p.recordFile())
}

func (p *Process) endStart() { p.starting.Do(p.pod.endStart) }

// beingMade is behind the name of the record of an app that doesn't run yet.
const beingMade = ".new"

// Console is the master of the app's terminal, if it was to have one. The caller
// closes it; reads end with an error when the app's last process has ended.
func (p *Process) Console() *os.File { return p.console }

// PID is the app's process ID as the host sees it.
func (p *Process) PID() int { return p.process.Pid }

// Signal sends a signal to the app's own process.
func (p *Process) Signal(sig os.Signal) error {
	if sig == syscall.SIGKILL {
		p.noteKill()
	}
	return p.process.Signal(sig)
}

// Remove takes away what an app that has ended has on the host, so that it can
// be created again: its cgroup and its record. Wait must have returned.
func (p *Process) Remove() error {
	p.pod.drop(p)
	p.status.Close()
	if err := sweep(cgroupPath(p.pod.uuid, p.app.Name)); err != nil {
		return err
	}
	return errors.Join(remove(p.recordFile()), remove(p.recordFile()+beingMade))
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (p *Process) recordFile() string { return recordFile(p.pod.stateDir, p.pod.uuid, p.app.Name) }
