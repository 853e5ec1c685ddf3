package store

import (
	"cmp"
	"iter"
	"net/url"
	"strings"
	"time"
)

// Entry is an image as listings need it: what the index tells without opening
// a file for each image.
type Entry struct {
	ID       string
	Name     string
	Size     int64 // bytes of the uncompressed archive
	Imported time.Time

	// As its Verification has them. Whether that still holds is not known here.
	VerifiedBy  string // in words; "": nobody vouched for it
	VerifiedKey string // the fingerprint
	VerifiedPin string

	// Dependent says that there are images below it, whose verifications are their
	// own. An older line does not have it; nor does it have a key or a pin.
	Dependent bool

	// labels are as the index has them, name=value and escaped. Of ten thousand
	// images a few rows are looked at: a map for each would cost more than all
	// the rest.
	labels string
}

// Entry is the image as listings have it.
func (i Image) Entry() Entry {
	e := Entry{ID: i.ID, Name: i.Name(), Size: i.Size, Imported: i.Imported, Dependent: len(i.Dependencies) > 0}
	e.tell(i.Verified)
	labels := make([]string, len(i.Manifest.Labels))
	for n, l := range i.Manifest.Labels {
		labels[n] = string(l.Name) + "=" + url.QueryEscape(l.Value)
	}
	e.labels = strings.Join(labels, "\t")
	return e
}

// tell has the entry say who vouched for the image, if anybody did.
func (e *Entry) tell(v *Verification) {
	e.VerifiedBy, e.VerifiedKey, e.VerifiedPin = "", "", ""
	if v != nil {
		e.VerifiedBy, e.VerifiedKey, e.VerifiedPin = cmp.Or(v.By, v.Key, v.Pin), v.Key, v.Pin
	}
}

// Version is the image's version label, or "".
func (e Entry) Version() string { return e.Label("version") }

// Label returns the value of a label, or "".
func (e Entry) Label(name string) string {
	value, _ := e.label(name)
	return value
}

func (e Entry) label(name string) (value string, ok bool) {
	for l, escaped := range e.each() {
		if l == name {
			return unescape(escaped), true
		}
	}
	return "", false
}

// Labels are all labels, by their names.
func (e Entry) Labels() map[string]string {
	all := make(map[string]string)
	for name, escaped := range e.each() {
		all[name] = unescape(escaped)
	}
	return all
}

// each goes through names and escaped values of the labels.
func (e Entry) each() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for rest := e.labels; rest != ""; {
			var label string
			label, rest, _ = strings.Cut(rest, "\t")
			if name, value, _ := strings.Cut(label, "="); !yield(name, value) {
				return
			}
		}
	}
}

// unescape undoes url.QueryEscape. What it can't undo was never escaped: it is
// shown as it is.
func unescape(s string) string {
	if !escaped(s) { // sooner than QueryUnescape sees it
		return s
	}
	if value, err := url.QueryUnescape(s); err == nil {
		return value
	}
	return s
}

func escaped(s string) bool { return strings.IndexByte(s, '%') >= 0 || strings.IndexByte(s, '+') >= 0 }
