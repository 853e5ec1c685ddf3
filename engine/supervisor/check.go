package supervisor

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
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
// would look for: the app's user and group, which its pod must have if that has users
// of its own, its working folder, and its executable. Nothing is made, and mounted
// only for this process.
func CheckRoot(layers []string, app spec.Effective, privateUsers bool) error {
	root := layers[0]
	if len(layers) > 1 { // which is how many overlayfs wants
		top, err := sandbox.Stack(layers)
		if err != nil {
			return err
		}
		defer top.Close()
		root = fmt.Sprintf("/proc/self/fd/%d/.", top.Fd())
	}
	err := checkOwner(root, app, privateUsers) // in the order of a start
	if err == nil {
		err = checkWorkingDir(root, app)
	}
	if err == nil {
		err = checkExecutable(root, app)
	}
	if err != nil {
		return &CheckError{err, exitStatus(err)}
	}
	return nil
}

func checkOwner(root string, app spec.Effective, privateUsers bool) error {
	owner, err := lookUpOwner(root, app)
	if err == nil && privateUsers {
		err = sandbox.Users{Count: spec.PrivateIDs}.Check(append([]int{owner.uid, owner.gid}, app.Groups...)...)
	}
	if err != nil {
		return fmt.Errorf("app %q: %w", app.Name.Value, err)
	}
	return nil
}

// checkWorkingDir finds a working folder that is not there, and that the start makes
// neither by itself nor for what is mounted in it.
func checkWorkingDir(root string, app spec.Effective) error {
	folder := path.Clean("/" + app.WorkingDir.Value)
	if app.MakesDir || hidden(app, folder) || leadsToMount(app, folder) {
		return nil
	}
	handle, err := pathrs.OpenInRoot(root, folder)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return &sandbox.FolderError{App: app.Name.Value, Path: app.WorkingDir.Value, Err: plain(err)}
	}
	if err != nil {
		return nil // the kernel knows better
	}
	defer handle.Close()
	if info, err := handle.Stat(); err == nil && !info.IsDir() {
		return &sandbox.FolderError{App: app.Name.Value, Path: app.WorkingDir.Value, Err: syscall.ENOTDIR}
	}
	return nil
}

// leadsToMount reports whether something is mounted in a folder or below it, or the
// folder itself is the kernel's: then there is one.
func leadsToMount(app spec.Effective, folder string) bool {
	for _, kernels := range []string{"/dev", "/proc", "/sys"} {
		if folder == kernels || strings.HasPrefix(folder, kernels+"/") {
			return true
		}
	}
	return folder == etcFolder || slices.ContainsFunc(app.Bindings, func(b spec.Binding) bool {
		return strings.HasPrefix(path.Clean("/"+b.Path), folder+"/")
	})
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
