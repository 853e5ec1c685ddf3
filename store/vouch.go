package store

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Vouch has a stored image say who vouches for it, in place of what it said
// before. Its evidence stays. It was judged together with those below it: if it has
// been stacked on others since, it is a *StaleError.
func (s *Store) Vouch(img Image, v *Verification) error { return s.vouch(img.ID, img.stackedAs, v) }

func (s *Store) vouch(id string, meant func(record) bool, v *Verification) error {
	if !validID(id) {
		return &NotFoundError{Image: id}
	}
	if v == nil {
		return errors.New("a verification is expected, and nobody vouches")
	}
	v, err := v.fit()
	if err != nil {
		return err
	}
	return s.stand(id, meant, func(was standing) standing {
		was.Verified = v
		return was
	})
}

// arrived returns an image that is here and has just come once more, with what
// is new of why it is believed. That is told of the layers that it came with: if
// the image has others, it is a *StaleError.
func (s *Store) arrived(comes record) (Image, error) {
	img, err := s.whole(comes.ID)
	if err == nil && !img.stackedAs(comes) {
		err = &StaleError{ID: comes.ID}
	}
	if err != nil {
		return img, err
	}
	if was := (standing{img.Verified, img.Evidence, img.Insecure}); was.same(was.after(comes.standing)) {
		return img, nil
	}
	err = s.stand(comes.ID, img.stackedAs, func(was standing) standing { return was.after(comes.standing) })
	if err != nil {
		return Image{}, err
	}
	return s.Get(comes.ID)
}

// stand changes the standing of a stored image, if its stack is the one that is
// meant.
func (s *Store) stand(id string, meant func(record) bool, change func(was standing) standing) error {
	unlock, err := s.lock(commitLock, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	shared, err := s.lock(removalLock, unix.LOCK_SH)
	if err != nil {
		return err
	}
	defer shared()
	r, manifest, used, err := s.load(id)
	if err != nil {
		return err
	}
	if !meant(r) {
		return &StaleError{ID: id}
	}
	m, err := parsed(id, manifest)
	if err != nil {
		return err
	}
	was := r
	if r.standing = change(was.standing); r.same(was.standing) {
		return nil
	}
	return s.restate(r, manifest, was.image(m, used).Entry(), r.image(m, used).Entry(), used)
}

// restate writes the record anew, which decides, and has the index follow. If it
// ends between the two, listings tell less than is true until the next GC, and
// never more: what they said of another verification goes before it does. The
// commit lock must be held.
func (s *Store) restate(r record, manifest []byte, was, now Entry, used time.Time) error {
	file, err := encodeRecord(r, manifest)
	if err != nil {
		return err
	}
	if was.VerifiedBy != "" && was != now {
		was.tell(nil)
		if err := s.addToIndex(was); err != nil {
			return err
		}
		at(withdrawn)
	}
	path := s.path(imagesDir, r.ID)
	if err := s.replace(path, file); err != nil {
		return err
	}
	if err := os.Chtimes(path, time.Time{}, used); err != nil {
		return err
	}
	at(vouched)
	if now.VerifiedBy == "" {
		return nil
	}
	return s.addToIndex(now)
}
