package store

import (
	"archive/tar"
	"fmt"
	"io"
	"strings"

	"github.com/appc/spec/schema"

	"github.com/podtui/podtui/store/unpack"
)

// aci reads one image archive as aci.md says: a tar with a file "manifest" and a
// folder "rootfs" at its top, nothing else, and nothing twice. The order is free,
// names may begin with "./", and an entry for "." is overlooked.
type aci struct {
	*headers
	inside   func(unpack.Entry) error // what becomes of an entry of rootfs
	rootfs   bool
	manifest []byte
	parsed   *schema.ImageManifest
}

// unpackACI reads the archive from chunks into dir, a folder that becomes a
// layer, and returns its manifest.
func unpackACI(chunks *chunks, dir string, l limits) (manifest []byte, parsed *schema.ImageManifest, err error) {
	in, err := newArchive(chunks, dir, l, nil)
	if err != nil {
		return nil, nil, err
	}
	in.about.Kind = layerOfACI
	a := &aci{headers: in.headers, inside: in.add}
	if err = a.read(); err == nil {
		err = in.finish()
	}
	return a.manifest, a.parsed, in.close(err)
}

func (a *aci) read() error {
	if err := a.each(a.entry); err != nil {
		return err
	}
	return a.complete()
}

// complete checks, at the archive's end, that nothing is missing.
func (a *aci) complete() error {
	switch {
	case a.stream.read <= a.end:
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
	if err := a.inside(e); err != nil {
		return err
	}
	a.rootfs = true
	return nil
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
		return a.stream.blame(err)
	}
	a.manifest = data
	a.parsed, err = parseManifest(data)
	return err
}
