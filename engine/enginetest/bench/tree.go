package main

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// tree packs what this machine has installed into an image, until that has the
// size wanted: whole folders, in an order that mixes programs, libraries,
// documentation and data, and that is the same on each run.
type tree struct {
	prefix  string // before each path: "rootfs" in an ACI
	archive *tar.Writer
	packed  *counter
	limit   int64
	seen    map[string]bool  // folders that are in it
	links   map[inode]string // files with several names, by their first
	files   int
	plain   int64
}

type inode struct{ device, number uint64 }

// biggest is the size from which a file is left out: a single compiler must not
// be a tenth of the image.
const biggest = 16 << 20

// packTree writes the image and returns how many entries and bytes are in it.
func packTree(ctx context.Context, path string, limit int64) (files int, plain int64, err error) {
	folders, err := installed()
	if err != nil {
		return 0, 0, err
	}
	f, err := os.Create(path)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	out := bufio.NewWriterSize(f, 1<<20)
	packed := &counter{w: out}
	z := gzip.NewWriter(packed)
	t := &tree{prefix: "rootfs", archive: tar.NewWriter(z), packed: packed, limit: limit, seen: map[string]bool{}, links: map[inode]string{}}
	if err := writeManifest(t.archive, "example.com/debian"); err != nil {
		return 0, 0, err
	}
	if _, err := t.fill(ctx, folders); err != nil {
		return 0, 0, err
	}
	return t.files, t.plain, errors.Join(t.archive.Close(), z.Close(), out.Flush())
}

// fill adds folders until the archive has its size, and returns those that are
// left.
func (t *tree) fill(ctx context.Context, folders []string) (rest []string, err error) {
	for i, folder := range folders {
		if t.packed.n >= t.limit {
			return folders[i:], nil
		}
		if err := errors.Join(ctx.Err(), t.folder(folder)); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// installed lists the folders below /usr, mixed by a hash of their names.
func installed() ([]string, error) {
	var folders []string
	for _, root := range []string{"/usr/bin", "/usr/lib", "/usr/sbin", "/usr/share"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() {
				folders = append(folders, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(folders, func(a, b string) int {
		if x, y := mix(a), mix(b); x < y {
			return -1
		} else if x > y {
			return 1
		}
		return strings.Compare(a, b)
	})
	return folders, nil
}

func mix(s string) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, s)
	return h.Sum64()
}

// folder adds a folder, those above it, and the files right in it.
func (t *tree) folder(path string) error {
	if err := t.parents(path); err != nil {
		return err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if t.packed.n >= t.limit {
			return nil
		}
		kind := entry.Type()
		if !kind.IsRegular() && kind != fs.ModeSymlink {
			continue
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Size() > biggest {
			continue
		}
		if err := t.add(filepath.Join(path, entry.Name()), info); err != nil {
			return err
		}
	}
	return nil
}

func (t *tree) parents(path string) error {
	if t.seen[path] {
		return nil
	}
	t.seen[path] = true
	if path != "/" {
		if err := t.parents(filepath.Dir(path)); err != nil {
			return err
		}
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	return t.add(path, info)
}

func (t *tree) add(path string, info fs.FileInfo) error {
	target := ""
	if info.Mode().Type() == fs.ModeSymlink {
		target, _ = os.Readlink(path)
	}
	h, err := tar.FileInfoHeader(info, target)
	if err != nil {
		return err
	}
	h.Name = strings.Trim(t.prefix+path, "/")
	if h.Name == "" {
		return nil
	}
	if info.IsDir() {
		h.Name += "/"
	}
	if first := t.first(info, h.Name); first != "" {
		h.Typeflag, h.Linkname, h.Size = tar.TypeLink, first, 0
	}
	if err := t.archive.WriteHeader(h); err != nil {
		return err
	}
	t.files++
	t.plain += h.Size
	if h.Size == 0 {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(t.archive, f)
	return err
}

// counter counts what goes through it.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// first returns the first name of a file that has been added under another.
func (t *tree) first(info fs.FileInfo, name string) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.Mode().IsRegular() || stat.Nlink < 2 {
		return ""
	}
	key := inode{stat.Dev, stat.Ino}
	if first, known := t.links[key]; known {
		return first
	}
	t.links[key] = name
	return ""
}
