package sandbox

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	pathrs "github.com/cyphar/filepath-securejoin/pathrs-lite"
	"golang.org/x/sys/unix"
)

// NoShellError says that an app has no shell, and what it has.
type NoShellError struct {
	App         string
	Executables []string // a few, as absolute paths
}

func (e *NoShellError) Error() string {
	if len(e.Executables) == 0 {
		return fmt.Sprintf("app %q has no shell, and no other program in its PATH", e.App)
	}
	return fmt.Sprintf("app %q has no shell; it has %s", e.App, strings.Join(e.Executables, ", "))
}

// shells are what is taken for one, the best first.
var shells = [...]struct {
	name string
	argv []string // after its path
}{
	{"bash", nil},
	{"sh", nil},
	{"ash", nil},
	{"dash", nil},
	{"zsh", nil},
	{"ksh", nil},
	{"busybox", []string{"sh"}},
}

// shellFolders are where images keep one, whatever their PATH says: "/busybox" is
// that of the debugging kind of distroless images.
var shellFolders = [...]string{"/bin", "/usr/bin", "/busybox", "/usr/local/bin", "/sbin"}

// FindShell looks for a shell in the root of a running app; searchPath is its
// PATH. It only looks: what it finds is executed by who enters, inside.
func FindShell(stateDir, uuid, app, searchPath string) ([]string, error) {
	t, err := findTarget(stateDir, uuid, app)
	if err != nil {
		return nil, err
	}
	defer t.close()
	root, err := t.root()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return shellIn(root, app, searchPath)
}

// root opens the app's root: by the kernel's own name for it, which is the app's
// as long as the app lives.
func (t target) root() (*os.File, error) {
	root, err := os.OpenFile(fmt.Sprintf("/proc/%d/root", t.pid), unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil || !t.lives() {
		root.Close()
		return nil, ErrAppNotRunning
	}
	return root, nil
}

func shellIn(root *os.File, app, searchPath string) ([]string, error) {
	folders := append(pathFolders(searchPath), shellFolders[:]...)
	for _, shell := range shells {
		for _, folder := range folders {
			if file := path.Join(folder, shell.name); isExecutable(root, file) {
				return append([]string{file}, shell.argv...), nil
			}
		}
	}
	return nil, &NoShellError{App: app, Executables: someExecutables(root, folders)}
}

// pathFolders are the first of a PATH, which the app's image wrote.
func pathFolders(searchPath string) []string {
	var folders []string
	for _, folder := range strings.SplitN(searchPath, ":", 17) {
		if path.IsAbs(folder) && len(folders) < 16 {
			folders = append(folders, path.Clean(folder))
		}
	}
	return folders
}

// isExecutable follows the app's links inside its root only, and opens nothing.
func isExecutable(root *os.File, file string) bool {
	handle, err := pathrs.OpenatInRoot(root, file)
	if err != nil {
		return false
	}
	defer handle.Close()
	var stat unix.Stat_t
	err = unix.Fstat(int(handle.Fd()), &stat)
	return err == nil && stat.Mode&unix.S_IFMT == unix.S_IFREG && stat.Mode&0o111 != 0
}

// Of an app without a shell so many programs are named, found among so many files
// of each folder.
const (
	namedExecutables = 8
	filesLookedAt    = 256
)

func someExecutables(root *os.File, folders []string) []string {
	var found []string
	seen := map[string]bool{}
	for _, folder := range folders {
		if seen[folder] {
			continue
		}
		seen[folder] = true
		for _, name := range namesIn(root, folder) {
			if len(found) == namedExecutables {
				return found
			}
			if file := path.Join(folder, name); isExecutable(root, file) {
				found = append(found, file)
			}
		}
	}
	return found
}

func namesIn(root *os.File, folder string) []string {
	handle, err := pathrs.OpenatInRoot(root, folder)
	if err != nil {
		return nil
	}
	defer handle.Close()
	opened, err := pathrs.Reopen(handle, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK)
	if err != nil {
		return nil
	}
	defer opened.Close()
	names, err := opened.Readdirnames(filesLookedAt)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil
	}
	return names
}
