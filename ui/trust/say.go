package trust

import (
	"strings"

	"github.com/podtui/podtui/ui/keycard"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/table"
)

// Say implements screen.Speaker.
func (s *Screen) Say() screen.Spoken {
	said := screen.Spoken{Name: "trust", About: strings.ReplaceAll(s.count(), " · ", ", "), Of: len(s.rows)}
	switch {
	case s.add.step != notAdding:
		return s.sayAdding()
	case s.filtering:
		said.Field = &screen.SpokenField{Name: "search", Value: s.filter.Value(), Note: "a name, a fingerprint, an image"}
	}
	switch {
	case s.err != nil:
		said.About = s.err.Error()
	case !s.loaded:
	case len(s.all) == 0:
		said.About = "no keys yet; an image runs unasked only if a key trusted here signed it"
	case len(s.rows) == 0:
		said.About += ", nothing matches"
	}
	if e, ok := s.current(); ok {
		i := s.table.Cursor()
		said.Key, said.Item, said.At = e.id(), s.Row(i), i+1
	}
	return said
}

// Row implements screen.Speaker. For which names a key counts is said whole.
func (s *Screen) Row(i int) string {
	if i >= len(s.rows) {
		return ""
	}
	what := "key of"
	if s.rows[i].heading == "" && s.all[s.rows[i].entry].key == nil {
		what = "approved"
	}
	return s.table.Say(i, what, func(i int, r *table.Row) {
		s.fill(i, r)
		if s.rows[i].heading != "" {
			return
		}
		if k := s.all[s.rows[i].entry].key; k != nil {
			r.Cells[scopeColumn].Text = scopeWords(k.Scope)
			if k.Scope == "" {
				r.Cells[scopeColumn].Text = "ALL images"
			}
		}
	})
}

// sayAdding says what is asked of a key on its way in, and what was found of it so far.
func (s *Screen) sayAdding() screen.Spoken {
	a := &s.add
	said := screen.Spoken{Name: "add a key"}
	if a.step == addSource {
		said.Field = &screen.SpokenField{Name: "where the key is", Value: a.path.Value(), Note: "a file or an https URL"}
		if !isAddress(a.path.Value()) {
			said.Field.Fits = a.path.Candidates()
		}
		return said
	}
	said.Field = &screen.SpokenField{Name: "for which images", Value: a.scope.Value(), Note: "how their names begin, such as example.com/app"}
	if a.all {
		said.Field.Value, said.Field.Note = "ALL images", "whoever holds the key can have anything run here"
	}
	for _, o := range a.offers {
		said.Text = append(said.Text, "key "+keycard.Short(o.Key.Fingerprint)+", "+keycard.Name(o.Key))
	}
	return said
}

// Point implements screen.Speaker.
func (s *Screen) Point(i int) screen.Out {
	s.table.Select(i)
	return screen.Out{}
}
