package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Remove removes an image, sound or damaged, and those of its layers that no
// other image and no draft has. If somebody leases it, it is an *InUseError and
// nothing is removed. While another image is damaged its layers stay, until a GC
// after that one is gone.
func (s *Store) Remove(id string) error {
	if !validID(id) {
		return &NotFoundError{Image: id}
	}
	trash, err := s.stage()
	if err != nil {
		return err
	}
	return also(s.removeInto(trash, id), trash.discard())
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
	r, _, _, err := s.load(id)
	var damaged *DamagedError
	if err != nil && !errors.As(err, &damaged) {
		return err
	}
	layers := append(r.all(), id) // what a damaged one had nobody knows, but for this
	if err := s.unlink(trash, id); err != nil {
		return err
	}
	_, _, err = s.sweepLayers(trash, func(layer string) bool { return slices.Contains(layers, layer) })
	at(swept)
	return err // not that others are damaged, which GC tells: this image is gone
}

// unlink takes an image's record away, before its layers: an image without them
// must never be seen. The exclusive removal lock must be held.
func (s *Store) unlink(trash *staging, id string) error {
	err := os.Rename(s.path(imagesDir, id), filepath.Join(trash.dir, id))
	if errors.Is(err, fs.ErrNotExist) {
		return &NotFoundError{Image: id}
	}
	if err != nil {
		return err
	}
	at(unlinked)
	return s.forgetUse(id)
}

// leased are the images that anybody leases. It means something only under the
// removal lock.
func (s *Store) leased() (map[string]bool, error) {
	owners, err := readNames(s.path(leasesDir))
	if err != nil {
		return nil, err
	}
	leased := make(map[string]bool)
	for _, owner := range owners {
		ids, err := readNames(s.path(leasesDir, owner))
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) { // given back, or not ours
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			leased[id] = true
		}
	}
	return leased, nil
}

// sweepLayers takes layers out of sight that no image and no draft has, if they
// are to go. Which layers a damaged image has nobody knows: as long as there is
// one, all layers stay, and it is returned. The exclusive removal lock must be
// held, which keeps commits and drafts out as well.
func (s *Store) sweepLayers(trash *staging, goes func(layer string) bool) (swept []string, damaged []*DamagedError, err error) {
	layers, err := readNames(s.path(layersDir))
	if err != nil {
		return nil, nil, err
	}
	needed, damaged, err := s.neededLayers()
	if err != nil || len(damaged) > 0 {
		return nil, damaged, err
	}
	kept, err := s.keptLayers()
	if err != nil {
		return nil, nil, err
	}
	for _, layer := range layers {
		if needed[layer] || kept[layer] || !goes(layer) {
			continue
		}
		if err := os.Rename(s.path(layersDir, layer), filepath.Join(trash.dir, "layer-"+layer)); err != nil {
			return swept, nil, err
		}
		swept = append(swept, layer)
	}
	return swept, nil, nil
}

// neededLayers are the layers that images have, and the images of which that
// can't be read.
func (s *Store) neededLayers() (needed map[string]bool, damaged []*DamagedError, err error) {
	ids, err := s.ids()
	if err != nil {
		return nil, nil, err
	}
	needed = make(map[string]bool, len(ids))
	for _, id := range ids {
		r, _, _, err := s.load(id)
		var bad *DamagedError
		if errors.As(err, &bad) {
			damaged = append(damaged, bad)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		for _, layer := range r.all() {
			needed[layer] = true
		}
	}
	slices.SortFunc(damaged, func(a, b *DamagedError) int { return strings.Compare(a.ID, b.ID) })
	return needed, damaged, nil
}
