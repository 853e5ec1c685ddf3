package compose

import (
	"slices"

	"github.com/podtui/podtui/engine/spec"
)

// row is one field of the form.
type row struct {
	path  string // of the field in the pod, for problems; "" if it has none
	also  string // another field that it shows: the volume of a mount point
	key   string // what the cursor stays on when rows come and go
	label string // "" repeats the one above

	value    string // as it will be: yours, or what the image says
	note     string // where that comes from
	alert    string // instead of a note: what deserves a look
	own      bool   // the value is yours
	itself   bool   // and what it is of is there only because of you: it is no difference
	name     string // what the value begins with, up to a "=": it stands in a column of its own
	wide     int    // of that column
	stays    bool   // it isn't yours, and no mere default either: it is not folded away
	gap      bool   // a group begins: a row is left empty above it, where there is room
	below    []string
	echoes   bool     // it tells what the row above comes to: not while that is typed
	variable bool     // it is one of an environment
	folds    []string // keys of rows that it stands for, until it is opened
	leads    *lead    // where the field is that it only tells of
	make     string   // a folder of the host that it names, is not there, and can be created

	edit   *edit
	toggle func(*spec.Pod)           // switches between a few values
	shift  func(p *spec.Pod, by int) // among those of its list; nil: the app is moved
	reset  func(*spec.Pod)           // back to what the image says
	remove func(*spec.Pod)
}

// opens reports whether the key that edits does something here.
func (r *row) opens() bool {
	return r.edit != nil || r.toggle != nil || r.folds != nil || r.leads != nil
}

// edit says how a field is typed.
type edit struct {
	start    string                   // what the line holds at first
	set      func(*spec.Pod, string)  // what is typed, put into a pod that has the field as it was
	path     bool                     // it is a path of the host
	rests    bool                     // it is looked at once it rests, as a path is
	offer    offers                   // what it can be completed to; may be nil
	below    func(*spec.Pod) []string // what to show below while it is typed
	hint     string                   // how it is written
	warn     func(string) string      // what deserves a look in what is typed; may be nil
	variable bool                     // it is one of an environment: it may be secret, or long, and is shown whole while it is typed
	hard     bool                     // what is warned of can't be kept: the pod has no place for it
}

// build makes the rows of a section.
func (s *Screen) build(c section) []row {
	switch c.kind {
	case appSection:
		return s.manifested(s.appRows(c.app))
	case addSection:
		return []row{s.referenceRow()}
	case podSection:
		return s.podRows()
	case volumesSection:
		return s.told(s.volumeRows())
	case networkSection:
		return s.networkRows()
	}
	return nil
}

// newApp is the key of the row that a reference is typed into.
const newApp = "app new"

// referenceRow adds an app by a reference that is typed.
func (s *Screen) referenceRow() row {
	return row{key: newApp, label: "image", edit: &edit{
		hint: "name, docker://…, https://…, sha512-…, ./file", offer: s.storedImages,
		set: func(p *spec.Pod, t string) {
			if t != "" {
				s.addReference(p, t)
			}
		},
	}}
}

// current is the row under the cursor.
func (s *Screen) current() *row {
	if s.cursor < 0 || s.cursor >= len(s.rows) {
		return nil
	}
	return &s.rows[s.cursor]
}

func (s *Screen) moveTo(i int) { s.cursor = max(min(i, len(s.rows)-1), 0) }

// stay puts the cursor back on a row after rows came or went.
func (s *Screen) stay(key string) {
	i := slices.IndexFunc(s.rows, func(r row) bool { return r.key == key })
	if i >= 0 && key != "" {
		s.cursor = i
	}
}

// mine describes a value that is the user's, and what it stands before.
func mine(instead string) string {
	if instead == "" {
		return "yours"
	}
	return "yours, image " + instead
}

// from puts an origin into the words of the notes.
func from(o spec.Origin) string {
	switch o {
	case spec.FromApp:
		return "yours"
	}
	return string(o)
}

// whence says where a value comes from, and what the image says beside a pod
// manifest that is over it.
func whence(o spec.Origin, image string) string {
	if o == spec.FromPodManifest && image != "" {
		return string(o) + ", image " + image
	}
	return from(o)
}
