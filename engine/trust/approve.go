package trust

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// PinHeld is a pin that somebody approved.
type PinHeld struct {
	Pin  Pin
	Note string // as it was written there, raw
	At   time.Time
	Path string // of its file
}

const (
	maxNote    = 1 << 10
	maxPinFile = 16 << 10 // a note of escapes, and its frame
)

// approval is the file of a pin.
type approval struct {
	Note string    `json:"note,omitempty"`
	At   time.Time `json:"at"`
}

// Approve makes a pin count. A note is for people: why, or by whom. An approval that
// is there already stays as it is.
func (s *Store) Approve(p Pin, note string) (Change, error) {
	if _, err := ParsePin(string(p)); err != nil {
		return 0, err
	}
	if len(note) > maxNote {
		return 0, fmt.Errorf("a note of %d bytes; at most %d are taken", len(note), maxNote)
	}
	change := New
	err := s.change(pinsFolder, func(w writer) error {
		if _, err := readApproval(w.root, p.file()); err == nil {
			change = Same
			return nil
		}
		content, err := json.Marshal(approval{Note: note, At: time.Now().UTC().Truncate(time.Second)})
		if err != nil {
			return err
		}
		return w.put(p.file(), append(content, '\n'))
	})
	return change, err
}

// Withdraw ends that a pin counts. If it did not: a *NotFoundError.
func (s *Store) Withdraw(p Pin) error {
	if _, err := ParsePin(string(p)); err != nil {
		return err
	}
	return s.change(pinsFolder, func(w writer) error {
		if _, err := w.root.Lstat(p.file()); missing(err) {
			return &NotFoundError{What: string(p)}
		}
		return w.remove(p.file())
	})
}

// Pins are the pins that count. The errors are warnings, one for each file that
// doesn't.
func (s *Store) Pins() ([]PinHeld, []error) {
	var held []PinHeld
	var warnings []error
	err := s.walkPins(func(root *os.Root, name string) {
		h, err := pinHeld(root, name)
		if err != nil {
			warnings = append(warnings, err)
			return
		}
		held = append(held, h)
	}, func(name, why string) {
		warnings = append(warnings, s.pinError(name, why))
	})
	if err != nil {
		return nil, []error{err}
	}
	return held, warnings
}

// walkPins names all files that there are for pins.
func (s *Store) walkPins(each func(root *os.Root, name string), failed func(name, why string)) error {
	root, err := os.OpenRoot(s.folders.Config)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	t := tree{root: root, left: maxFiles, failed: failed}
	t.folder = func(string, fs.DirEntry) bool { return true }
	t.file = func(name string, _ fs.DirEntry) { each(root, name) }
	t.walk(pinsFolder)
	return nil
}

// pin is one pin, if it counts. A pin that is not there is fs.ErrNotExist.
func (s *Store) pin(p Pin) (PinHeld, error) {
	root, err := os.OpenRoot(s.folders.Config)
	if err != nil {
		return PinHeld{}, err
	}
	defer root.Close()
	if _, err := root.Lstat(p.file()); missing(err) {
		return PinHeld{}, fs.ErrNotExist
	}
	return pinHeld(root, p.file())
}

// pinHeld reads a file of CONFIG that is there for a pin.
func pinHeld(root *os.Root, name string) (PinHeld, error) {
	path := filepath.Join(root.Name(), name)
	p, ok := pinOf(name)
	if !ok {
		return PinHeld{}, &FileError{Path: path, Why: "not named as an approved digest: REGISTRY/REPOSITORY/sha256:…, or an image's ID"}
	}
	a, err := readApproval(root, name)
	if err != nil {
		return PinHeld{}, &FileError{Path: path, Why: reason(err)}
	}
	return PinHeld{Pin: p, Note: a.Note, At: a.At, Path: path}, nil
}

func (s *Store) pinError(name, why string) error {
	return &FileError{Path: filepath.Join(s.folders.Config, name), Why: why}
}

// readApproval is strict: an approval that isn't understood as a whole is none.
func readApproval(root *os.Root, name string) (a approval, err error) {
	raw, err := read(root, name, maxPinFile)
	if err != nil {
		return a, err
	}
	in := json.NewDecoder(bytes.NewReader(raw))
	in.DisallowUnknownFields()
	if in.Decode(&a) != nil {
		return a, errors.New(`not an approval: {"note": TEXT, "at": TIME}`)
	}
	_, err = in.Token()
	switch {
	case err != io.EOF:
		return a, errors.New("something follows the approval")
	case a.At.IsZero():
		return a, errors.New(`an approval without "at", the time when it was given`)
	case len(a.Note) > maxNote:
		return a, fmt.Errorf("a note of %d bytes; at most %d are taken", len(a.Note), maxNote)
	}
	return a, nil
}
