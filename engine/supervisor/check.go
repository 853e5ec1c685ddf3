package supervisor

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"syscall"

	"github.com/cyphar/filepath-securejoin/pathrs-lite"

	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/engine/spec"
)

// CheckError says what a start would find wrong with an app, and with which status
// it would end.
type CheckError struct {
	Err    error
	Status int
}

func (e *CheckError) Error() string { return e.Err.Error() }
func (e *CheckError) Unwrap() error { return e.Err }

// CheckRoot looks in the root that layers make, uppermost first, for what a start
// would look for: the app's user and group, and its executable. Nothing is made,
// and mounted only for this process.
func CheckRoot(layers []string, app spec.Effective) error {
	root := layers[0]
	if len(layers) > 1 { // which is how many overlayfs wants
		top, err := sandbox.Stack(layers)
		if err != nil {
			return err
		}
		defer top.Close()
		root = fmt.Sprintf("/proc/self/fd/%d/.", top.Fd())
	}
	err := checkExecutable(root, app)
	if _, ownerErr := lookUpOwner(root, app); ownerErr != nil { // which a start looks for first
		err = fmt.Errorf("app %q: %w", app.Name.Value, ownerErr)
	}
	if err != nil {
		return &CheckError{err, exitStatus(err)}
	}
	return nil
}

// checkExecutable finds an executable that is not there. One that a volume lies
// over, or that is looked for in PATH, is left to the start.
func checkExecutable(root string, app spec.Effective) error {
	executable := app.Exec[0]
	if !path.IsAbs(executable) || hidden(app, path.Clean(executable)) {
		return nil
	}
	handle, err := pathrs.OpenInRoot(root, executable)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return &sandbox.ExecError{App: app.Name.Value, Path: executable, Err: plain(err)}
	}
	if err != nil {
		return nil //nolint:nilerr // the kernel knows better
	}
	return handle.Close()
}
