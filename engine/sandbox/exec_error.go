package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
)

// ExecError says that an app's executable could not be executed.
type ExecError struct {
	App  string
	Path string
	Err  error // errno, or libcontainer's own words

	found bool // the file is there: what is missing is its interpreter
}

func (e *ExecError) Error() string {
	if e.found && errors.Is(e.Err, syscall.ENOENT) {
		return fmt.Sprintf("app %q: exec %s: its interpreter: %v", e.App, e.Path, e.Err)
	}
	return fmt.Sprintf("app %q: exec %s: %v", e.App, e.Path, e.Err)
}

func (e *ExecError) Unwrap() error { return e.Err }

// Status is what a shell would exit with: 127 if there is no such file, 126 if
// there is one that can't be executed.
func (e *ExecError) Status() int {
	if !e.found && (errors.Is(e.Err, syscall.ENOENT) || errors.Is(e.Err, syscall.ENOTDIR)) {
		return 127
	}
	return 126
}

// libcontainer's init reports errors as text over a pipe, so their type is lost
// on the way; errno's own words are stable, and are turned back here.
var execErrnos = [...]syscall.Errno{
	syscall.ENOENT, syscall.ENOTDIR, syscall.EACCES, syscall.ENOEXEC, syscall.EISDIR,
	syscall.ELOOP, syscall.ETXTBSY, syscall.EPERM, syscall.E2BIG, syscall.ENOMEM, syscall.EINVAL,
}

// execError makes an ExecError of what the app's start said on its status pipe.
func execError(app App, said string) *ExecError {
	said = strings.TrimSpace(said)
	for _, errno := range execErrnos {
		if strings.HasSuffix(said, errno.Error()) {
			return &ExecError{App: app.Name, Path: app.Argv[0], Err: errno}
		}
	}
	if strings.Contains(said, "executable file not found") {
		return &ExecError{App: app.Name, Path: app.Argv[0], Err: syscall.ENOENT}
	}
	return &ExecError{App: app.Name, Path: app.Argv[0], Err: errors.New(said)}
}

// startError tells an executable that is missing or can't be executed, which
// libcontainer looks for before it lets go, from everything else.
func startError(app App, err error) error {
	if said := err.Error(); strings.Contains(said, "exec: "+fmt.Sprintf("%q", app.Argv[0])+":") {
		return execError(app, said)
	}
	return fmt.Errorf("app %q: %w", app.Name, err)
}
