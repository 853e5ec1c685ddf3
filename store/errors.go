package store

import (
	"errors"
	"fmt"
	"strings"

	"github.com/podtui/podtui/store/unpack"
)

// ErrNotFound is what errors.Is finds in every error that says that the store
// does not have an image.
var ErrNotFound = errors.New("not in the store")

// NotFoundError says that no image fits what was asked for.
type NotFoundError struct {
	Image string // the ID, prefix or name as it was asked for
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("image %s: not in the store", e.Image)
}

// Is makes every NotFoundError an ErrNotFound.
func (e *NotFoundError) Is(target error) bool { return target == ErrNotFound }

// AmbiguousError says that a prefix fits more than one image.
type AmbiguousError struct {
	Prefix     string
	Candidates []string // IDs, sorted
}

func (e *AmbiguousError) Error() string {
	const shown = len(idPrefix) + 12
	ids := make([]string, len(e.Candidates))
	for i, id := range e.Candidates {
		// Never shorter than what tells the candidates apart.
		ids[i] = id[:max(shown, min(len(e.Prefix)+4, len(id)))]
	}
	return fmt.Sprintf("image %s: ambiguous, it may be %s", e.Prefix, strings.Join(ids, " or "))
}

// InUseError says that an image can't be removed because somebody leases it.
type InUseError struct {
	ID     string
	Owners []string // sorted
}

func (e *InUseError) Error() string {
	return fmt.Sprintf("image %s: in use by %s", short(e.ID), strings.Join(e.Owners, ", "))
}

// FormatError says that a newer podtui wrote the store.
type FormatError struct {
	Dir     string
	Version int
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("%s has format %d, this podtui knows formats up to %d", e.Dir, e.Version, Format)
}

// DamagedError says that something in the store is not what was imported.
type DamagedError struct {
	ID   string // of the image or layer
	What string
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("image %s: damaged: %s", short(e.ID), e.What)
}

// UnsupportedError says that an image is sound but needs what this version of
// podtui can't do.
type UnsupportedError struct {
	Image   string // its name
	Feature string // the field of the manifest
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("image %s: has %s, and rendering them is not supported yet", e.Image, e.Feature)
}

// ArchiveError says why an archive was refused, and at which entry.
type ArchiveError = unpack.ArchiveError
