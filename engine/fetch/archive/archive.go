// Package archive reads images from files: what docker save writes, OCI
// archives, and folders with an OCI layout. It tells them apart by what is in
// them, and is a Source of their documents and layers.
//
// Nothing is unpacked or copied: a tar is indexed by its headers once, and then
// read by offset. Only one that is compressed as a whole is first decompressed,
// into a file without a name. What docker save writes has no manifest of the
// registries' kind: one is made for it, of its config and its layers.
//
// An archive is taken for hostile. The number of its entries and the length of
// their names are bounded; a path that leads out of it, through links too, leads
// nowhere; sizes and digests are checked whenever something is read. An entry
// that nobody asks for is not judged.
package archive

import (
	"context"
	"os"
	"sync"

	"github.com/podtui/podtui/engine/fetch/oci"
)

// DefaultMaxSize is how much a compressed archive may become.
const DefaultMaxSize = 64 << 30

// Options are about archives that are compressed as a whole.
type Options struct {
	Temp    string // the folder for the decompressed one; "": that of the system
	MaxSize int64  // how many bytes it may have; 0: DefaultMaxSize
}

// Archive is one file or folder with images. Its methods may be called from any
// goroutine.
type Archive struct {
	tree   tree
	layout bool // else it is of docker save

	mu    sync.Mutex
	known map[oci.Digest]known
}

// known is where something is that has no path of its own, or the thing itself.
type known struct {
	raw  []byte
	path string
}

// Open opens the archive at path. What is no image archive, though it may be an
// ACI, is a *NotAnArchiveError; an archive that is damaged is an *InvalidError.
// It takes long only if the archive is compressed; then ctx can end it.
func Open(ctx context.Context, path string, o Options) (*Archive, error) {
	if o.MaxSize == 0 {
		o.MaxSize = DefaultMaxSize
	}
	info, err := os.Stat(path) // before anything is opened: a pipe would be used up
	if err != nil {
		return nil, err
	}
	var t tree
	switch {
	case info.IsDir():
		t, err = openFolder(path)
	case info.Mode().IsRegular():
		t, err = openFile(ctx, path, o)
	default:
		err = &NotAnArchiveError{Reason: "is neither a file nor a folder"}
	}
	if err != nil {
		return nil, err
	}
	a := &Archive{tree: t, known: make(map[oci.Digest]known)}
	if err := a.detect(info.IsDir()); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// detect tells which kind it is. Newer versions of docker save write both kinds
// into one file; the OCI layout says more.
func (a *Archive) detect(folder bool) error {
	if a.tree.has(layoutFile) && a.tree.has(indexFile) {
		a.layout = true
		return a.checkLayout()
	}
	if folder {
		return &NotAnArchiveError{Reason: "is a folder without " + layoutFile + " and " + indexFile + ", so it has no OCI layout"}
	}
	if !a.tree.has(dockerFile) {
		return &NotAnArchiveError{Reason: "has neither " + dockerFile + " (docker save) nor " + layoutFile + " and " + indexFile + " (OCI)"}
	}
	return nil
}

// Close closes the archive. What is still read from it ends with an error.
func (a *Archive) Close() error { return a.tree.Close() }
