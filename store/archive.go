package store

import (
	"archive/tar"
	"os"
	"path/filepath"

	"github.com/podtui/podtui/store/unpack"
)

// archive is a tar that is read from a stream, unpacked into a layer's folder,
// and recorded there so that the identical tar can be put together again. What
// its entries mean is its owner's business.
type archive struct {
	*headers
	dir      string // of the layer
	tap      *tap
	tree     *unpack.Tree
	skeleton *skeletonWriter
	file     *os.File // of the skeleton
	buf      []byte

	about about
	parts int // files that the skeleton leaves to the tree
}

// newArchive begins a layer in dir, an empty folder.
func newArchive(chunks *chunks, dir string, l limits, layer *unpack.Layer) (a *archive, err error) {
	root := filepath.Join(dir, rootfsDir)
	if err := os.Mkdir(root, 0o700); err != nil {
		return nil, err
	}
	a = &archive{dir: dir, buf: make([]byte, chunkSize)}
	a.tree, err = unpack.New(root, unpack.Options{Scratch: filepath.Join(dir, "folders"), Folders: l.entries, Layer: layer})
	if err != nil {
		return nil, err
	}
	if err := a.openSkeleton(); err != nil {
		return nil, also(err, a.tree.Close())
	}
	a.tap = &tap{chunks: chunks, skeleton: a.skeleton}
	a.headers = newHeaders(a.tap, &a.tap.position, l)
	return a, nil
}

func (a *archive) openSkeleton() (err error) {
	a.file, err = os.OpenFile(filepath.Join(a.dir, archiveFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if a.skeleton, err = newSkeletonWriter(a.file); err != nil {
		return also(err, a.file.Close())
	}
	return nil
}

// close ends what newArchive began: it writes what is left if all went well so
// far, and frees the rest.
func (a *archive) close(err error) error {
	ended := a.skeleton.close() // in any case: it has an encoder
	if err == nil {
		err = ended
	}
	err = also(err, a.file.Close())
	return also(err, a.tree.Close())
}

// add unpacks an entry.
func (a *archive) add(e unpack.Entry) error {
	sparse := unpack.Sparse(e.Header)
	e.Content = &content{tap: a.tap, tar: a.tar, buf: a.buf, lend: !sparse}
	path, err := a.tree.Add(e)
	if err != nil {
		return err
	}
	at(unpacking)
	if e.Header.Size > 0 && !sparse && regular(e.Header) {
		a.parts++
		return a.skeleton.file(path, e.Header.Size)
	}
	return nil
}

func regular(h *tar.Header) bool {
	return h.Typeflag == tar.TypeReg || h.Typeflag == tar.TypeCont
}

// finish reads the stream to its end and completes the layer.
func (a *archive) finish() error {
	if err := a.tap.drain(); err != nil {
		return err
	}
	a.about.Size = a.tap.read
	if err := a.tree.Finish(func(path string) error {
		a.about.Implicit = append(a.about.Implicit, path)
		return nil
	}); err != nil {
		return err
	}
	return writeAbout(a.dir, a.about)
}
