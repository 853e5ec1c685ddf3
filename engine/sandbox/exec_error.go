package sandbox

import (
	"errors"
	"fmt"
	"syscall"
)

// ExecError says that an app's executable could not be executed.
type ExecError struct {
	App  string
	Path string
	Err  error // errno

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

// FolderError says that an app can't begin in its working folder, which must be
// there (aci.md, "workingDirectory").
type FolderError struct {
	App  string
	Path string
	Err  error // errno
}

func (e *FolderError) Error() string {
	switch {
	case errors.Is(e.Err, syscall.ENOENT):
		return fmt.Sprintf("app %q: working folder %s is neither in the image nor in a volume; name one that is with --working-dir", e.App, e.Path)
	case errors.Is(e.Err, syscall.ENOTDIR):
		return fmt.Sprintf("app %q: working folder %s is not a folder; name one with --working-dir", e.App, e.Path)
	case errors.Is(e.Err, syscall.ELOOP):
		return fmt.Sprintf("app %q: working folder %s leads in a circle, or through a link of /proc; name another with --working-dir", e.App, e.Path)
	}
	return fmt.Sprintf("app %q: working folder %s: %v", e.App, e.Path, e.Err)
}

func (e *FolderError) Unwrap() error { return e.Err }
