package trust

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// maxFiles is how many entries of a folder and all that is below it are looked at.
const maxFiles = 20000

// tree is a folder of files that people put there, and all that is below it.
type tree struct {
	root *os.Root
	left int // of maxFiles

	file   func(name string, entry fs.DirEntry)      // what is no folder
	folder func(name string, entry fs.DirEntry) bool // whether to look into it
	failed func(name, why string)                    // this folder's files are not known
}

// walk looks at a folder, of which nothing is opened but the folders in it. Names are
// paths below the root. What editors and a write that was interrupted leave behind is
// passed over. Links to folders are not followed: they could lead in circles.
func (t *tree) walk(dir string) {
	// Without waiting: what is called like a folder may be a FIFO.
	f, err := t.root.OpenFile(dir, openFolder, 0)
	if err != nil {
		t.miss(dir, err)
		return
	}
	defer f.Close()
	// A file of an os.Root asks about each name that it lists, which is most of what
	// a walk would cost.
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.failed(dir, err.Error())
		return
	}
	t.below(os.NewFile(uintptr(fd), path.Join(t.root.Name(), dir)), dir)
}

const openFolder = os.O_RDONLY | unix.O_DIRECTORY | unix.O_NONBLOCK | unix.O_NOFOLLOW | unix.O_CLOEXEC

// miss is for a folder that can't be read. That there is none is no matter.
func (t *tree) miss(dir string, err error) {
	if !errors.Is(err, fs.ErrNotExist) {
		t.failed(dir, reason(err))
	}
}

// below looks at an open folder, and closes it.
func (t *tree) below(f *os.File, dir string) {
	defer f.Close()
	entries, err := t.list(f)
	if err != nil {
		t.miss(dir, err)
		return
	}
	for _, entry := range entries {
		name := dir + "/" + entry.Name()
		switch {
		case leftover(entry.Name(), entry.IsDir()):
		case !entry.IsDir():
			t.file(name, entry)
		case t.folder(name, entry):
			fd, err := unix.Openat(int(f.Fd()), entry.Name(), openFolder, 0)
			if err != nil {
				t.miss(name, err)
				continue
			}
			t.below(os.NewFile(uintptr(fd), path.Join(f.Name(), entry.Name())), name)
		}
	}
}

func (t *tree) list(f *os.File) ([]fs.DirEntry, error) {
	entries, err := f.ReadDir(t.left + 1)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if t.left -= len(entries); t.left < 0 {
		return nil, fmt.Errorf("more than %d files; no more are read", maxFiles)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// leftover tells what nobody meant to put there: hidden files, and copies that
// editors and package managers make.
func leftover(name string, folder bool) bool {
	if name[0] == '.' || folder {
		return name[0] == '.'
	}
	for _, end := range []string{"~", "#", ".bak", ".orig", ".swp", ".rpmnew", ".rpmsave", ".rpmorig"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return strings.Contains(name, ".dpkg-")
}

// read returns a file's bytes. Anything but a plain file is refused and not waited
// for. A link is followed as long as it stays in the folder.
func read(root *os.Root, name string, most int) ([]byte, error) {
	f, err := root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		if info, failed := root.Lstat(name); failed == nil && info.Mode()&fs.ModeSymlink != 0 {
			return nil, fmt.Errorf("a link to nothing, or out of %s; only links inside it are followed", root.Name())
		}
		return nil, err
	}
	defer f.Close()
	switch info, err := f.Stat(); {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("a folder; a file belongs here")
	case !info.Mode().IsRegular():
		return nil, errors.New("not a file")
	}
	b, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err == nil && len(b) > most {
		err = fmt.Errorf("larger than %d bytes", most)
	}
	return b, err
}

// missing tells an error that says that there is no such file, and can't be.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ENAMETOOLONG)
}
