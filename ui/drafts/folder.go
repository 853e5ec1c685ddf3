package drafts

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/crash"
)

// folder is a folder that nobody else can write. Everything in it is reached by
// its descriptor and by names without a slash.
type folder struct {
	dir  *os.File
	path string // for messages
}

// fd is its descriptor, -1 once it is closed.
func (f *folder) fd() int { return int(f.dir.Fd()) }

// openFolder opens a folder, and makes it if it is not there.
func openFolder(parent int, name, path string) (*folder, error) {
	if err := unix.Mkdirat(parent, name, 0o700); err != nil && !errors.Is(err, unix.EEXIST) {
		return nil, &fs.PathError{Op: "mkdir", Path: path, Err: err}
	}
	fd, err := unix.Openat(parent, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	f := &folder{os.NewFile(uintptr(fd), path), path}
	if err := f.check(); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// check refuses a folder that is not ours alone to write, and has others not read
// it either: drafts hold what is meant for apps, passwords included.
func (f *folder) check() error {
	var s unix.Stat_t
	if err := unix.Fstat(f.fd(), &s); err != nil {
		return &fs.PathError{Op: "stat", Path: f.path, Err: err}
	}
	switch mode := s.Mode & 0o777; {
	case int(s.Uid) != os.Geteuid():
		return fmt.Errorf("%s belongs to user %d; drafts are kept in a folder of one's own", f.path, s.Uid)
	case mode&0o022 != 0:
		return fmt.Errorf("%s can be written by others (mode %04o); chmod 0700 makes it yours alone", f.path, mode)
	case mode != 0o700:
		if err := unix.Fchmod(f.fd(), 0o700); err != nil {
			return &fs.PathError{Op: "chmod", Path: f.path, Err: err}
		}
	}
	return nil
}

func (f *folder) close() {
	if f != nil {
		f.dir.Close()
	}
}

func (f *folder) fail(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: filepath.Join(f.path, name), Err: err}
}

var errNoFile = errors.New("not a plain file")

// file opens a plain file: nothing that leads elsewhere, and nothing that could
// have a reader wait.
func (f *folder) file(name string, flags int) (*os.File, error) {
	fd, err := unix.Openat(f.fd(), name, flags|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, f.fail("open", name, err)
	}
	file := os.NewFile(uintptr(fd), filepath.Join(f.path, name))
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = f.fail("open", name, errNoFile)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// read reads a file that is not larger than what is ever written.
func (f *folder) read(name string, most int64) ([]byte, fs.FileInfo, error) {
	file, err := f.file(name, unix.O_RDONLY)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(data)) > most {
		err = f.fail("read", name, fmt.Errorf("larger than %d MiB", most>>20))
	}
	return data, info, err
}

// put makes a file what it is to hold, whole or not at all. If it may not replace
// another, one that is there is fs.ErrExist. What is durable outlasts a power cut
// as well.
func (f *folder) put(name string, data []byte, replace, durable bool) error {
	file, temp, err := f.temp()
	if err != nil {
		return err
	}
	defer release(file)
	if _, err = file.Write(data); err == nil && durable {
		err = unix.Fdatasync(int(file.Fd()))
	}
	if err == nil {
		crash.Here("draft file written") // without its name: the old one is still there
		err = f.fail("rename", name, f.rename(temp, name, replace))
	}
	if err != nil {
		return errors.Join(err, f.remove(temp))
	}
	crash.Here("draft file in place") // and nothing else has happened yet
	if durable {
		return f.fail("sync", "", unix.Fsync(f.fd()))
	}
	return nil
}

// temp makes a file without a name of its own. It is locked, so that nobody sweeps
// it away.
func (f *folder) temp() (*os.File, string, error) {
	for {
		name := "." + rand.Text()
		file, err := f.file(name, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL)
		if err != nil {
			return nil, "", err
		}
		if hold(file) {
			return file, name, nil
		}
		file.Close() // swept before it was locked
	}
}

func (f *folder) rename(from, to string, replace bool) error {
	if replace {
		return unix.Renameat(f.fd(), from, f.fd(), to)
	}
	err := unix.Renameat2(f.fd(), from, f.fd(), to, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) { // not every file system can
		if err = unix.Linkat(f.fd(), from, f.fd(), to, 0); err == nil {
			err = unix.Unlinkat(f.fd(), from, 0)
		}
	}
	return err
}

// remove removes a file; that it is gone already is no error.
func (f *folder) remove(name string) error {
	err := unix.Unlinkat(f.fd(), name, 0)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	return f.fail("remove", name, err)
}

// errChanged says that a file is not the one any more that somebody has seen.
var errChanged = errors.New("it has changed since")

// unchanged holds a file to when it was written; of no time nothing is known.
func (f *folder) unchanged(name string, then time.Time) error {
	var s unix.Stat_t
	err := unix.Fstatat(f.fd(), name, &s, unix.AT_SYMLINK_NOFOLLOW)
	switch {
	case then.IsZero(), errors.Is(err, unix.ENOENT):
		return nil
	case err == nil && !time.Unix(s.Mtim.Unix()).Equal(then):
		err = errChanged
	}
	return f.fail("remove", name, err)
}

// names lists at most so many names as a folder of ours can have.
func (f *folder) names() ([]string, error) {
	const most = 10_000
	fd, err := unix.Openat(f.fd(), ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, f.fail("open", "", err)
	}
	dir := os.NewFile(uintptr(fd), f.path)
	defer dir.Close()
	names, err := dir.Readdirnames(most)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return names, err
}

// sweep removes files that somebody was writing when he died.
func (f *folder) sweep() error {
	names, err := f.names()
	for _, name := range names {
		if strings.HasPrefix(name, ".") {
			f.sweepOne(name)
		}
	}
	return err
}

func (f *folder) sweepOne(name string) {
	file, err := f.file(name, unix.O_RDWR)
	if err != nil {
		return
	}
	defer release(file)
	if hold(file) {
		_ = f.remove(name)
	}
}
