package store

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// commit publishes a durable candidate, or finds that another process was
// quicker.
func (s *Store) commit(st *staging, c *candidate) (img Image, fresh bool, err error) {
	for {
		img, was, err := s.publish(st, c)
		if err != nil {
			return Image{}, false, err
		}
		if was != same {
			return img, was == nowhere, nil
		}
		// Somebody else's is here, unless it has just been removed again, or
		// stacked anew.
		img, err = s.arrived(c.record)
		if !hasRoom(err) {
			return img, false, err
		}
	}
}

// absent tells of an image's error whether there is room for it: it is not
// here, or damaged, which the same archive mends.
func absent(err error) bool {
	var damaged *DamagedError
	return errors.Is(err, ErrNotFound) || errors.As(err, &damaged)
}

// hasRoom is the same of the error of an image that has just come: what is here
// on other layers makes room as well.
func hasRoom(err error) bool {
	var stale *StaleError
	return absent(err) || errors.As(err, &stale)
}

// whole returns an image that is here with its record and its layers.
func (s *Store) whole(id string) (Image, error) {
	img, err := s.Get(id)
	if err != nil {
		return img, err
	}
	if _, err := s.layersOf(img); err != nil {
		return img, err
	}
	if img.Kind == KindACI && !exists(s.path(layersDir, id)) {
		return img, &DamagedError{ID: id, What: "its own layer is missing"}
	}
	return img, nil
}

// whereabouts is what is here of an image that is ready.
type whereabouts int

const (
	nowhere   whereabouts = iota // nothing, or what is damaged
	same                         // the image, on the same layers
	elsewhere                    // the image, on others
)

func (s *Store) whereabouts(c *candidate) (was Image, w whereabouts, err error) {
	was, err = s.whole(c.record.ID)
	switch {
	case absent(err):
		return was, nowhere, nil
	case err != nil || was.stackedAs(c.record):
		return was, same, err
	}
	return was, elsewhere, nil
}

// publish renames layers and record to where they are seen. Two processes with
// the same image meet here: the second finds it and gives up its own. A damaged
// one is replaced, and those who lease it have the new one. One on other layers
// is stacked anew.
func (s *Store) publish(st *staging, c *candidate) (img Image, w whereabouts, err error) {
	unlock, err := s.lock(commitLock, unix.LOCK_EX)
	if err != nil {
		return img, w, err
	}
	defer unlock()
	// Or a GC could take the layers for some that nobody has. Who takes layers from
	// an image locks leases out as well; under the commit lock nobody else does.
	how := unix.LOCK_SH
	if _, w, _ = s.whereabouts(c); w == elsewhere {
		how = unix.LOCK_EX
	}
	unlockToo, err := s.lock(removalLock, how)
	if err != nil {
		return img, w, err
	}
	defer unlockToo()
	was, w, err := s.whereabouts(c)
	switch {
	case err != nil || w == same:
		return was, w, err
	case w == elsewhere:
		img, err = s.restack(st, c, was)
		return img, w, err
	}
	if err := s.publishLayers(st, c); err != nil {
		return img, w, err
	}
	if err := s.addToIndex(c.image().Entry()); err != nil {
		return img, w, err
	}
	at(indexed)
	if err := os.Rename(st.record(), s.path(imagesDir, c.record.ID)); err != nil {
		return img, w, err
	}
	at(committed)
	return c.image(), w, fsyncPath(s.path(imagesDir))
}

// publishLayers makes the layers of an image visible, and durable where they are
// seen. The commit lock must be held.
func (s *Store) publishLayers(st *staging, c *candidate) error {
	for _, layer := range c.record.all() {
		if err := s.publishLayer(st, layer); err != nil {
			return err
		}
	}
	at(layerRenamed)
	if err := s.settle(c.record.Layers); err != nil {
		return err
	}
	return fsyncPath(s.path(layersDir))
}

// publishLayer renames a layer that was made in a private folder; any other
// must be here. One that is there already is whole, as everything in layers is,
// and the same: what a crash left is used. But one that somebody emptied, or
// that a power cut may have torn, makes room. The commit lock must be held.
func (s *Store) publishLayer(st *staging, id string) error {
	return s.putLayer(st, id, st.layer(id))
}

// putLayer is publishLayer for a layer that is in any folder.
func (s *Store) putLayer(st *staging, id, from string) error {
	here, err := s.hasLayer(id)
	if err != nil || here {
		return err
	}
	path := s.path(layersDir, id)
	if err := os.Rename(path, filepath.Join(st.dir, "emptied-"+rand.Text())); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(from, path)
}
