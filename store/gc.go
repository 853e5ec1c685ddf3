package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// GCOptions say how far a collection goes. The zero value removes only what
// crashes left.
type GCOptions struct {
	// Unused removes images that nobody leases and that were last used at least
	// so long ago; 0 keeps them all.
	Unused time.Duration

	// Grace keeps what a fetch that was cut off can go on with, partial downloads
	// and layers without an image, if somebody used it less than so long ago.
	Grace time.Duration
}

// Collected is what a collection removed.
type Collected struct {
	Staged     int      // folders of imports and removals that did not end
	Images     []string // IDs of unused images
	Layers     []string // IDs of layers that no image has
	Partials   int      // downloads that nobody goes on with
	Remembered int      // references whose images are gone
	Bytes      int64    // of the downloads

	// Damaged are images whose records can't be read, sorted by ID. They are left
	// for their owners to remove or to import again, and so is every layer: any of
	// them may be theirs.
	Damaged []*DamagedError
}

// GC removes what crashes left: half-made imports, layers without an image,
// downloads, lines of the index without an image. It takes nothing from whoever
// is at work right now. When the context is cancelled it stops between two
// removals; what it has not got to is left for the next.
func (s *Store) GC(ctx context.Context, o GCOptions) (c Collected, err error) {
	now := time.Now()
	if c.Staged, err = s.sweepStaging(ctx); err != nil {
		return c, err
	}
	if o.Unused > 0 {
		if c.Images, err = s.removeUnused(ctx, now.Add(-o.Unused)); err != nil {
			return c, err
		}
	}
	if err := ctx.Err(); err != nil {
		return c, err
	}
	if c.Layers, c.Damaged, err = s.collectLayers(now.Add(-o.Grace)); err != nil {
		return c, err
	}
	if c.Partials, c.Bytes, err = s.sweepPartials(ctx, now.Add(-o.Grace)); err != nil {
		return c, err
	}
	if _, err := s.sweepHeld(ctx, turnsDir, func(string) (bool, error) { return true, nil }); err != nil {
		return c, err
	}
	if c.Remembered, err = s.sweepRemembered(ctx); err != nil {
		return c, err
	}
	return c, s.refreshIndex()
}

// sweepStaging removes the folders in tmp whose owners are dead. Theirs are the
// locks that can be had.
func (s *Store) sweepStaging(ctx context.Context) (swept int, err error) {
	names, err := readNames(s.path(tmpDir))
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return swept, err
		}
		st, err := s.claimDead(s.path(tmpDir, name))
		if errors.Is(err, errClaimed) || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return swept, err
		}
		if err := st.discard(); err != nil {
			return swept, err
		}
		swept++
	}
	return swept, nil
}

// removed are images that were taken out of sight, and what layers they had.
type removed struct {
	ids    []string
	layers map[string]bool
}

// atOnce is how many images are looked at under one removal lock: a start waits
// for it, and to take the lock for each would cost as often to read all leases.
const atOnce = 200

// removeUnused removes the images that were last used before the given time.
// Their layers go with them, all at once: to find out what others have means to
// read every record.
func (s *Store) removeUnused(ctx context.Context, before time.Time) (ids []string, err error) {
	all, err := s.ids()
	if err != nil || len(all) == 0 {
		return nil, err
	}
	trash, err := s.stage()
	if err != nil {
		return nil, err
	}
	gone := removed{layers: make(map[string]bool)}
	for some := range slices.Chunk(all, atOnce) {
		if err = ctx.Err(); err != nil {
			break
		}
		if err = s.unlinkUnused(trash, some, before, &gone); err != nil {
			break
		}
	}
	// Also after an error: what is gone has left layers.
	err = also(err, s.sweepRemoved(trash, gone))
	return gone.ids, also(err, trash.discard())
}

// unlinkUnused takes those of the images out of sight that nobody leases and
// that were last used before the given time.
func (s *Store) unlinkUnused(trash *staging, ids []string, before time.Time, gone *removed) error {
	unlock, err := s.lock(removalLock, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	leased, err := s.leased()
	if err != nil {
		return err
	}
	for _, id := range ids {
		if leased[id] {
			continue
		}
		r, _, used, err := s.load(id)
		if absent(err) || err == nil && used.After(before) {
			continue
		}
		if err == nil {
			err = s.unlink(trash, id)
		}
		if err != nil {
			return err
		}
		gone.ids = append(gone.ids, id)
		for _, layer := range r.all() {
			gone.layers[layer] = true
		}
	}
	return nil
}

// sweepRemoved takes the layers out of sight that removed images leave.
func (s *Store) sweepRemoved(trash *staging, gone removed) error {
	if len(gone.ids) == 0 {
		return nil
	}
	unlock, err := s.lock(removalLock, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	_, _, err = s.sweepLayers(trash, func(layer string) bool { return gone.layers[layer] })
	at(swept)
	return err
}

// collectLayers removes the layers that no image has and nobody used since
// before, and what is left of images' use.
func (s *Store) collectLayers(before time.Time) (layers []string, damaged []*DamagedError, err error) {
	trash, err := s.stage()
	if err != nil {
		return nil, nil, err
	}
	unlock, err := s.lock(removalLock, unix.LOCK_EX)
	if err != nil {
		return nil, nil, also(err, trash.discard())
	}
	layers, damaged, err = s.sweepLayers(trash, func(layer string) bool {
		info, err := os.Lstat(s.path(layersDir, layer))
		return err == nil && !info.ModTime().After(before)
	})
	err = also(err, s.sweepUsed())
	unlock()
	return layers, damaged, also(err, trash.discard())
}

// refreshIndex rids the index of lines without an image, and has it say of each
// image who verified it and whether it depends on others, as the record does.
func (s *Store) refreshIndex() error {
	unlock, err := s.lock(commitLock, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	list, err := s.List()
	if err != nil {
		return err
	}
	for i := range list {
		r, _, _, err := s.load(list[i].ID)
		if absent(err) { // removed meanwhile, or its line is all that can be read
			continue
		}
		if err != nil {
			return err
		}
		list[i].tell(r.Verified)
		list[i].Dependent = len(r.Dependencies) > 0
	}
	return s.compactIndex(list)
}
