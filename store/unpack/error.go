package unpack

import "fmt"

// ArchiveError says why an archive is refused. It is the archive's fault:
// trouble of the host, such as a full disk, is never reported this way.
type ArchiveError struct {
	Entry  string // the entry as the archive names it; "" if it is about the whole
	Reason string // a predicate: "leaves the root filesystem"
}

// maxShown bounds how much of an entry's name an error repeats.
const maxShown = 200

// Error quotes the entry: its name may hold newlines and escape sequences.
func (e *ArchiveError) Error() string {
	switch {
	case e.Entry == "":
		return "archive " + e.Reason
	case len(e.Entry) > maxShown:
		return fmt.Sprintf("entry %q… %s", e.Entry[:maxShown], e.Reason)
	}
	return fmt.Sprintf("entry %q %s", e.Entry, e.Reason)
}

// refuse makes an ArchiveError.
func refuse(entry, format string, args ...any) error {
	return &ArchiveError{Entry: entry, Reason: fmt.Sprintf(format, args...)}
}
