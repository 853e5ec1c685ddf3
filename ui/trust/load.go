package trust

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/keycard"
	"github.com/podtui/podtui/ui/match"
)

// entry is a key and the images that it counts for, or something that was approved.
type entry struct {
	key    *engine.TrustedKey
	pin    *engine.TrustedPin // if key is nil
	images []image            // those of the store that it vouches for
	owner  string             // who a key says it is, or what was approved
	folded string             // what a search looks at
}

// image is one of the store that somebody vouches for.
type image struct{ id, name, label string }

// id tells an entry from all others.
func (e entry) id() string {
	if e.key == nil {
		return e.pin.Pin
	}
	return e.key.Scope + " " + e.key.Fingerprint
}

// loaded is whom this host believes, and which images depend on that.
type loaded struct {
	load     int
	entries  []entry
	warnings []string
	widths   widths
	err      error
}

// Show returns the work of listing the keys, as they are when the screen is shown.
func (s *Screen) Show() tea.Cmd {
	s.shown = true
	return s.reload()
}

// Hide says that the screen is not looked at any more.
func (s *Screen) Hide() { s.shown = false }

// ImagesChanged returns the work of counting again which key vouches for what.
func (s *Screen) ImagesChanged() tea.Cmd {
	if !s.shown {
		return nil // it is counted when somebody looks
	}
	return s.reload()
}

// reload returns the work of listing the keys and the images that they vouch for.
// Of several that are under way only the last counts.
func (s *Screen) reload() tea.Cmd {
	s.load++
	load, order, turned := s.load, s.sort, s.turned
	return func() tea.Msg {
		t, err := s.engine.Trusted()
		if err != nil {
			return loaded{load: load, err: err}
		}
		images, err := s.engine.Images()
		if err != nil {
			return loaded{load: load, err: err}
		}
		entries := entriesOf(t, images)
		order.apply(entries, turned)
		return loaded{load, entries, t.Warnings, widthsOf(entries, s.env.Now()), nil}
	}
}

// entriesOf brings together what is believed and what depends on it.
func entriesOf(t engine.Trusted, images []engine.Entry) []entry {
	byKey, byPin := vouched(images)
	entries := make([]entry, 0, len(t.Keys)+len(t.Pins))
	for i := range t.Keys {
		k := &t.Keys[i]
		e := entry{key: k, owner: keycard.Name(k.KeyInfo)}
		for _, img := range byKey[k.Fingerprint] {
			if covers(k.Scope, img.name) {
				e.images = append(e.images, img)
			}
		}
		e.folded = match.Fold(e.owner + " " + scopeWords(k.Scope) + match.Aside + k.Fingerprint + match.Aside + k.Problem +
			match.Aside + strings.Join(k.UserIDs, match.Aside))
		entries = append(entries, e)
	}
	names := approvedNames(t.Pins, images)
	for i := range t.Pins {
		p := &t.Pins[i]
		e := entry{pin: p, images: byPin[p.Pin]}
		e.owner = pinOwner(p, e.images, names[p.Pin])
		e.folded = match.Fold(e.owner + match.Aside + p.Pin + match.Aside + p.Note)
		entries = append(entries, e)
	}
	return entries
}

// label is an image's name and version.
func label(e *engine.Entry) string {
	return strings.TrimSuffix(e.Name+" "+e.Version(), " ")
}

// approvedNames are the names of images that were approved by their IDs, whoever else
// vouches for them.
func approvedNames(pins []engine.TrustedPin, all []engine.Entry) map[string]string {
	names := make(map[string]string, len(pins))
	for _, p := range pins {
		names[p.Pin] = ""
	}
	for i := range all {
		if _, ok := names[all[i].ID]; ok {
			names[all[i].ID] = label(&all[i])
		}
	}
	return names
}

// pinOwner is what was approved as people call it, before its digest. Of an image
// that is not here the note may tell.
func pinOwner(p *engine.TrustedPin, images []image, name string) string {
	switch {
	case name != "":
	case len(images) > 0:
		name = images[0].label
	case strings.HasPrefix(p.Pin, "sha512-"):
		name = p.Note
	}
	if name == "" {
		return pinWords(p.Pin)
	}
	return name + " · " + pinWords(p.Pin)
}

// vouched are the images that somebody vouches for, by whose word that is.
func vouched(all []engine.Entry) (byKey, byPin map[string][]image) {
	byKey, byPin = map[string][]image{}, map[string][]image{}
	for i := range all {
		if all[i].VerifiedBy == "" {
			continue
		}
		img := image{id: all[i].ID, name: all[i].Name, label: label(&all[i])}
		if all[i].VerifiedKey != "" {
			byKey[all[i].VerifiedKey] = append(byKey[all[i].VerifiedKey], img)
		}
		if all[i].VerifiedPin != "" {
			byPin[all[i].VerifiedPin] = append(byPin[all[i].VerifiedPin], img)
		}
	}
	for _, images := range []map[string][]image{byKey, byPin} {
		for _, of := range images {
			slices.SortStableFunc(of, func(a, b image) int { return strings.Compare(a.label, b.label) })
		}
	}
	return byKey, byPin
}

// covers reports whether a prefix is one of a name, at the boundaries of a path.
func covers(prefix, name string) bool {
	return prefix == "" || name == prefix || strings.HasPrefix(name, prefix+"/")
}

// take replaces the list, and keeps the cursor on its entry.
func (s *Screen) take(l loaded) {
	if l.load != s.load {
		return
	}
	s.loaded, s.err = true, l.err
	if l.err != nil {
		return
	}
	want := s.want
	if under, ok := s.current(); ok && want == "" {
		want = under.id()
	}
	s.all, s.warnings, s.widths, s.want = l.entries, l.warnings, l.widths, ""
	s.sort.apply(s.all, s.turned) // which may have changed meanwhile
	s.dropMarks()
	s.refilter()
	s.point(want)
}

// current is the entry under the cursor.
func (s *Screen) current() (entry, bool) {
	i := s.table.Cursor()
	if i < 0 || i >= len(s.rows) {
		return entry{}, false
	}
	return s.all[s.rows[i].entry], true
}

// pointWanted puts the cursor where it is wanted, if that is listed by now.
func (s *Screen) pointWanted() {
	s.point(s.want)
	if e, ok := s.current(); ok && e.id() == s.want {
		s.want = ""
	}
}

// point puts the cursor on an entry, if it is shown.
func (s *Screen) point(id string) {
	for i, r := range s.rows {
		if r.heading == "" && s.all[r.entry].id() == id {
			s.table.Select(i)
		}
	}
}
