package store

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/store/unpack"
)

// aboutArchive tells of a layer of format 1, which has no file that does: from
// the headers of its archive, all of which are in the record. It had no layers but
// those of image archives: any other has lost its file.
func aboutArchive(layer string) (a about, err error) {
	file, err := os.Open(filepath.Join(layer, archiveFile))
	if err == nil && !strings.HasPrefix(filepath.Base(layer), idPrefix) {
		err = also(fs.ErrNotExist, file.Close())
	}
	if errors.Is(err, fs.ErrNotExist) && exists(layer) {
		return a, &DamagedError{ID: filepath.Base(layer), What: "it has no record"}
	}
	if err != nil {
		return a, err
	}
	defer file.Close()
	skeleton, err := newSkeletonReader(file)
	if err != nil {
		return a, err
	}
	defer skeleton.close()
	root, err := os.Open(filepath.Join(layer, rootfsDir))
	if err != nil {
		return a, err
	}
	defer root.Close()
	a = about{Kind: layerOfACI}
	stream := &hollow{skeleton: skeleton}
	a.Implicit, err = implicit(tar.NewReader(stream), &folders{root: root})
	if err == nil {
		_, err = io.Copy(io.Discard, stream)
	}
	a.Size = stream.read
	return a, err
}

// implicit are the folders that entries are in and that are none.
func implicit(archive *tar.Reader, tree *folders) ([]string, error) {
	implied := map[string]bool{"": true}
	named := map[string]bool{}
	for {
		h, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return nil, err
		}
		path, err := unpack.Clean(h.Name)
		if err != nil {
			continue // a global header
		}
		inside, err := inRootfs(h.Name, path)
		if err != nil {
			continue // the manifest
		}
		dir, name := split(inside)
		dir = tree.real(dir)
		if h.Typeflag == tar.TypeDir {
			named[join(dir, name)] = true
		}
		for ; dir != "" && !implied[dir]; dir, _ = split(dir) {
			implied[dir] = true
		}
	}
	var paths []string
	for path := range implied {
		if !named[path] {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths, nil
}

// folders tells paths of a tree without the symlinks that lead there.
type folders struct {
	root       *os.File
	asked, got string // last
}

func (f *folders) real(path string) string {
	if path != f.asked {
		f.asked, f.got = strings.Clone(path), f.resolve(path)
	}
	return f.got
}

// resolve returns the path as it is if there is no such folder: the tree is
// damaged then, which is not ours to tell.
func (f *folders) resolve(path string) string {
	fd, err := unix.Openat2(int(f.root.Fd()), path, &unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS,
	})
	if err != nil {
		return path
	}
	folder := os.NewFile(uintptr(fd), path)
	defer folder.Close()
	top, err := os.Readlink(descriptorPath(f.root))
	if err != nil {
		return path
	}
	here, err := os.Readlink(descriptorPath(folder))
	if err != nil {
		return path
	}
	return strings.TrimPrefix(strings.TrimPrefix(here, top), "/")
}

func descriptorPath(f *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", f.Fd()) }

// hollow is an archive with zeros for what is in its files.
type hollow struct {
	skeleton *skeletonReader
	part     io.Reader
	read     int64
}

func (h *hollow) Read(b []byte) (int, error) {
	for {
		if h.part != nil {
			n, err := h.part.Read(b)
			h.read += int64(n)
			if n > 0 || err != io.EOF {
				return n, err
			}
		}
		p, err := h.skeleton.next()
		if err != nil {
			return 0, err
		}
		if h.part = p.literal; h.part == nil {
			h.part = io.LimitReader(zeros{}, p.length)
		}
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}
