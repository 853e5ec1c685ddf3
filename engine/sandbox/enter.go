package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/opencontainers/runc/libcontainer"
	"github.com/opencontainers/runc/libcontainer/configs"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// Inside is a program to run beside an app: in its namespaces and its cgroup,
// with its capabilities and its seccomp filter. Nothing of it is looked up in
// the app's files.
type Inside struct {
	UUID     string
	StateDir string // of the pod, as Start had it
	CacheDir string
	App      string

	Isolation spec.Isolation // the app's

	Argv     []string
	Env      []string
	UID, GID int
	Groups   []int
	Dir      string

	Stdin, Stdout, Stderr *os.File // nil: /dev/null

	Terminal   bool // in place of the files (Entered.Console)
	Rows, Cols int
}

// ErrAppNotRunning says that an app to be entered does not run.
var ErrAppNotRunning = errors.New("it does not run")

// Entered is a program that runs beside an app. It dies with this process.
type Entered struct {
	in      Inside
	target  target
	process *libcontainer.Process
	begun

	starting startProcesses

	mu   sync.Mutex // of target, once the program runs
	over bool       // target is closed

	ended  chan struct{}
	result Ending
	err    error
}

// Enter starts a program. It needs nothing of the pod's supervisor. A thread is
// kept until the program has ended, since the kernel ends the program with the
// thread that has started it.
func Enter(ctx context.Context, in Inside) (*Entered, error) {
	e := &Entered{in: in, ended: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		err := e.start()
		started <- err
		if err == nil {
			e.wait()
		}
	}()
	err := e.awaitStart(ctx, started)
	if err == nil && ctx.Err() != nil {
		e.Kill()
		<-e.ended
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return e, err
}

// awaitStart waits for a start. An app can stop it on its way, for ever: when the
// context ends, the processes of the start are killed until it gives up.
func (e *Entered) awaitStart(ctx context.Context, started <-chan error) error {
	select {
	case err := <-started:
		if err != nil {
			e.starting.end()
		}
		return err
	case <-ctx.Done():
	}
	for until := time.Now().Add(goneTime); time.Now().Before(until); {
		e.starting.kill()
		select {
		case err := <-started:
			if err != nil {
				e.starting.end()
			}
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
	return ctx.Err() // it is frozen, and dies when it is thawed
}

func (e *Entered) start() error {
	filter, err := loadFilter(e.in.CacheDir, e.in.Isolation)
	if err != nil {
		return fmt.Errorf("seccomp profile: %w", err)
	}
	if e.target, err = findTarget(e.in.StateDir, e.in.UUID, e.in.App); err != nil {
		return err
	}
	e.process = newProcess(e.in.UID, e.in.GID, e.in.Groups)
	limits, _ := rlimits(e.in.Isolation.Rlimits) // whoever enters may have less to give than the supervisor
	e.process.Rlimits = raised(limits)
	if e.in.Terminal {
		e.process.ConsoleHeight, e.process.ConsoleWidth = uint16(e.in.Rows), uint16(e.in.Cols)
	} else {
		giveFiles(e.process, e.in.Stdin, e.in.Stdout, e.in.Stderr)
		if !e.target.isPrivate() { // else the stream is of nobody whom the pod knows
			giveTo(e.in.Stderr, e.in.UID)
		}
	}
	refusals := refusedForks(e.in.UUID, e.in.App)
	if err := e.execute(limits, filter); err != nil {
		defer e.target.close()
		var refused *ExecError
		switch {
		case errors.As(err, &refused):
			return err
		case e.target.endsWithin(goingTime):
			return ErrAppNotRunning // whose end took the program with it
		case refusedForks(e.in.UUID, e.in.App) > refusals:
			return fullError(e.in.UUID, e.in.App)
		}
		return err
	}
	return nil
}

// execute returns once the program's own code runs, or can't.
func (e *Entered) execute(limits []configs.Rlimit, filter filter) error {
	var err error
	e.begun, err = startProcess(e.in.App, e.target.container, e.process, e.in.Terminal, e.starting.note)
	if err != nil {
		return err
	}
	defer e.status.Close()
	if err = e.become(program{app: e.in.App, dir: e.in.Dir, argv: e.in.Argv, env: e.in.Env, rlimits: limits, filter: filter}); err != nil {
		e.console.Close()
		_ = e.process.Signal(unix.SIGKILL)
		_, _ = e.process.Wait()
	}
	return err
}

// become executes the program where the start has gone to. If the app runs now,
// then it ran when its namespaces were joined, and no other process had its number.
func (e *Entered) become(program program) error {
	if err := e.began(e.in.App, program.prepare(e.status)); err != nil {
		return err
	}
	if !e.target.lives() {
		return ErrAppNotRunning
	}
	return program.execute(e.status)
}

// Console is the master of the program's terminal, if it was to have one. The
// caller closes it; the program then gets SIGHUP.
func (e *Entered) Console() *os.File { return e.console }

func (e *Entered) wait() {
	defer close(e.ended)
	defer e.letGo()
	state, err := e.process.Wait()
	var exit interface{ ExitCode() int }
	if err != nil && !errors.As(err, &exit) {
		e.err = err
		return
	}
	e.result = ending(state.Sys().(syscall.WaitStatus))
}

func (e *Entered) letGo() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.over = true
	e.target.close()
}

// Wait waits for the program's end, and returns its exit status.
func (e *Entered) Wait() (int, error) {
	<-e.ended
	return e.result.Status, e.err
}

// Kill ends the program, with all of its session that it has started.
func (e *Entered) Kill() {
	e.mu.Lock() // its end must not take away what is needed to find the rest
	defer e.mu.Unlock()
	if e.over {
		return
	}
	pid, err := e.process.Pid()
	if err != nil {
		return
	}
	_ = e.process.Signal(unix.SIGKILL)
	killMembers(e.target.mounts, func(member int) bool {
		session, err := unix.Getsid(member)
		return err == nil && session == pid
	})
}
