package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// checkTarget refuses, before anything is done, a target that is there, unless
// it is to be overwritten.
func checkTarget(target string, overwrite bool) (fs.FileInfo, error) {
	info, err := os.Lstat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, inFolder(target)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", target, errors.Unwrap(err))
	case !overwrite:
		return nil, fmt.Errorf("%s exists; --overwrite replaces it", target)
	}
	return info, nil
}

// inFolder says of a new file or folder that there is nothing to put it into.
func inFolder(target string) error {
	folder := filepath.Dir(filepath.Clean(target))
	info, err := os.Stat(folder)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", folder, errors.Unwrap(err))
	case !info.IsDir():
		return fmt.Errorf("%s: not a folder", folder)
	}
	return nil
}

func checkFile(target string, overwrite bool) error {
	info, err := checkTarget(target, overwrite)
	if err == nil && info != nil && !info.Mode().IsRegular() && info.Mode().Type() != fs.ModeSymlink {
		return fmt.Errorf("%s is not a file, and is not replaced by one", target)
	}
	if err == nil && info == nil && strings.HasSuffix(target, "/") {
		return fmt.Errorf("%s is called like a folder; name a file", target)
	}
	return err
}

// checkFolder refuses as well what holds more than an image: neither podtui's own
// data nor the folder that its caller is in must go with what is replaced.
func checkFolder(target, data string, overwrite bool) error {
	info, err := checkTarget(target, overwrite)
	if err != nil {
		return err
	}
	if info != nil && !info.IsDir() {
		return fmt.Errorf("%s is not a folder, and is not replaced by one", target)
	}
	whole, err := canonical(target)
	if err != nil {
		return err
	}
	ours, err := canonical(data)
	if err != nil {
		return err
	}
	here, err := canonical(".")
	if err != nil {
		return err
	}
	if within(here, whole) {
		return fmt.Errorf("%s holds the current folder, and is not replaced", target)
	}
	if within(ours, whole) || within(whole, ours) {
		return fmt.Errorf("%s and podtui's own data in %s are not to be mixed", target, data)
	}
	return nil
}

// canonical is a path without links in what is there of it.
func canonical(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	whole, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) && path != "/" {
		folder, err := canonical(filepath.Dir(path))
		return filepath.Join(folder, filepath.Base(path)), err
	}
	return whole, err
}

func within(path, folder string) bool {
	inside, err := filepath.Rel(folder, path)
	return err == nil && inside != ".." && !strings.HasPrefix(inside, "../")
}

// writeFile makes a file that is whole, or not there: it is written under
// another name beside it, and renamed once it is safe on disk.
func writeFile(target string, overwrite bool, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(target), ".podtui-export-")
	if err != nil {
		return fmt.Errorf("%s: %w", target, errors.Unwrap(err))
	}
	err = write(file)
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = file.Chmod(0o644)
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = rename(file.Name(), target, overwrite)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}

// rename does not replace what has come in the meantime, where the file system
// can see to that.
func rename(from, to string, overwrite bool) error {
	if overwrite {
		return os.Rename(from, to)
	}
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	switch {
	case errors.Is(err, unix.EEXIST):
		return fmt.Errorf("%s exists; --overwrite replaces it", to)
	case errors.Is(err, unix.EINVAL):
		return os.Rename(from, to)
	case err != nil:
		return fmt.Errorf("%s: %w", to, err)
	}
	return nil
}
