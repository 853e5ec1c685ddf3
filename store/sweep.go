package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// sweepPartials removes downloads that nobody has and that got their last byte
// before the given time.
func (s *Store) sweepPartials(ctx context.Context, before time.Time) (swept int, bytes int64, err error) {
	swept, err = s.sweepHeld(ctx, partialDir, func(dir string) (bool, error) {
		last, err := os.Lstat(filepath.Join(dir, dataFile))
		if errors.Is(err, fs.ErrNotExist) {
			return true, nil
		}
		if err != nil || last.ModTime().After(before) {
			return false, err
		}
		bytes += last.Size()
		return true, nil
	})
	return swept, bytes, err
}

// sweepHeld removes those of the folders that one process holds at a time which
// nobody does and that are to go.
func (s *Store) sweepHeld(ctx context.Context, in string, goes func(dir string) (bool, error)) (swept int, err error) {
	names, err := s.optional(in)
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return swept, err
		}
		gone, err := sweepOne(s.path(in, name), goes)
		if err != nil {
			return swept, err
		}
		if gone {
			swept++
		}
	}
	return swept, nil
}

func sweepOne(dir string, goes func(dir string) (bool, error)) (gone bool, err error) {
	lock, err := holdThere(dir)
	if errors.Is(err, errClaimed) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer lock.Close()
	if gone, err = goes(dir); !gone || err != nil {
		return false, err
	}
	return true, os.RemoveAll(dir)
}

// sweepRemembered forgets references whose images are gone, and what can't be
// read.
func (s *Store) sweepRemembered(ctx context.Context) (swept int, err error) {
	names, err := s.optional(rememberDir)
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return swept, err
		}
		path := s.path(rememberDir, name)
		r, err := readRemembered(path)
		if err == nil && validID(r.ID) && exists(s.path(imagesDir, r.ID)) {
			continue
		}
		if err != nil && !isDamaged(err) {
			return swept, err
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return swept, err
		}
		swept++
	}
	return swept, nil
}

// optional lists one of the folders that come with their first use.
func (s *Store) optional(name string) ([]string, error) {
	names, err := readNames(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return names, err
}
