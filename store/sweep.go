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
		stale, err := s.stale(s.path(rememberDir, name))
		if err == nil && stale {
			stale, err = s.forget(name)
		}
		if err != nil {
			return swept, err
		}
		if stale {
			swept++
		}
	}
	return swept, nil
}

// stale reports whether what is remembered in a file is of no use any more.
func (s *Store) stale(path string) (bool, error) {
	r, err := readRemembered(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case isDamaged(err):
		return true, nil
	case err != nil:
		return false, err
	}
	return !validID(r.ID) || !exists(s.path(imagesDir, r.ID)), nil
}

// forget takes a stale memory away, looks at it once more, and puts it back if
// somebody has just remembered something better, unless that happens again.
func (s *Store) forget(name string) (gone bool, err error) {
	st, err := s.stage()
	if err != nil {
		return false, err
	}
	defer func() { err = also(err, st.discard()) }()
	path, aside := s.path(rememberDir, name), filepath.Join(st.dir, "reference")
	if err := os.Rename(path, aside); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		return false, err
	}
	if gone, err = s.stale(aside); gone || err != nil {
		return gone, err
	}
	if err := os.Link(aside, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return false, err
	}
	return false, nil
}

// optional lists one of the folders that come with their first use.
func (s *Store) optional(name string) ([]string, error) {
	names, err := readNames(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return names, err
}
