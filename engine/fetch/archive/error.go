package archive

import (
	"fmt"
	"strings"
)

// NotAnArchiveError says that something is no image archive. It may be an ACI.
type NotAnArchiveError struct{ Reason string }

func (e *NotAnArchiveError) Error() string { return "no image archive: it " + e.Reason }

// InvalidError says what is wrong with an image archive.
type InvalidError struct{ Reason string }

func (e *InvalidError) Error() string { return "image archive: " + e.Reason }

func refuse(format string, args ...any) error {
	return &InvalidError{Reason: fmt.Sprintf(format, args...)}
}

// ChoiceError says that an archive has not the one image that is wanted.
type ChoiceError struct {
	Reference string   // "": any
	Count     int      // how many images fit: 0, or several
	Names     []string // of those that fit, or of all if none does; some may have none
}

func (e *ChoiceError) Error() string {
	const shown = 20
	names := e.Names[:min(shown, len(e.Names))]
	list := strings.Join(names, ", ")
	switch more := len(e.Names) - shown; {
	case more > 0:
		list += fmt.Sprintf(" and %d more", more)
	case len(names) == 0:
		list = "none has a name"
	}
	switch {
	case e.Reference == "" && e.Count == 0:
		return "image archive: no image is in it"
	case e.Count == 0:
		return fmt.Sprintf("image archive: no image in it is called %s: %s", show(e.Reference), list)
	}
	return fmt.Sprintf("image archive: %d images are in it, of which FILE:NAME takes one: %s", e.Count, list)
}

// show quotes what a stranger wrote, for a message of one line.
func show(s string) string {
	const most = 100
	if len(s) > most {
		return fmt.Sprintf("%q…", s[:most])
	}
	return fmt.Sprintf("%q", s)
}
