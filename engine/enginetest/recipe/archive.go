package recipe

import (
	"archive/tar"
	"bytes"
	"crypto/sha512"
	"debug/elf"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Time is the modification time of everything in an image: a constant, because
// the time of the build would make each build another image.
var Time = time.Date(2014, time.December, 1, 12, 0, 0, 0, time.UTC)

// Write writes the image as a compressed ACI and returns its ID: sha512- and
// the hex digits of the SHA-512 of the tar inside (contract, section 2).
func (r Recipe) Write(w io.Writer) (id string, err error) {
	compressor, err := Compress(w, r.Compression)
	if err != nil {
		return "", err
	}
	hash := sha512.New()
	if err := r.WriteTar(io.MultiWriter(compressor, hash)); err != nil {
		_ = compressor.Close() // the image is of no use any more
		return "", err
	}
	if err := compressor.Close(); err != nil {
		return "", err
	}
	return "sha512-" + hex.EncodeToString(hash.Sum(nil)), nil
}

// WriteTar writes the image as an uncompressed tar: manifest, rootfs, then its
// files by path, hard links last because their targets must come first.
func (r Recipe) WriteTar(w io.Writer) error {
	files, err := r.complete()
	if err != nil {
		return err
	}
	archive := tar.NewWriter(w)
	manifest := tar.Header{Typeflag: tar.TypeReg, Name: "manifest", Mode: 0o644, Size: int64(len(r.Manifest)), ModTime: Time}
	if err := writeEntry(archive, &manifest, bytes.NewReader(r.Manifest)); err != nil {
		return err
	}
	for _, f := range files {
		if err := r.writeFile(archive, f); err != nil {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
	}
	return archive.Close()
}

// complete returns the files in the order of the archive: one for each path,
// with all parents, and with applets as the links that they stand for.
func (r Recipe) complete() ([]File, error) {
	files := map[string]File{"/": {Kind: Directory, Path: "/", Mode: 0o755}}
	for _, f := range r.Files {
		if f.Kind != Applets {
			files[f.Path] = f
			continue
		}
		links, err := r.applets(files[f.Path])
		if err != nil {
			return nil, fmt.Errorf("applets of %s: %w", f.Path, err)
		}
		for _, link := range links {
			files[link.Path] = link
		}
	}
	for _, f := range r.Files {
		for dir := path.Dir(f.Path); ; dir = path.Dir(dir) {
			if _, ok := files[dir]; ok {
				break
			}
			files[dir] = File{Kind: Directory, Path: dir, Mode: 0o755}
		}
	}
	ordered := make([]File, 0, len(files))
	for _, f := range files {
		ordered = append(ordered, f)
	}
	slices.SortFunc(ordered, func(a, b File) int {
		if (a.Kind == Hardlink) != (b.Kind == Hardlink) {
			if a.Kind == Hardlink {
				return 1
			}
			return -1
		}
		return strings.Compare(a.Path, b.Path)
	})
	return ordered, nil
}

// applets asks a busybox of the host which applets it has.
func (r Recipe) applets(busybox File) ([]File, error) {
	list, err := exec.Command(r.source(busybox), "--list").Output()
	if err != nil {
		return nil, err
	}
	var links []File
	for _, name := range strings.Fields(string(list)) {
		if applet := path.Join(path.Dir(busybox.Path), name); applet != busybox.Path {
			links = append(links, File{Kind: Symlink, Path: applet, Mode: 0o777, Target: path.Base(busybox.Path)})
		}
	}
	return links, nil
}

func (r Recipe) source(f File) string {
	if filepath.IsAbs(f.Source) {
		return f.Source
	}
	return filepath.Join(r.Dir, f.Source)
}

func (r Recipe) writeFile(archive *tar.Writer, f File) error {
	h := tar.Header{Name: path.Join("rootfs", f.Path), Mode: f.Mode, Uid: f.UID, Gid: f.GID, ModTime: Time}
	switch f.Kind {
	case Directory:
		h.Typeflag = tar.TypeDir
		h.Name += "/"
		return archive.WriteHeader(&h)
	case Symlink:
		h.Typeflag, h.Linkname = tar.TypeSymlink, f.Target
		return archive.WriteHeader(&h)
	case Hardlink:
		h.Typeflag, h.Linkname = tar.TypeLink, path.Join("rootfs", f.Target)
		return archive.WriteHeader(&h)
	case Regular, Program:
		h.Typeflag = tar.TypeReg
	default:
		return fmt.Errorf("%q is no kind of file", f.Kind)
	}
	if f.Source == "" {
		h.Size = int64(len(f.Content))
		return writeEntry(archive, &h, bytes.NewReader(f.Content))
	}
	content, err := os.Open(r.source(f))
	if err != nil {
		return err
	}
	defer content.Close()
	info, err := content.Stat()
	if err != nil {
		return err
	}
	if f.Kind == Program {
		if err := mustBeStatic(content); err != nil {
			return fmt.Errorf("%s: %w", f.Source, err)
		}
	}
	h.Size = info.Size()
	return writeEntry(archive, &h, content)
}

func writeEntry(archive *tar.Writer, h *tar.Header, content io.Reader) error {
	if err := archive.WriteHeader(h); err != nil {
		return err
	}
	_, err := io.Copy(archive, content)
	return err
}

// mustBeStatic refuses a program that would look for a loader, which no image
// made here has: the kernel's "no such file" would then blame the program.
func mustBeStatic(program io.ReaderAt) error {
	binary, err := elf.NewFile(program)
	if err != nil {
		return err
	}
	for _, segment := range binary.Progs {
		if segment.Type == elf.PT_INTERP {
			return fmt.Errorf("is linked dynamically")
		}
	}
	return nil
}
