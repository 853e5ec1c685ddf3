package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// fileSystem is one of the kernel's that is to be made.
type fileSystem struct {
	kind       string
	source     string   // as the table of mounts calls it
	options    []string // NAME, or NAME=VALUE
	attributes int
}

// make makes it, mounted nowhere.
func (f fileSystem) make() (*os.File, error) {
	fs, err := unix.Fsopen(f.kind, unix.FSOPEN_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.kind, err)
	}
	defer unix.Close(fs)
	for _, option := range append([]string{"source=" + f.source}, f.options...) {
		if name, value, has := strings.Cut(option, "="); has {
			err = unix.FsconfigSetString(fs, name, value)
		} else {
			err = unix.FsconfigSetFlag(fs, name)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", f.kind, option, explain(fs, err))
		}
	}
	if err := unix.FsconfigCreate(fs); err != nil {
		return nil, fmt.Errorf("%s: %w", f.kind, explain(fs, err))
	}
	mount, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, f.attributes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.kind, explain(fs, err))
	}
	return os.NewFile(uintptr(mount), f.kind), nil
}

// placeIn puts a mount that is nowhere yet on an ordinary folder, which is made if it
// isn't there.
func placeIn(parent *os.File, name string, mount *os.File) error {
	err := unix.Mkdirat(int(parent.Fd()), name, 0o755)
	if err != nil && !errors.Is(err, unix.EEXIST) {
		return &os.PathError{Op: "mkdir", Path: path.Join(parent.Name(), name), Err: err}
	}
	return placeAt(parent, name, mount)
}

// placeAt puts a mount that is nowhere yet below what is open; no link is followed in
// the end. An empty name is what is open itself.
func placeAt(parent *os.File, name string, mount *os.File) error {
	flags := unix.MOVE_MOUNT_F_EMPTY_PATH
	if name == "" {
		flags |= unix.MOVE_MOUNT_T_EMPTY_PATH
	}
	if err := unix.MoveMount(int(mount.Fd()), "", int(parent.Fd()), name, flags); err != nil {
		return &os.PathError{Op: "mount", Path: path.Join(parent.Name(), name), Err: err}
	}
	return nil
}
