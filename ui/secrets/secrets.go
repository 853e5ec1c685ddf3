// Package secrets keeps values of variables that no command line should show: in
// files of --set-env-file that nobody but their owner can read.
//
// They are in one folder, DIR/secrets, each under a name that says nothing of what
// is in it. A file is never changed: another value is another file, so that what
// was run with the old one can be run again. Whoever dies while writing leaves
// nothing under a name that somebody would read, and Sweep removes it.
package secrets

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// Folder is where the files are. It is made when the first is written.
type Folder struct {
	dir  string
	name func() string // that nobody comes by twice
}

// In returns the folder of a path. Command lines have to mean it wherever they are
// run, so it is absolute.
func In(dir string) (*Folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	const enough = 12
	return &Folder{dir, func() string { return strings.ToLower(rand.Text()[:enough]) }}, nil
}

// Naming is the folder with files of other names, for whoever compares them.
func (f *Folder) Naming(name func() string) *Folder { return &Folder{f.dir, name} }

const suffix = ".env"

// New is the path of a file that is not there yet.
func (f *Folder) New() string { return filepath.Join(f.dir, f.name()+suffix) }

// Has reports whether a path is that of one of the files.
func (f *Folder) Has(path string) bool {
	return filepath.Dir(path) == f.dir && strings.HasSuffix(path, suffix)
}

// Fits reports whether a file can hold a variable: a line break ends a value there.
func Fits(v spec.Var) bool {
	vars, err := spec.ParseEnvFile("", []byte(line(v)), nil)
	return err == nil && len(vars) == 1 && vars[0] == v
}

func line(v spec.Var) string { return v.Name + "=" + v.Value + "\n" }

// Text is what a file of variables holds.
func Text(vars []spec.Var) string {
	var b strings.Builder
	b.WriteString("# variables that podtui keeps out of a command line\n")
	for _, v := range vars {
		b.WriteString(line(v))
	}
	return b.String()
}

// Write makes the file of a path, whole or not at all.
func (f *Folder) Write(path, text string) error {
	if !f.Has(path) {
		return fmt.Errorf("%s is not in %s", path, f.dir)
	}
	if len(text) > spec.MaxEnvFile {
		return fmt.Errorf("secrets of %d bytes: a file of variables has at most %d", len(text), spec.MaxEnvFile)
	}
	root, err := f.open()
	if err != nil {
		return err
	}
	defer root.Close()
	name := filepath.Base(path)
	file, temp, err := begin(root)
	if err != nil {
		return err
	}
	defer file.Close()
	// What names it may be on the disk for good in a moment, and would mean an empty file.
	_, err = file.WriteString(text)
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = place(root, temp, name)
	}
	if err != nil {
		return errors.Join(err, root.Remove(temp))
	}
	return nil
}

// begin makes a file without a name of its own. It is locked, so that nobody sweeps it
// away.
func begin(root *os.Root) (*os.File, string, error) {
	for {
		temp := "." + rand.Text()
		file, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, "", err
		}
		if hold(file) {
			return file, temp, nil
		}
		file.Close() // swept before it was locked
	}
}

// hold locks a file, and reports whether it could and the file is still there.
func hold(file *os.File) bool {
	lock := unix.Flock_t{Type: unix.F_WRLCK}
	var s unix.Stat_t
	return unix.FcntlFlock(file.Fd(), unix.F_OFD_SETLK, &lock) == nil && unix.Fstat(int(file.Fd()), &s) == nil && s.Nlink > 0
}

// Sweep removes what was being written by who died then. Files with names stay: command
// lines and units that nobody here knows of may name them.
func (f *Folder) Sweep() error {
	root, err := os.OpenRoot(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	if err := check(root); err != nil {
		return err
	}
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	const most = 10_000
	names, err := dir.Readdirnames(most)
	for _, name := range names {
		if strings.HasPrefix(name, ".") {
			sweepOne(root, name)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return err
}

func sweepOne(root *os.Root, name string) {
	file, err := root.OpenFile(name, os.O_WRONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer file.Close()
	if hold(file) {
		_ = root.Remove(name)
	}
}

// place gives a file its name, which no other may have, for good.
func place(root *os.Root, temp, name string) error {
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	fd := int(dir.Fd())
	err = unix.Renameat2(fd, temp, fd, name, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) { // not every file system can
		if err = unix.Linkat(fd, temp, fd, name, 0); err == nil {
			err = unix.Unlinkat(fd, temp, 0)
		}
	}
	if err != nil {
		return &fs.PathError{Op: "rename", Path: filepath.Join(root.Name(), name), Err: err}
	}
	return dir.Sync()
}

// open makes the folder if it has to, and refuses one that others can write: they
// would decide what apps are told.
func (f *Folder) open() (*os.Root, error) {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return nil, err
	}
	if err := check(root); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return root, nil
}

func check(root *os.Root) error {
	info, err := root.Lstat(".")
	if err != nil {
		return err
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok && int(s.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to user %d; secrets are kept in a folder of one's own", root.Name(), s.Uid)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%s is open to others (mode %04o); chmod 0700 makes it yours alone", root.Name(), mode)
	}
	return nil
}

// Read reads one of the files.
func (f *Folder) Read(path string) ([]spec.Var, error) {
	if !f.Has(path) {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrInvalid}
	}
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, &fs.PathError{Op: "read", Path: path, Err: fs.ErrInvalid})
	}
	data, err := io.ReadAll(io.LimitReader(file, spec.MaxEnvFile+1))
	if err != nil {
		return nil, err
	}
	return spec.ParseEnvFile(path, data, nil)
}
