package archive

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// folder is a tree on disk. os.Root holds every path inside of it, whatever
// links there are and whoever changes them meanwhile.
type folder struct{ *os.Root }

func openFolder(path string) (tree, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return folder{root}, nil
}

func (f folder) has(name string) bool {
	_, err := f.Lstat(name)
	return err == nil
}

func (f folder) open(name string) (*file, error) {
	// A pipe would be waited for.
	opened, err := f.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, missing(name)
	}
	if err != nil {
		return nil, refuse("%s can't be read: %v", show(name), reason(err))
	}
	info, err := opened.Stat()
	if err != nil || !info.Mode().IsRegular() {
		opened.Close()
		return nil, refuse("%s is not a regular file", show(name))
	}
	return &file{SectionReader: io.NewSectionReader(opened, 0, info.Size()), Closer: opened}, nil
}

// reason is an error without the path, which is quoted before it.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func missing(name string) error { return refuse("%s is missing", show(name)) }
