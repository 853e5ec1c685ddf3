package store

import (
	"archive/tar"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/podtui/podtui/store/unpack"
)

// aboutArchive tells of a layer of format 1, which has no file that does: from
// the headers of its archive, all of which are in the record.
func aboutArchive(layer string) (a about, err error) {
	file, err := os.Open(filepath.Join(layer, archiveFile))
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
	a = about{Kind: layerOfACI}
	stream := &hollow{skeleton: skeleton}
	a.Implicit, err = implicit(tar.NewReader(stream))
	if err == nil {
		_, err = io.Copy(io.Discard, stream)
	}
	a.Size = stream.read
	return a, err
}

// implicit are the folders that entries are in and that are none.
func implicit(archive *tar.Reader) ([]string, error) {
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
		if h.Typeflag == tar.TypeDir {
			named[inside] = true
		}
		for dir, _ := split(inside); dir != "" && !implied[dir]; dir, _ = split(dir) {
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
