package fetch

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ImageFile is a file or folder that can be an image, by its name and its first
// bytes.
type ImageFile struct {
	Path string
	Size int64  // bytes; 0 for a folder
	Kind string // ACI, Archive or Layout
}

// Kinds of image files. Which kind of archive a tar is, nobody knows before it
// has been read.
const (
	ACI     = "ACI"
	Archive = "archive"
	Layout  = "OCI layout"
)

// maxDepth and maxVisited bound a search below a folder: somebody may ask for
// the root of the host.
const (
	maxDepth   = 8
	maxVisited = 200_000
)

// ImageFiles goes through the files below a folder, and tells of each that can
// be an image until found says that it is enough. Folders that can't be read are
// passed over, and so are links, git's own, and the kernel's /proc, /sys, /dev.
func ImageFiles(ctx context.Context, folder string, found func(ImageFile) (more bool)) error {
	folder = filepath.Clean(folder)
	visited := 0
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		visited++
		switch {
		case err != nil && path == folder:
			return err
		case err != nil:
			return nil //nolint:nilerr // somebody else's folder
		case visited > maxVisited:
			return fs.SkipAll
		case entry.IsDir() && path != folder && passedOver(folder, path):
			return fs.SkipDir
		}
		file, is := imageFile(path, entry)
		if is && !found(file) {
			return fs.SkipAll
		}
		if is && entry.IsDir() {
			return fs.SkipDir // its blobs are no images
		}
		return nil
	})
}

func passedOver(top, path string) bool {
	switch path {
	case "/proc", "/sys", "/dev":
		return true
	}
	below, _ := filepath.Rel(top, path)
	return strings.Count(below, "/") >= maxDepth || filepath.Base(path) == ".git"
}

func imageFile(path string, entry fs.DirEntry) (ImageFile, bool) {
	if entry.IsDir() {
		_, err := os.Stat(filepath.Join(path, "oci-layout"))
		return ImageFile{Path: path, Kind: Layout}, err == nil
	}
	info, err := entry.Info()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return ImageFile{}, false
	}
	f := ImageFile{Path: path, Size: info.Size()}
	switch {
	case strings.HasSuffix(path, ".aci"):
		f.Kind = ACI
	case hasAny(path, ".tar", ".oci", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz"):
		f.Kind = Archive
	default:
		return f, false
	}
	return f, looksPacked(path)
}

func hasAny(path string, endings ...string) bool {
	for _, ending := range endings {
		if strings.HasSuffix(path, ending) {
			return true
		}
	}
	return false
}

// looksPacked looks at the first bytes: a tar, or something compressed.
func looksPacked(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.ErrUnexpectedEOF {
		return false
	}
	head = head[:n]
	for _, magic := range []string{"\x1f\x8b", "\x28\xb5\x2f\xfd", "BZh", "\xfd7zXZ\x00"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return len(head) == 512 && bytes.HasPrefix(head[257:], []byte("ustar"))
}
