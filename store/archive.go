package store

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/podtui/podtui/store/unpack"
)

const blockSize = 512 // of tar

// archive is a tar that is read from a stream, unpacked into a layer's folder,
// and recorded there so that the identical tar can be put together again. What
// its entries mean is its owner's business.
type archive struct {
	dir      string // of the layer
	tap      *tap
	tar      *tar.Reader
	tree     *unpack.Tree
	skeleton *skeletonWriter
	file     *os.File // of the skeleton
	buf      []byte
	limits   limits

	about   about
	entries int
	parts   int   // files that the skeleton leaves to the tree
	end     int64 // where the last entry ended, padding included
	size    int64 // of all files, holes included
}

// limits are how much an archive may cost.
type limits struct {
	size    int64
	entries int
}

// newArchive begins a layer in dir, an empty folder.
func newArchive(chunks *chunks, dir string, l limits, layer *unpack.Layer) (a *archive, err error) {
	root := filepath.Join(dir, rootfsDir)
	if err := os.Mkdir(root, 0o700); err != nil {
		return nil, err
	}
	a = &archive{dir: dir, buf: make([]byte, chunkSize), limits: l}
	a.tree, err = unpack.New(root, unpack.Options{Scratch: filepath.Join(dir, "folders"), Folders: l.entries, Layer: layer})
	if err != nil {
		return nil, err
	}
	if err := a.openSkeleton(); err != nil {
		return nil, also(err, a.tree.Close())
	}
	a.tap = &tap{chunks: chunks, skeleton: a.skeleton}
	a.tar = tar.NewReader(a.tap)
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

// each calls f with all entries in order.
func (a *archive) each(f func(*tar.Header) error) error {
	for {
		h, err := a.tar.Next()
		if err == io.EOF {
			return a.ended()
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) { // that is for us to say
			return a.damaged(err)
		}
		if err := a.bounded(h); err != nil {
			return err
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			err = global(h)
		} else {
			err = f(h)
		}
		if err != nil {
			return err
		}
		a.end = (a.tap.read + blockSize - 1) / blockSize * blockSize
	}
}

// ended tells an archive from nothing at all.
func (a *archive) ended() error {
	if a.tap.read == 0 {
		return &ArchiveError{Reason: "is empty"}
	}
	return nil
}

// damaged puts what archive/tar found into words.
func (a *archive) damaged(err error) error {
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

func (a *archive) bounded(h *tar.Header) error {
	if a.entries++; a.entries > a.limits.entries {
		return &ArchiveError{Reason: fmt.Sprintf("has more than %d entries", a.limits.entries)}
	}
	// The stream is bounded already, but a sparse file can claim any size.
	if h.Size < 0 || h.Size > a.limits.size-a.size {
		return &ArchiveError{Entry: h.Name, Reason: fmt.Sprintf("brings the files to more than %d bytes", a.limits.size)}
	}
	a.size += h.Size
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
