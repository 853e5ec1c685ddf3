package store

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/store/unpack"
)

// The errors that name an image can also say what is wrong with it alone, as
// Reason, for who has called the image by another name already.

// ErrNotFound is what errors.Is finds in every error that says that the store
// does not have an image.
var ErrNotFound = errors.New("not in the store")

// NotFoundError says that no image fits what was asked for.
type NotFoundError struct {
	Image string // the ID, prefix or name as it was asked for
}

func (e *NotFoundError) Error() string { return ofImage(e.Image, e) }

// Reason is the error without the image.
func (e *NotFoundError) Reason() string { return ErrNotFound.Error() }

// Is makes every NotFoundError an ErrNotFound.
func (e *NotFoundError) Is(target error) bool { return target == ErrNotFound }

// AmbiguousError says that a prefix fits more than one image.
type AmbiguousError struct {
	Prefix     string
	Candidates []string // IDs, sorted
}

func (e *AmbiguousError) Error() string { return ofImage(e.Prefix, e) }

// Reason is the error without the image.
func (e *AmbiguousError) Reason() string {
	const shown = len(idPrefix) + 12
	ids := make([]string, len(e.Candidates))
	for i, id := range e.Candidates {
		// Never shorter than what tells the candidates apart.
		ids[i] = id[:max(shown, min(len(e.Prefix)+4, len(id)))]
	}
	return "ambiguous, it may be " + strings.Join(ids, " or ")
}

// InUseError says that an image can't be removed because somebody leases it.
type InUseError struct {
	ID     string
	Owners []string // sorted
}

func (e *InUseError) Error() string { return ofImage(short(e.ID), e) }

// Reason is the error without the image.
func (e *InUseError) Reason() string { return "in use by " + strings.Join(e.Owners, ", ") }

// StackInUseError says that an image can't be put on other dependencies than those
// it has, because somebody leases it as it is.
type StackInUseError struct {
	ID     string
	Owners []string // sorted
}

func (e *StackInUseError) Error() string { return ofImage(short(e.ID), e) }

// Reason is the error without the image.
func (e *StackInUseError) Reason() string {
	return fmt.Sprintf(`it came with other dependencies than pods still run it on; once they have ended, "podtui rm %s" frees it`,
		strings.Join(e.Owners, " "))
}

// StaleError says that an image is not stacked on what it was, or on what its
// dependencies are by now: what is known of one is not true of the other.
type StaleError struct{ ID string }

func (e *StaleError) Error() string { return ofImage(short(e.ID), e) }

// Reason is the error without the image.
func (e *StaleError) Reason() string { return "what it depends on has changed" }

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

func (e *DamagedError) Error() string { return ofImage(short(e.ID), e) }

// Reason is the error without the image.
func (e *DamagedError) Reason() string { return "damaged: " + e.What }

// inStore tells of trouble with opening what an image has in the store whether it
// is the image's: what should be there is not. Anything else, too many open files
// or no right to read, is the host's, and no reason to take an image for damaged.
func inStore(id string, err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return &DamagedError{ID: id, What: err.Error()}
	}
	return err
}

// missingLayer says that a layer that should be here is not.
type missingLayer string

func (e missingLayer) Error() string { return "layer " + short(string(e)) + " is missing" }

// ArchiveError says why an archive was refused, and at which entry.
type ArchiveError = unpack.ArchiveError

func ofImage(image string, e interface{ Reason() string }) string {
	return "image " + image + ": " + e.Reason()
}

// also adds to an error what went wrong after it, while it was cleaned up after.
// Errors are one line, which those of errors.Join are not.
func also(err, after error) error {
	switch {
	case err == nil:
		return after
	case after == nil:
		return err
	}
	return fmt.Errorf("%w; %w", err, after)
}
