package store

import (
	"archive/tar"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/podtui/podtui/store/unpack"
)

// oci unpacks one layer of a registry image, as the OCI image specification says
// (layer.md) and as docker, podman and umoci do where it is silent: the tar's top
// is the root, names may begin with "/", of two entries with one path the later
// counts, and names that begin with ".wh." are about the layers below.
type oci struct {
	*archive
	moves moves
}

const (
	whiteoutPrefix = ".wh."
	aufsPrefix     = ".wh..wh." // what aufs, docker's first way to stack layers, kept for itself
	opaqueName     = ".wh..wh..opq"
	asideDir       = "aside" // of a layer under way: what later entries replaced
)

// unpackOCI reads a layer from chunks into dir, a folder that becomes a layer.
func unpackOCI(chunks *chunks, dir string, l limits) error {
	o := &oci{}
	aside := filepath.Join(dir, asideDir)
	if err := os.Mkdir(aside, 0o700); err != nil {
		return err
	}
	var err error
	o.archive, err = newArchive(chunks, dir, l, &unpack.Layer{Aside: aside, Replaced: o.replaced})
	if err != nil {
		return err
	}
	o.about.Kind = layerOfOCI
	if err := o.close(o.read()); err != nil {
		return err
	}
	if o.moves.count > 0 {
		if err := o.moves.settle(dir); err != nil {
			return err
		}
	}
	return os.RemoveAll(aside)
}

func (o *oci) read() error {
	if err := o.each(o.entry); err != nil {
		return err
	}
	return o.finish()
}

func (o *oci) replaced(path, target string) {
	o.moves.add(path, o.parts)
	if n := len(o.about.moved); n == cap(o.about.moved) { // less is thrown away than append would
		o.about.moved = slices.Grow(o.about.moved, max(n, 16))
	}
	o.about.moved = append(o.about.moved, moved{path: path, target: target, entry: o.entries})
}

func (o *oci) entry(h *tar.Header) error {
	path, err := cleanInLayer(h.Name)
	if err != nil {
		return err
	}
	switch dir, name := split(path); {
	case hasPart(path, aufsPrefix) && name != opaqueName || hasPart(dir, aufsPrefix):
		return nil // of no meaning to anybody else; its bytes stay in the archive's record
	case hasPart(dir, whiteoutPrefix):
		return &ArchiveError{Entry: h.Name, Reason: "is below a whiteout"}
	case name == opaqueName:
		return o.hideBelow(h, dir)
	case strings.HasPrefix(name, whiteoutPrefix):
		return o.hide(h, dir, strings.TrimPrefix(name, whiteoutPrefix))
	}
	return o.unpack(h, path)
}

// cleanInLayer is Clean for what counts from the root even if it says so.
func cleanInLayer(name string) (string, error) {
	path, err := unpack.Clean(strings.TrimLeft(name, "/"))
	if err != nil {
		err.(*ArchiveError).Entry = name
	}
	return path, err
}

func split(path string) (dir, name string) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)], path[i+1:]
}

// hasPart reports whether any name of a path has a prefix.
func hasPart(path, prefix string) bool {
	return strings.HasPrefix(path, prefix) || strings.Contains(path, "/"+prefix)
}

func (o *oci) unpack(h *tar.Header, path string) error {
	e := unpack.Entry{Header: h, Path: path}
	if h.Typeflag == tar.TypeLink {
		var err error
		if e.Link, err = cleanInLayer(h.Linkname); err != nil {
			return &ArchiveError{Entry: h.Name, Reason: fmt.Sprintf("is a hard link to %q, which is not in the root filesystem", h.Linkname)}
		}
		if hasPart(e.Link, whiteoutPrefix) {
			return &ArchiveError{Entry: h.Name, Reason: fmt.Sprintf("is a hard link to %q, a whiteout", h.Linkname)}
		}
	}
	return o.add(e)
}

// hide makes a whiteout.
func (o *oci) hide(h *tar.Header, dir, name string) error {
	if name == "" || name == "." || name == ".." {
		return &ArchiveError{Entry: h.Name, Reason: fmt.Sprintf("is a whiteout of %q", name)}
	}
	o.about.Whiteouts = true
	return o.tree.Hide(unpack.Entry{Header: h, Path: strings.TrimPrefix(dir+"/"+name, "/")})
}

// hideBelow makes a folder opaque.
func (o *oci) hideBelow(h *tar.Header, dir string) error {
	o.about.Whiteouts = true
	if dir == "" {
		o.about.Opaque = true
	}
	return o.tree.HideBelow(unpack.Entry{Header: h, Path: dir})
}
