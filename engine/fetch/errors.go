package fetch

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/store"
)

// NotStoredError says that the store has no such image, and that nobody else is
// asked.
type NotStoredError struct {
	Reference string
	Why       string // in words
	Hint      string // what else could have been meant, or ""
}

func (e *NotStoredError) Error() string {
	text := "not in the store"
	if e.Why != "" {
		text += ", and " + e.Why
	}
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Is makes it a store.ErrNotFound as well.
func (e *NotStoredError) Is(target error) bool { return target == store.ErrNotFound }

func onlyStored(reference string) error { return &NotStoredError{Reference: reference} }

// MismatchError says that what came is not what was asked for.
type MismatchError struct {
	What, Want, Got string // "label version", "1.0", "1.1"
}

func (e *MismatchError) Error() string {
	if e.Got == "" {
		return fmt.Sprintf("the image that came has no %s, and %q was asked for", e.What, e.Want)
	}
	return fmt.Sprintf("the image that came has the %s %q, and %q was asked for", e.What, e.Got, e.Want)
}

// CycleError says that images depend on each other in a circle.
type CycleError struct{ Names []string } // the first is the last

func (e *CycleError) Error() string {
	return "its dependencies go in a circle: " + strings.Join(e.Names, " → ")
}

// NowhereError says that none of several places has an image, and why.
type NowhereError struct{ Errs []error }

func (e *NowhereError) Error() string {
	told := make([]string, len(e.Errs))
	for i, err := range e.Errs {
		told[i] = Reason(err)
	}
	return "none of the places that were named has it: " + strings.Join(told, "; ")
}

// Unwrap lets callers ask for a status or a refused connection.
func (e *NowhereError) Unwrap() []error { return e.Errs }

// DependencyError says that an image can't be had because of one that it
// depends on.
type DependencyError struct {
	Name string
	Err  error
}

func (e *DependencyError) Error() string {
	return fmt.Sprintf("dependency %s: %s", e.Name, Reason(e.Err))
}
func (e *DependencyError) Unwrap() error { return e.Err }

// hintedError says as well what else could have been meant.
type hintedError struct {
	err  error
	hint string
}

func (e *hintedError) Error() string  { return e.err.Error() + "; " + e.hint }
func (e *hintedError) Reason() string { return Reason(e.err) + "; " + e.hint }
func (e *hintedError) Unwrap() error  { return e.err }

// Reason says what is wrong with an image that has been named already: the
// store's errors name it as well, by its ID. Who cancels knows it.
func Reason(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.Is(err, unix.ENOSPC):
		return "no space left where images are kept"
	case errors.Is(err, unix.EROFS):
		return "images are kept on a file system that can only be read"
	}
	if of, ok := err.(interface{ Reason() string }); ok {
		return of.Reason()
	}
	return err.Error()
}

// keptError says that part of what was to be fetched is here, and kept.
type keptError struct{ error }

func (e *keptError) Reason() string { return Reason(e.error) }
func (e *keptError) Unwrap() error  { return e.error }

// Kept reports whether a fetch that failed goes on, when it is tried again, from
// what has come.
func Kept(err error) bool {
	var kept *keptError
	return errors.As(err, &kept)
}

// ofAnother reports whether an error is of an image that this one depends on.
func ofAnother(err error) bool {
	var dependency *DependencyError
	var cycle *CycleError
	return errors.As(err, &dependency) || errors.As(err, &cycle)
}

// LayerError says which layer of an image can't be had.
type LayerError struct {
	Digest    string
	Err       error
	unpacking bool // it was there, and could not be unpacked
}

func (e *LayerError) Error() string { return fmt.Sprintf("layer %.19s: %s", e.Digest, Reason(e.Err)) }
func (e *LayerError) Unwrap() error { return e.Err }
