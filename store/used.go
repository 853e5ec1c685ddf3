package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// LastUsed returns when each of the listed images was last used, as Image.Used
// says. Most images of a big store never were since they came, and asking each
// would take longer than the listing: only those in used are asked.
func (s *Store) LastUsed(list []Entry) ([]time.Time, error) {
	names, err := s.usedIDs()
	if err != nil {
		return nil, err
	}
	ever := make(map[string]bool, len(names))
	for _, id := range names {
		ever[id] = true
	}
	used := make([]time.Time, len(list))
	for i := range list {
		used[i] = list[i].Imported
		if len(ever) == 0 || !ever[list[i].ID] {
			continue
		}
		info, err := os.Lstat(s.path(imagesDir, list[i].ID))
		if err == nil {
			used[i] = info.ModTime()
		} else if !errors.Is(err, fs.ErrNotExist) { // removed meanwhile
			return nil, fmt.Errorf("when image %s was used: %w", short(list[i].ID), err)
		}
	}
	return used, nil
}

// usedIDs lists what is in used. The folder comes with the first use.
func (s *Store) usedIDs() ([]string, error) {
	names, err := readNames(s.path(usedDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return names, err
}

// noteUse puts an image into used.
func (s *Store) noteUse(id string) error {
	err := touch(s.path(usedDir, id))
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(s.path(usedDir), 0o700); err != nil {
		return err
	}
	return touch(s.path(usedDir, id))
}

// forgetUse takes an image that is gone out of used.
func (s *Store) forgetUse(id string) error {
	err := os.Remove(s.path(usedDir, id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// sweepUsed takes out of used what crashes left there. The exclusive removal
// lock must be held, which keeps leases out.
func (s *Store) sweepUsed() error {
	names, err := s.usedIDs()
	if err != nil {
		return err
	}
	for _, id := range names {
		if _, err := os.Lstat(s.path(imagesDir, id)); errors.Is(err, fs.ErrNotExist) {
			if err := s.forgetUse(id); err != nil {
				return err
			}
		}
	}
	return nil
}
