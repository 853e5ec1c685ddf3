package trust

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// FileError says why a file or folder is not what its place says, so that it
// doesn't count. It is one line, whatever the file is called.
type FileError struct {
	Path string
	Why  string

	system error // what the system said, if it was that
}

func (e *FileError) Error() string { return printable(e.Path) + ": " + printable(e.Why) }

// Unwrap is what the system said, for those who can do something about it.
func (e *FileError) Unwrap() error { return e.system }

// whole is an error of a system call with the whole path: an os.Root tells only what is
// below it.
func (f Folders) whole(err error) error {
	name, said := "", error(nil)
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		name, said = p.Path, p.Err
	} else if l := (*os.LinkError)(nil); errors.As(err, &l) {
		name, said = l.New, l.Err
	}
	if said == nil {
		return err
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(f.Config, name)
	}
	return &FileError{Path: name, Why: said.Error(), system: said}
}

// NotFoundError says that what was to be removed is not there.
type NotFoundError struct {
	What  string // as it was asked for: a fingerprint, a pin
	Scope *Scope // where it was looked for; nil: everywhere
}

func (e *NotFoundError) Error() string {
	text := printable(cut(e.What, 200)) + " is not trusted here"
	switch {
	case e.Scope == nil:
	case *e.Scope == Root:
		text = printable(cut(e.What, 200)) + " is not trusted for all images"
	default:
		text = printable(cut(e.What, 200)) + " is not trusted for the prefix " + printable(string(*e.Scope))
	}
	return text
}

// AmbiguousError says that several keys are called so.
type AmbiguousError struct {
	ID           string
	Fingerprints []string
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%s is the ID of %d keys: %s", e.ID, len(e.Fingerprints), strings.Join(e.Fingerprints, ", "))
}

// reason is what the system said, without the path that is told anyway.
func reason(err error) string {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// printable is a text that no terminal obeys: names of files may be anything.
func printable(s string) string {
	hidden := func(r rune) bool { return !strconv.IsPrint(r) || r == '\ufffd' }
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	quoted := strconv.Quote(s)
	return quoted[1 : len(quoted)-1]
}
