package store

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Lease keeps images from Remove and GC until their owner gives its leases
// back. The owner is any string: a pod's UUID, say. What it leases adds to what
// it has leased before, and counts as a use of each image.
//
// A lease is on disk when Lease returns, and survives every process. It is not
// synced, since that costs a start more than all the rest: the kernel writes it
// within seconds, and what a power cut within them takes is the lease of a pod
// that went with it.
func (s *Store) Lease(owner string, ids ...string) error {
	name, err := ownerName(owner)
	if err != nil {
		return err
	}
	// Shared: leases don't wait for each other, only for a Remove or a GC that
	// decides right now.
	unlock, err := s.lock(removalLock, unix.LOCK_SH)
	if err != nil {
		return err
	}
	defer unlock()
	now := time.Now()
	for _, id := range ids {
		if err := s.use(id, now); err != nil {
			return err
		}
	}
	if err := os.Mkdir(s.path(leasesDir, name), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	for _, id := range ids {
		if err := touch(s.path(leasesDir, name, id)); err != nil {
			return err
		}
	}
	return nil
}

// use records that an image is used, and thereby finds out if it is there.
func (s *Store) use(id string, now time.Time) error {
	if !validID(id) {
		return &NotFoundError{Image: id}
	}
	err := os.Chtimes(s.path(imagesDir, id), time.Time{}, now)
	if errors.Is(err, fs.ErrNotExist) {
		return &NotFoundError{Image: id}
	}
	if err != nil {
		return err
	}
	return s.noteUse(id)
}

func touch(path string) error {
	fd, err := unix.Open(path, unix.O_WRONLY|unix.O_CREAT|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return &os.PathError{Op: "create", Path: path, Err: err}
	}
	return unix.Close(fd)
}

// Unlease gives back all leases of an owner. An owner without any is fine.
func (s *Store) Unlease(owner string) error {
	name, err := ownerName(owner)
	if err != nil {
		return err
	}
	return os.RemoveAll(s.path(leasesDir, name))
}

// Owners lists who leases images, sorted.
func (s *Store) Owners() ([]string, error) {
	names, err := readNames(s.path(leasesDir))
	if err != nil {
		return nil, err
	}
	owners := make([]string, 0, len(names))
	for _, name := range names {
		owner, err := url.PathUnescape(name)
		if err != nil {
			continue // not ours
		}
		owners = append(owners, owner)
	}
	slices.Sort(owners)
	return owners, nil
}

// ownersOf lists who leases this image. It means something only under the
// removal lock.
func (s *Store) ownersOf(id string) ([]string, error) {
	owners, err := s.Owners()
	if err != nil {
		return nil, err
	}
	var of []string
	for _, owner := range owners {
		name, err := ownerName(owner)
		if err != nil {
			continue
		}
		_, err = os.Lstat(s.path(leasesDir, name, id))
		switch {
		case err == nil:
			of = append(of, owner)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	return of, nil
}

// nameMax is how long the kernel lets a file name be.
const nameMax = 255

// ownerName makes a file name of an owner.
func ownerName(owner string) (string, error) {
	name := url.PathEscape(owner)
	if strings.HasPrefix(name, ".") {
		name = "%2E" + name[1:]
	}
	if owner == "" || len(name) > nameMax {
		return "", fmt.Errorf("lease owner %.40q: empty or too long", owner)
	}
	return name, nil
}
