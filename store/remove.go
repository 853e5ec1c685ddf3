package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Remove removes an image and the layers that no other image has. If somebody
// leases it, it is an *InUseError and nothing is removed.
func (s *Store) Remove(id string) error {
	if !validID(id) {
		return &NotFoundError{Image: id}
	}
	trash, err := s.stage()
	if err != nil {
		return err
	}
	return errors.Join(s.removeInto(trash, id), trash.discard())
}

// removeInto takes an image out of sight. What follows, deleting thousands of
// files, keeps nobody waiting.
func (s *Store) removeInto(trash *staging, id string) error {
	unlock, err := s.lock(removalLock, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	owners, err := s.ownersOf(id)
	if err != nil {
		return err
	}
	if len(owners) > 0 {
		return &InUseError{ID: id, Owners: owners}
	}
	// The image first: an image without its layers must never be seen.
	err = os.Rename(s.path(imagesDir, id), filepath.Join(trash.dir, id))
	if errors.Is(err, fs.ErrNotExist) {
		return &NotFoundError{Image: id}
	}
	if err != nil {
		return err
	}
	at(unlinked)
	if err := s.forgetUse(id); err != nil {
		return err
	}
	_, err = s.sweepLayers(trash)
	at(swept)
	return err
}

// sweepLayers takes every layer out of sight that no image has. The exclusive
// removal lock must be held, which keeps commits out as well.
func (s *Store) sweepLayers(trash *staging) (swept []string, err error) {
	layers, err := readNames(s.path(layersDir))
	if err != nil {
		return nil, err
	}
	needed, err := s.neededLayers()
	if err != nil {
		return nil, err
	}
	for _, layer := range layers {
		if needed[layer] {
			continue
		}
		if err := os.Rename(s.path(layersDir, layer), filepath.Join(trash.dir, "layer-"+layer)); err != nil {
			return swept, err
		}
		swept = append(swept, layer)
	}
	return swept, nil
}

// neededLayers are the layers that images have. A damaged record stops it:
// nobody knows which layers that image needs. An ID that is both an image's and
// a layer's is kept in any case.
func (s *Store) neededLayers() (map[string]bool, error) {
	ids, err := s.ids()
	if err != nil {
		return nil, err
	}
	needed := make(map[string]bool, len(ids))
	for _, id := range ids {
		r, _, _, err := s.load(id)
		if err != nil {
			return nil, err
		}
		for _, layer := range r.Layers {
			needed[layer] = true
		}
	}
	return needed, nil
}
