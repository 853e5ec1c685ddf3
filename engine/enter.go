package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/sandbox"
)

// EnterOptions say what to run in an app's surroundings.
type EnterOptions struct {
	App  string   // "": the pod's only one
	Argv []string // empty: a shell, if the app has one (NoShellError)
	Env  []string // NAME=VALUE, over the app's own environment

	// The process's own files; nil is /dev/null. With Terminal it gets a terminal
	// of that size instead, and what is typed and drawn goes through Stdin and
	// Stdout.
	Stdin          *os.File
	Stdout, Stderr *os.File
	Terminal       bool
	Screen         io.Writer // with Terminal: what is drawn goes here and not to Stdout; may be nil
	Rows, Cols     int
	Resized        <-chan [2]int // rows, cols
}

// NoShellError says that an app has no shell, and what it has.
type NoShellError = sandbox.NoShellError

// Enter runs a program beside a running app: in its namespaces and its cgroup, as
// its user, with its capabilities and its seccomp filter. It returns the
// program's exit status. The program ends with the context, and with this
// process.
func (e *Engine) Enter(ctx context.Context, word string, o EnterOptions) (int, error) {
	dir, err := e.find(word)
	if err != nil {
		return 0, err
	}
	inside, err := e.inside(dir, o)
	if err != nil {
		return 0, fmt.Errorf("pod %s: %w", dir.UUID, err)
	}
	program, err := sandbox.Enter(ctx, inside)
	if err != nil {
		return 0, enterError(dir.UUID, inside.App, err)
	}
	defer context.AfterFunc(ctx, program.Kill)()
	if o.Terminal {
		defer drive(program.Console(), o)()
	}
	status, err := program.Wait()
	if err == nil {
		err = ctx.Err()
	}
	return status, err
}

// inside puts together what is known of an app since it was started: nothing is
// read again that the app could have changed.
func (e *Engine) inside(dir *poddir.Dir, o EnterOptions) (sandbox.Inside, error) {
	status, err := dir.Status()
	if err != nil {
		return sandbox.Inside{}, err
	}
	if status.State != poddir.Running {
		return sandbox.Inside{}, fmt.Errorf("it is %s, and only a running pod can be entered", status.State)
	}
	n, err := status.ChooseApp(o.App)
	if err != nil {
		return sandbox.Inside{}, err
	}
	record, err := dir.ReadRecord()
	if err != nil {
		return sandbox.Inside{}, err
	}
	app, is := status.Apps[n], record.Resolved.Apps[n]
	if err := runs(app); err != nil {
		return sandbox.Inside{}, err
	}
	env, err := e.withMetadata(is.Environ(), status)
	if err != nil {
		return sandbox.Inside{}, err
	}
	inside := sandbox.Inside{
		UUID: dir.UUID, StateDir: dir.Sandbox(), CacheDir: e.cache(), App: app.Name,
		Argv: o.Argv, Env: environ(env, o.Env), Dir: is.WorkingDir.Value,
		UID: app.UID, GID: app.GID, Groups: app.Groups, Isolation: is.Isolation,
		Stdin: o.Stdin, Stdout: o.Stdout, Stderr: o.Stderr,
		Terminal: o.Terminal, Rows: o.Rows, Cols: o.Cols,
	}
	if len(inside.Argv) == 0 {
		inside.Argv, err = sandbox.FindShell(inside.StateDir, dir.UUID, app.Name, valueOf(inside.Env, "PATH"))
	}
	return inside, notRunning(app.Name, err)
}

// runs returns nil, or why an app does not run now.
func runs(app poddir.AppStatus) error {
	switch {
	case !app.Next.IsZero():
		return fmt.Errorf("app %q has ended, and is started again in a moment", app.Name)
	case app.Exit != nil:
		return fmt.Errorf("app %q has ended with status %d", app.Name, *app.Exit)
	}
	return nil
}

// enterError has the exit status of a shell for what can't be executed
// (ExitStatus).
func enterError(pod, app string, err error) error {
	err = fmt.Errorf("pod %s: %w", pod, notRunning(app, err))
	var refused interface { // *sandbox.ExecError, *sandbox.FullError
		error
		Status() int
	}
	if errors.As(err, &refused) {
		return &StartError{Message: err.Error(), Status: refused.Status()}
	}
	return err
}

func notRunning(app string, err error) error {
	if errors.Is(err, sandbox.ErrAppNotRunning) {
		return fmt.Errorf("app %q: %w", app, err)
	}
	return err
}

// environ is an app's environment with what the caller adds. It always says where
// home is: who starts the program would else ask the app's files.
func environ(env, more []string) []string {
	env = append(env, more...)
	if valueOf(env, "HOME") == "" {
		env = append(env, "HOME=/")
	}
	return env
}

// valueOf returns a variable's value: its last.
func valueOf(env []string, name string) string {
	value := ""
	for _, variable := range env {
		if v, ok := strings.CutPrefix(variable, name+"="); ok {
			value = v
		}
	}
	return value
}
