package drafts

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/podtui/podtui/engine/spec"
)

// ErrExists says that a pod is saved under that name already.
var ErrExists = errors.New("a pod is saved under that name")

// Saved is a pod with a name.
type Saved struct {
	Name string
	At   time.Time // when it was saved
	Pod  spec.Pod
	Err  error // why it can't be read

	Marks map[string]bool // as a draft has them
}

// CheckName says what is wrong with a name, by the rule of pods' own.
func CheckName(name string) error {
	if name == "" {
		return errors.New("a name is missing")
	}
	for _, p := range (spec.Pod{Name: name}).Check() {
		if p.Path == "name" {
			return errors.New(strings.TrimPrefix(p.Message, "pod "))
		}
	}
	return nil
}

// Save keeps the pod of a draft under a name, with what was said of its secrets; in
// place of another only if that is meant.
func (d *Drafts) Save(name string, draft Draft, replace bool) error {
	if err := CheckName(name); err != nil {
		return err
	}
	draft.Typed = nil
	data, err := encode(draft)
	if err != nil {
		return err
	}
	if names, err := d.saved.names(); err != nil || len(names) >= maxSaved && !replace {
		return cmp.Or(err, fmt.Errorf("%d pods are saved already; remove one first", len(names)))
	}
	return exists(d.saved.put(name, data, replace, true))
}

func exists(err error) error {
	if errors.Is(err, fs.ErrExist) {
		return ErrExists
	}
	return err
}

// Saved lists the pods with names, by their names. A file that has no name that a
// pod could have is none of them.
func (d *Drafts) Saved() ([]Saved, error) {
	names, err := d.saved.names()
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var all []Saved
	for _, name := range names {
		if CheckName(name) == nil && len(all) < maxSaved {
			all = append(all, d.savedAs(name))
		}
	}
	return all, nil
}

func (d *Drafts) savedAs(name string) Saved {
	s := Saved{Name: name}
	data, info, err := d.saved.read(name, maxDraft)
	if info != nil {
		s.At = info.ModTime()
	}
	if err == nil {
		s.Pod, s.Marks, err = decodeSaved(data)
	}
	s.Err = err
	return s
}

// decodeSaved reads a saved pod. The first ones were written without anything around
// them.
func decodeSaved(data []byte) (pod spec.Pod, marks map[string]bool, err error) {
	var around struct {
		Pod   *spec.Pod       `json:"pod"`
		Marks map[string]bool `json:"marks"`
	}
	if err = json.Unmarshal(data, &around); err != nil {
		return pod, nil, err
	}
	if around.Pod != nil {
		return *around.Pod, around.Marks, nil
	}
	err = json.Unmarshal(data, &pod)
	return pod, nil, err
}

// Rename gives a saved pod another name, which no other has.
func (d *Drafts) Rename(from, to string) error {
	if err := errors.Join(CheckName(from), CheckName(to)); err != nil {
		return err
	}
	if err := exists(d.saved.rename(from, to, false)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("no pod is saved as %s", from)
		}
		return err
	}
	return nil
}

// Remove removes a saved pod, unless it is another than the one that was seen.
func (d *Drafts) Remove(s Saved) error {
	if err := CheckName(s.Name); err != nil {
		return err
	}
	if err := d.saved.unchanged(s.Name, s.At); err != nil {
		return err
	}
	return d.saved.remove(s.Name)
}
