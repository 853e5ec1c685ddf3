package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// MakeFolder makes a folder of the host, and those above it that are missing: for
// who was asked about this very path and has said so. Nothing else in podtui makes
// one. It goes through no link.
func (e *Engine) MakeFolder(path string) error {
	if !filepath.IsAbs(path) {
		return fmt.Errorf("%s is not an absolute path", path)
	}
	at, err := unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	for name := range strings.SplitSeq(strings.Trim(filepath.Clean(path), "/"), "/") {
		if err == nil && name != "" {
			at, err = makeBelow(at, name)
		}
	}
	if err != nil {
		return &os.PathError{Op: "make", Path: path, Err: err}
	}
	return unix.Close(at)
}

// makeBelow makes a folder, unless it is there, and opens it in place of the one
// that it is in.
func makeBelow(above int, name string) (int, error) {
	defer unix.Close(above) // it was only a place
	if err := unix.Mkdirat(above, name, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return -1, err
	}
	return unix.Openat(above, name, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
}
