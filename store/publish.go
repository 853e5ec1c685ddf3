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
		fresh, err := s.publish(st, c)
		if err != nil {
			return Image{}, false, err
		}
		if fresh {
			return c.image(), true, nil
		}
		// Somebody else's is here, unless it has just been removed again.
		img, err := s.arrived(c.record.ID, c.record.standing)
		if !absent(err) {
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

// whole returns an image that is here with its record and its layers.
func (s *Store) whole(id string) (Image, error) {
	img, err := s.Get(id)
	if err != nil {
		return img, err
	}
	if _, err := s.Layers(img); err != nil {
		return img, err
	}
	if img.Kind == KindACI && !exists(s.path(layersDir, id)) {
		return img, &DamagedError{ID: id, What: "its own layer is missing"}
	}
	return img, nil
}

// publish renames layers and record to where they are seen. Two processes with
// the same image meet here: the second finds it and gives up its own. A damaged
// one is replaced, and those who lease it have the new one.
func (s *Store) publish(st *staging, c *candidate) (fresh bool, err error) {
	unlock, err := s.lock(commitLock, unix.LOCK_EX)
	if err != nil {
		return false, err
	}
	defer unlock()
	// Or a GC could take the layers for some that nobody has.
	shared, err := s.lock(removalLock, unix.LOCK_SH)
	if err != nil {
		return false, err
	}
	defer shared()
	id := c.record.ID
	if _, err := s.whole(id); !absent(err) {
		return false, err
	}
	for _, layer := range c.record.all() {
		if err := s.publishLayer(st, layer); err != nil {
			return false, err
		}
	}
	at(layerRenamed)
	if err := s.settle(c.record.Layers); err != nil {
		return false, err
	}
	if err := fsyncPath(s.path(layersDir)); err != nil {
		return false, err
	}
	if err := s.addToIndex(c.image().Entry()); err != nil {
		return false, err
	}
	at(indexed)
	if err := os.Rename(st.record(), s.path(imagesDir, id)); err != nil {
		return false, err
	}
	at(committed)
	return true, fsyncPath(s.path(imagesDir))
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
