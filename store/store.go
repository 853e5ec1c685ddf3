// Package store keeps images on disk, content-addressed and shared by any
// number of processes: it reads archives and layers, finds images, hands out
// their layers, and keeps what is leased. It unpacks what strangers packed, so it
// trusts nothing in an archive. It knows nothing of pods, networks, keys or
// screens; it never fetches, and never decides whether an image may run. For who
// fetches it keeps downloads that were cut off, the turns of those who want the
// same, and what references led to.
//
// # On disk
//
//	version        the format of all this, one number
//	images/ID      one file an image: its record and its manifest, byte for byte
//	layers/ID/     one folder a layer: rootfs; archive, which holds what an
//	               identical export needs beside the files; about, which says
//	               what the layer is; and fresh, as long as it may not be durable
//	leases/OWNER/  one empty file, called by its image's ID, for each lease
//	used/          one empty file, called by its ID, for each image that was used
//	               since it came, so that a listing need not ask each when
//	index          one line an image, so that finding and listing read one file
//	partial/KEY/   one folder a download: data, and about, which says of what
//	turns/KEY/     who holds this folder's lock has the turn; note is for the others
//	remembered/KEY one file a reference: what it led to
//	tmp/           private folders of work under way, each locked by its owner;
//	               in a draft's, keeps has an empty file for each layer it wants
//	commit.lock    one commit at a time
//	removal.lock   shared by those who add references, exclusive to who removes
//
// A layer is called by its image's ID if it is an ACI's own, "sha256-" and its
// diff ID if a registry image brought it, "flat-…" or "parents-…" if it was
// derived from others. An image's record lists its stack, uppermost first: the
// own layer, then the stack of each dependency, the last one uppermost. A layer
// that occurs twice stays where it is uppermost.
//
// # What becomes visible, and when
//
// An image exists once its file is in images, and not before. A draft works in a
// folder of its own below tmp, on which it holds a lock while it lives. Once all
// of the image was read and found good, in this order: everything is made durable
// with one syncfs, the layers that are still in the draft's folder are renamed
// into layers, the line is appended to the index, both are made durable, and the
// record is renamed into images. So what is in images has its layers and its
// line, whatever crashed.
//
// Layers of a registry image are many, and shared: each is renamed into layers as
// soon as it was read and has its diff ID, so that no crash and no other image
// makes anybody unpack it again. To sync each of them first would cost more than
// all the rest. Instead it is fresh until an image has it, and a fresh layer from
// before the machine went down counts as not there: fresh.go. With that, what is
// in layers is whole.
//
// An image that comes on other dependencies than it had is stacked anew: its new
// layers are made durable and visible as above, what the index tells of who
// vouches for the old stack is taken back, the record is replaced, and the index
// told. The record is of one stack at any time, and the index tells no more.
//
// The reverse need not hold: a layer without an image, a line without an image
// and a folder in tmp that nobody locks are what crashes leave, are never taken
// for anything else, and are removed by GC.
//
// # Who may delete
//
// Remove and GC alone, and neither touches an image that somebody leases, or a
// layer that a draft keeps. Nor is such an image stacked anew, which leaves its old
// layers to GC. Remove and GC decide under the exclusive removal lock, move
// what goes into a private folder in tmp, and delete it there without any lock: a
// reader never meets half of a layer. Layers that are in use must be leased first;
// a path without a lease may go away at any time.
package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/store/imagefile"
)

// Format is the version of the layout that this package reads and writes.
const Format = 2

// Names in the store's folder.
const (
	versionFile = "version"
	imagesDir   = imagefile.Dir
	layersDir   = "layers"
	rootfsDir   = "rootfs"  // in a layer
	archiveFile = "archive" // in a layer
	aboutFile   = "about"   // in a layer
	freshFile   = "fresh"   // in a layer
	leasesDir   = "leases"
	usedDir     = "used"
	indexFile   = "index"
	tmpDir      = "tmp"
	keepsDir    = "keeps" // in a draft
	partialDir  = "partial"
	turnsDir    = "turns"
	rememberDir = "remembered"
	commitLock  = "commit.lock"
	removalLock = "removal.lock"
)

// Store is one folder of images. Its methods may be called from any goroutine;
// other processes may use the same folder at the same time.
type Store struct {
	dir string // absolute
}

// Open opens the store in dir, making it if it is missing. A store that a newer
// podtui wrote is refused with a *FormatError and left as it is.
func Open(dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("image store: %w", err)
	}
	s := &Store{dir: dir}
	version, err := s.format()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = s.create()
	case err == nil && version < Format:
		err = s.upgrade()
	}
	if err != nil {
		return nil, fmt.Errorf("image store: %w", err)
	}
	return s, nil
}

// Close releases what Open took. Leases stay: they are on disk.
func (s *Store) Close() error { return nil }

// format reads the version. It is all that Open costs when the store is there:
// the version is written last, so where it is, everything is.
func (s *Store) format() (int, error) {
	text, err := os.ReadFile(s.path(versionFile))
	if err != nil {
		return 0, err
	}
	version, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || version < 1 {
		return 0, fmt.Errorf("%s does not hold a format version: %.20q", s.path(versionFile), text)
	}
	if version > Format {
		return 0, &FormatError{Dir: s.dir, Version: version}
	}
	return version, nil
}

// upgrade makes a store of format 1 one of format 2, which only has more: what
// it has is read as it is, and an older podtui, which would collect layers that
// drafts keep, stays away from now on. A store that can't be written to is read
// as it is.
func (s *Store) upgrade() error {
	err := s.replace(s.path(versionFile), fmt.Appendln(nil, Format))
	if errors.Is(err, unix.EROFS) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return err
}

// create makes the layout. Two processes may do so at once: each step is fine
// with finding its work done.
func (s *Store) create() error {
	for _, name := range []string{imagesDir, layersDir, leasesDir, tmpDir} {
		// Others must not reach setuid files of images through the store.
		if err := os.MkdirAll(s.path(name), 0o700); err != nil {
			return err
		}
	}
	return s.replace(s.path(versionFile), fmt.Appendln(nil, Format))
}

// path names a file of the store. Only names of our own and checked IDs are
// joined here, never anything that came out of an archive.
func (s *Store) path(elements ...string) string {
	return filepath.Join(append([]string{s.dir}, elements...)...)
}
