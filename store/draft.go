package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Draft is an image on its way. What it has brought so far is no image yet, and
// is kept from every Remove and GC until the draft is closed, or its process
// dies. Layers may be read into it side by side; the rest is for one goroutine.
type Draft struct {
	s      *Store
	st     *staging
	works  atomic.Int64
	aci    *arrival // what ReadACI has read
	closed bool
}

// Draft begins an image.
func (s *Store) Draft() (*Draft, error) {
	st, err := s.stage()
	if err != nil {
		return nil, err
	}
	return &Draft{s: s, st: st}, nil
}

// Close ends the draft. Layers stay, for whoever goes on with the same image,
// until a GC; everything else that was not committed goes.
func (d *Draft) Close() error {
	if d.closed {
		return nil
	}
	d.closed = true
	return d.st.discard()
}

// Keep tells whether the layer with this diff ID is here, and keeps it here
// while the draft lives.
func (d *Draft) Keep(diffID string) (here bool, err error) {
	id, err := layerID(diffID)
	if err != nil {
		return false, err
	}
	return d.s.keep(d.st, id)
}

// Hold keeps an image's layers where they are, whatever is removed meanwhile,
// until release is called: for who reads them and starts no pod.
func (s *Store) Hold(img Image) (release func() error, err error) {
	d, err := s.Draft()
	if err != nil {
		return nil, err
	}
	if err := d.keepAll(img.layers); err != nil {
		return nil, also(err, d.Close())
	}
	return d.Close, nil
}

// work makes a folder of the draft's own for one piece of work.
func (d *Draft) work() (string, error) {
	dir := filepath.Join(d.st.dir, "work-"+strconv.FormatInt(d.works.Add(1), 10))
	return dir, os.Mkdir(dir, 0o700)
}

// keep notes that a layer is wanted, and tells whether it is here. In this
// order, and both at a moment when nothing is removed: a layer that is here and
// noted stays.
func (s *Store) keep(st *staging, layer string) (here bool, err error) {
	unlock, err := s.lock(removalLock, unix.LOCK_SH)
	if err != nil {
		return false, err
	}
	defer unlock()
	if err := os.Mkdir(filepath.Join(st.dir, keepsDir), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return false, err
	}
	if err := touch(filepath.Join(st.dir, keepsDir, layer)); err != nil {
		return false, err
	}
	at(kept)
	if here, err = s.hasLayer(layer); !here || err != nil {
		return false, err
	}
	// Its grace begins anew.
	return true, os.Chtimes(s.path(layersDir, layer), time.Time{}, time.Now())
}

// hasLayer reports whether a layer is here, and whole.
func (s *Store) hasLayer(layer string) (bool, error) {
	_, err := os.Lstat(s.path(layersDir, layer, rootfsDir))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	torn, err := s.mayBeTorn(layer)
	return !torn, err
}

// keptLayers are those that drafts hold. A draft whose process died counts as
// well until a GC has removed it, so that nobody has to ask which of them live.
func (s *Store) keptLayers() (map[string]bool, error) {
	drafts, err := readNames(s.path(tmpDir))
	if err != nil {
		return nil, err
	}
	kept := make(map[string]bool)
	for _, draft := range drafts {
		layers, err := readNames(s.path(tmpDir, draft, keepsDir))
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, layer := range layers {
			kept[layer] = true
		}
	}
	return kept, nil
}

const diffIDPrefix = "sha256:"

// layerID is what the folder of a registry image's layer is called.
func layerID(diffID string) (string, error) {
	digits, ok := strings.CutPrefix(diffID, diffIDPrefix)
	if !ok || len(digits) != 64 || strings.Trim(digits, "0123456789abcdef") != "" {
		return "", fmt.Errorf("diff ID %.80q: not sha256: and 64 hex digits", diffID)
	}
	return "sha256-" + digits, nil
}
