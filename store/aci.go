package store

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/appc/spec/schema"

	"github.com/podtui/podtui/store/unpack"
)

const blockSize = 512 // of tar

// aci unpacks one image archive as aci.md says: a tar with a file "manifest"
// and a folder "rootfs" at its top, nothing else, and nothing twice. The order
// is free, names may begin with "./", and an entry for "." is overlooked.
type aci struct {
	tap        *tap
	tar        *tar.Reader
	tree       *unpack.Tree
	skeleton   *skeletonWriter
	buf        []byte
	maxEntries int
	maxSize    int64

	entries  int
	end      int64 // where the last entry ended, padding included
	size     int64 // of all files, holes included
	rootfs   bool
	manifest []byte
	parsed   *schema.ImageManifest
}

// unpackACI reads the archive from chunks into dir, a folder that becomes a
// layer, and returns its manifest.
func unpackACI(chunks *chunks, dir string, o ImportOptions) (manifest []byte, parsed *schema.ImageManifest, err error) {
	root := filepath.Join(dir, rootfsDir)
	if err := os.Mkdir(root, 0o700); err != nil {
		return nil, nil, err
	}
	tree, err := unpack.New(root)
	if err != nil {
		return nil, nil, err
	}
	defer tree.Close()
	file, err := os.OpenFile(filepath.Join(dir, archiveFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = also(err, file.Close()) }()
	skeleton, err := newSkeletonWriter(file)
	if err != nil {
		return nil, nil, err
	}
	t := &tap{chunks: chunks, skeleton: skeleton}
	a := &aci{
		tap: t, tar: tar.NewReader(t), tree: tree, skeleton: skeleton,
		buf: make([]byte, chunkSize), maxEntries: o.MaxEntries, maxSize: o.MaxSize,
	}
	if err := a.read(); err != nil {
		return nil, nil, also(err, closeQuietly(skeleton))
	}
	return a.manifest, a.parsed, skeleton.close()
}

// closeQuietly frees an encoder whose output is thrown away.
func closeQuietly(s *skeletonWriter) error {
	s.close()
	return nil
}

func (a *aci) read() error {
	for {
		h, err := a.tar.Next()
		if err == io.EOF {
			break
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) { // that is for us to say
			return a.damaged(err)
		}
		if err := a.entry(h); err != nil {
			return err
		}
		a.end = (a.tap.read + blockSize - 1) / blockSize * blockSize
	}
	if err := a.complete(); err != nil {
		return err
	}
	if err := a.tap.drain(); err != nil {
		return err
	}
	return a.tree.Finish()
}

// damaged puts what archive/tar found into words.
func (a *aci) damaged(err error) error {
	foreign := a.entries == 0 && errors.Is(err, io.ErrUnexpectedEOF) && a.tap.err == io.EOF
	err = a.tap.blame(err)
	if !foreign && !errors.Is(err, tar.ErrHeader) && !errors.Is(err, tar.ErrFieldTooLong) {
		return err
	}
	if a.entries == 0 {
		return &ArchiveError{Reason: "is not a tar file"}
	}
	return &ArchiveError{Reason: fmt.Sprintf("has a damaged header after %d entries", a.entries)}
}

// complete checks, at the archive's end, that nothing is missing.
func (a *aci) complete() error {
	switch {
	case a.tap.read == 0:
		return &ArchiveError{Reason: "is empty"}
	case a.tap.read <= a.end:
		// Not even one block of the end marker: archive/tar takes the end of
		// the stream for it, so an archive that was cut between two entries
		// would look whole.
		return &ArchiveError{Reason: "is truncated"}
	case a.manifest == nil:
		return &ArchiveError{Reason: "has no manifest"}
	case !a.rootfs:
		return &ArchiveError{Reason: "has no rootfs"}
	}
	return nil
}

func (a *aci) entry(h *tar.Header) error {
	if a.entries++; a.entries > a.maxEntries {
		return &ArchiveError{Reason: fmt.Sprintf("has more than %d entries", a.maxEntries)}
	}
	// The stream is bounded already, but a sparse file can claim any size.
	if h.Size < 0 || h.Size > a.maxSize-a.size {
		return &ArchiveError{Entry: h.Name, Reason: fmt.Sprintf("brings the files to more than %d bytes", a.maxSize)}
	}
	a.size += h.Size
	if h.Typeflag == tar.TypeXGlobalHeader {
		return global(h)
	}
	path, err := unpack.Clean(h.Name)
	if err != nil {
		return err
	}
	switch path {
	case "":
		return a.top(h)
	case "manifest":
		return a.readManifest(h)
	}
	inside, err := inRootfs(h.Name, path)
	if err != nil {
		return err
	}
	return a.unpack(h, inside)
}

// top is an entry for the archive's own folder, which "tar -c ." makes.
func (a *aci) top(h *tar.Header) error {
	if h.Typeflag != tar.TypeDir {
		return &ArchiveError{Entry: h.Name, Reason: "has no name"}
	}
	return nil
}

// global refuses headers that would change what later entries say. Git puts a
// comment there.
func global(h *tar.Header) error {
	for key := range h.PAXRecords {
		if key != "comment" {
			return &ArchiveError{Reason: fmt.Sprintf("has a global header that sets %q", key)}
		}
	}
	return nil
}

// inRootfs cuts "rootfs" off a path.
func inRootfs(name, path string) (string, error) {
	if path == rootfsDir {
		return "", nil
	}
	inside, ok := strings.CutPrefix(path, rootfsDir+"/")
	if !ok {
		return "", &ArchiveError{Entry: name, Reason: "is neither the manifest nor in rootfs"}
	}
	return inside, nil
}

func (a *aci) unpack(h *tar.Header, path string) error {
	e := unpack.Entry{Header: h, Path: path}
	if h.Typeflag == tar.TypeLink {
		target, err := unpack.Clean(h.Linkname)
		if err == nil {
			e.Link, err = inRootfs(h.Linkname, target)
		}
		if err != nil {
			return &ArchiveError{Entry: h.Name, Reason: fmt.Sprintf("is a hard link to %q, which is not in rootfs", h.Linkname)}
		}
	}
	sparse := unpack.Sparse(h)
	e.Content = &content{tap: a.tap, tar: a.tar, buf: a.buf, lend: !sparse}
	if err := a.tree.Add(e); err != nil {
		return err
	}
	a.rootfs = true
	at(unpacking)
	if h.Size > 0 && !sparse && regular(h) {
		return a.skeleton.file(path, h.Size)
	}
	return nil
}

func regular(h *tar.Header) bool {
	return h.Typeflag == tar.TypeReg || h.Typeflag == tar.TypeCont
}

func (a *aci) readManifest(h *tar.Header) error {
	switch {
	case a.manifest != nil:
		return &ArchiveError{Entry: h.Name, Reason: "comes twice"}
	case h.Typeflag != tar.TypeReg:
		return &ArchiveError{Entry: h.Name, Reason: "is not a regular file"}
	case h.Size > maxManifest:
		return &ArchiveError{Entry: h.Name, Reason: fmt.Sprintf("has more than %d bytes", maxManifest)}
	}
	data, err := io.ReadAll(a.tar)
	if err != nil {
		return a.tap.blame(err)
	}
	a.manifest = data
	a.parsed, err = parseManifest(data)
	return err
}
