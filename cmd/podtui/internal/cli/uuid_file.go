package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

// uuidFile is the flag --uuid-file of commands about pods, as in rkt: the pod is
// the one whose UUID "run --uuid-file-save" wrote there.
type uuidFile struct{ path string }

// addTo adds the flag to a command that takes least to most pods (-1: any
// number), and is told them as arguments in either case.
func (u *uuidFile) addTo(c *cobra.Command, least, most int) {
	c.Flags().Var(flagValue{globalFlag{value: "FILE", set: filled("--uuid-file", &u.path)}}, "uuid-file",
		"the pod whose UUID is in the file, in place of POD")
	c.Args = func(c *cobra.Command, args []string) error {
		if u.path == "" {
			return count(c, args, least, most)
		}
		if len(args) > 0 {
			return usage("%s: --uuid-file names the pod already; leave %q out", name(c), args[0])
		}
		return nil
	}
	run := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if u.path != "" {
			id, err := readUUID(u.path)
			if err != nil && endsAsPod(c) {
				return cannotRun(err)
			}
			if err != nil {
				return err
			}
			args = []string{id}
		}
		return run(c, args)
	}
}

// endsAsPod reports whether a command's exit status is the pod's own, so that podtui's
// has to be told from it.
func endsAsPod(c *cobra.Command) bool { return c.Name() == "run-prepared" }

// readUUID reads what is a UUID and perhaps a newline.
func readUUID(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, errors.Unwrap(err))
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, 100))
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, errors.Unwrap(err))
	}
	id := strings.TrimSpace(string(content))
	if len(id) != len(uuid.Nil.String()) || uuid.Validate(id) != nil {
		return "", fmt.Errorf("%s: what is in it is not a pod's UUID", path)
	}
	return id, nil
}

// uuidSave is the flag --uuid-file-save of what makes or starts a pod.
type uuidSave struct {
	path  string
	saved string // the UUID, once it is there
}

func (u *uuidSave) set(s string) error { return filled("--uuid-file-save", &u.path)(s) }

// check tells, before anything is done, that the file could not be written.
func (u *uuidSave) check() error {
	if u.path == "" {
		return nil
	}
	folder := filepath.Dir(filepath.Clean(u.path))
	err := inFolder(u.path)
	if err == nil {
		err = unix.Access(folder, unix.W_OK|unix.X_OK)
		if err != nil {
			err = fmt.Errorf("%s: %w", folder, err)
		}
	}
	info, statErr := os.Stat(u.path)
	switch {
	case err != nil:
		return fmt.Errorf("--uuid-file-save: %w", err)
	case statErr == nil && !info.Mode().IsRegular():
		return fmt.Errorf("--uuid-file-save: %s is not a file, and is not replaced by one", u.path)
	case statErr != nil && !errors.Is(statErr, fs.ErrNotExist):
		return fmt.Errorf("--uuid-file-save: %s: %w", u.path, errors.Unwrap(statErr))
	case strings.HasSuffix(u.path, "/"):
		return fmt.Errorf("--uuid-file-save: %s is called like a folder; name a file", u.path)
	}
	return nil
}

// saver is what batch calls with the UUID; nil: nobody wants it.
func (u *uuidSave) saver() func(string) error {
	if u.path == "" {
		return nil
	}
	return u.save
}

// save replaces the file as a whole: who reads it has the old UUID, or this one.
func (u *uuidSave) save(id string) error {
	temporary, err := os.CreateTemp(filepath.Dir(filepath.Clean(u.path)), ".podtui-uuid-")
	if err == nil {
		_, err = temporary.WriteString(id + "\n")
		err = errors.Join(err, temporary.Chmod(0o644), temporary.Close())
		if err == nil {
			err = os.Rename(temporary.Name(), u.path)
		}
		if err != nil {
			_ = os.Remove(temporary.Name())
		}
	}
	if err != nil {
		return fmt.Errorf("--uuid-file-save: %s: %w", u.path, cause(err))
	}
	u.saved = id
	return nil
}

// undo takes away the UUID of a pod that could not be started, unless somebody
// else has written another there since.
func (u *uuidSave) undo() {
	if u.saved == "" {
		return
	}
	if there, err := readUUID(u.path); err == nil && there == u.saved {
		_ = os.Remove(u.path)
	}
}

// cause is an error of a system call without the paths of its wrapping.
func cause(err error) error {
	var errno unix.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}
