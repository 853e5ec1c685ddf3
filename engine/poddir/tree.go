package poddir

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// removeTree removes a folder with all that is in it. It may have been filled by
// an app: no link is followed, no other file system entered (a volume that
// somebody mounted there is not ours), and no tree is too deep, for a folder in a
// folder is moved to the top before it is opened. Several may remove one tree at
// once, and what one begins another finishes.
func removeTree(path string) error {
	fd, err := openFolder(unix.AT_FDCWD, path, unix.RESOLVE_NO_MAGICLINKS)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	t := &tree{top: os.NewFile(uintptr(fd), path)}
	defer t.top.Close()
	if err := t.empty(); err != nil {
		return err
	}
	return ignoreGone(os.Remove(path))
}

// tree is one that is being removed.
type tree struct {
	top  *os.File
	next int // number of the folder that is moved to the top next
}

// empty empties the folder at the top. Folders are moved there meanwhile, so it is
// read until nothing is left.
func (t *tree) empty() error {
	for {
		if _, err := t.top.Seek(0, io.SeekStart); err != nil {
			return err
		}
		found, err := t.each(t.top, t.removeTop)
		if err != nil || !found {
			return err
		}
	}
}

// each calls remove for what is in a folder, and reports whether there was anything.
func (t *tree) each(folder *os.File, remove func(fs.DirEntry) error) (found bool, err error) {
	for {
		entries, err := folder.ReadDir(1024)
		for _, entry := range entries {
			found = true
			if err := remove(entry); ignoreGone(err) != nil {
				return found, &os.PathError{Op: "remove", Path: filepath.Join(folder.Name(), entry.Name()), Err: err}
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, fs.ErrNotExist) {
			return found, nil
		}
		if err != nil {
			return found, err
		}
	}
}

// removeTop removes what is in the folder at the top. A folder goes once what was
// in it is gone or at the top.
func (t *tree) removeTop(entry fs.DirEntry) error {
	top := int(t.top.Fd())
	if !entry.IsDir() {
		return unix.Unlinkat(top, entry.Name(), 0)
	}
	err := unix.Unlinkat(top, entry.Name(), unix.AT_REMOVEDIR)
	for ; errors.Is(err, unix.ENOTEMPTY) || errors.Is(err, unix.EEXIST); err = unix.Unlinkat(top, entry.Name(), unix.AT_REMOVEDIR) {
		if err := t.flatten(top, entry.Name()); err != nil {
			return err
		}
	}
	return err
}

// flatten removes the files of a folder and moves its folders to the top.
func (t *tree) flatten(top int, name string) error {
	fd, err := openFolder(top, name, unix.RESOLVE_BENEATH|unix.RESOLVE_NO_XDEV|unix.RESOLVE_NO_SYMLINKS)
	if err != nil {
		return err
	}
	folder := os.NewFile(uintptr(fd), filepath.Join(t.top.Name(), name))
	defer folder.Close()
	_, err = t.each(folder, func(entry fs.DirEntry) error {
		if !entry.IsDir() {
			return unix.Unlinkat(fd, entry.Name(), 0)
		}
		err := unix.Unlinkat(fd, entry.Name(), unix.AT_REMOVEDIR)
		if errors.Is(err, unix.ENOTEMPTY) || errors.Is(err, unix.EEXIST) {
			return t.lift(fd, entry.Name())
		}
		return err
	})
	return err
}

// lift moves a folder to the top, under a name that is free there.
func (t *tree) lift(from int, name string) error {
	for {
		t.next++
		err := unix.Renameat2(from, name, int(t.top.Fd()), strconv.Itoa(t.next), unix.RENAME_NOREPLACE)
		if !errors.Is(err, unix.EEXIST) {
			return err
		}
	}
}

func openFolder(at int, name string, resolve uint64) (int, error) {
	return ignoringEINTR(func() (int, error) {
		return unix.Openat2(at, name, &unix.OpenHow{
			Flags: unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC, Resolve: resolve,
		})
	})
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
