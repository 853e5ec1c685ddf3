package trust

import (
	"cmp"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/match"
)

// row is one of the list: a heading, or an entry.
type row struct {
	heading string
	risk    bool // the heading is a warning
	entry   int
}

// section is a part of the list that stands together, however it is sorted.
type section int

const (
	everything section = iota // keys that count for all images
	prefixes
	approved
	sections
)

// headings stand over the sections. That of the first always does: whoever holds
// such a key decides what runs here.
var headings = [sections]string{
	everything: "for all images: who holds one of these keys can have anything run here",
	prefixes:   "for images by the beginning of their names",
	approved:   "approved: this content and nothing else",
}

func (e entry) section() section {
	switch {
	case e.key == nil:
		return approved
	case e.key.Scope == "":
		return everything
	}
	return prefixes
}

// refilter lays the list out anew: what matches, in its sections.
func (s *Screen) refilter() {
	s.rows = s.rows[:0]
	var members [sections][]row
	for i, e := range s.all {
		if s.query.Empty() || s.query.Score(e.folded) > 0 {
			members[e.section()] = append(members[e.section()], row{entry: i})
		}
	}
	for sec, rows := range members {
		if len(rows) == 0 {
			continue
		}
		risk := section(sec) == everything
		if risk || len(rows) < len(s.all) {
			s.rows = append(s.rows, row{heading: headings[sec], risk: risk})
		}
		s.rows = append(s.rows, rows...)
	}
	s.table.SetLen(len(s.rows))
}

// search looks for what is typed.
func (s *Screen) search(typed string) {
	under, _ := s.current()
	if typed != s.filter.Value() {
		s.filter.Set(typed)
	}
	s.query = match.Parse(typed)
	s.refilter()
	s.table.Select(s.best())
	if typed == "" && under.folded != "" {
		s.point(under.id())
	}
}

// best is the row that matches best: sections keep their order, so it need not be
// the first.
func (s *Screen) best() int {
	best, most := 0, 0
	for i, r := range s.rows {
		if r.heading != "" {
			continue
		}
		if score := s.query.Score(s.all[r.entry].folded); score > most {
			best, most = i, score
		}
	}
	return best
}

// filterKey edits the search; the list follows each key.
func (s *Screen) filterKey(k tea.KeyPressMsg) {
	switch s.env.Keys.Action(k, keymap.Edit, keymap.Everywhere) {
	case keymap.EditCancel, keymap.Cancel:
		s.filtering = false
		s.search("")
	case keymap.EditAccept, keymap.EditNext:
		s.filtering = false
	case keymap.EditUp:
		s.table.Move(keymap.Up)
	case keymap.EditDown:
		s.table.Move(keymap.Down)
	case keymap.EditBackspace:
		s.filtering = s.filter.Value() != ""
		fallthrough
	default:
		before := s.filter.Value()
		switch {
		case !s.filter.Key(k, s.env.Keys):
			s.table.Move(s.env.Keys.Action(k, keymap.List))
		case s.filter.Value() != before: // and not the caret alone
			s.search(s.filter.Value())
		}
	}
}

// order is what each section is sorted by.
type order int

const (
	byPrefix order = iota
	byOwner
	byImages
	orders
)

func (o order) String() string { return [...]string{"prefix", "owner", "images"}[o] }

func (o order) apply(all []entry, turned bool) {
	slices.SortStableFunc(all, func(a, b entry) int {
		c := 0
		switch o {
		case byPrefix:
			c = cmp.Compare(a.scope(), b.scope())
		case byOwner:
			c = cmp.Compare(match.Fold(a.owner), match.Fold(b.owner))
		case byImages:
			c = cmp.Compare(len(b.images), len(a.images))
		}
		if turned {
			c = -c
		}
		return cmp.Or(c, cmp.Compare(a.scope(), b.scope()), cmp.Compare(a.id(), b.id()))
	})
}

func (e entry) scope() string {
	if e.key == nil {
		return ""
	}
	return e.key.Scope
}

func (s *Screen) nextOrder() {
	s.sort = (s.sort + 1) % orders
	s.resort()
}

// turn puts the entries of each section the other way round.
func (s *Screen) turn() {
	s.turned = !s.turned
	s.resort()
}

// sortedBy tells how the list is sorted.
func (s *Screen) sortedBy() string {
	if s.turned {
		return s.sort.String() + ", reversed"
	}
	return s.sort.String()
}

func (s *Screen) resort() {
	under, _ := s.current()
	s.sort.apply(s.all, s.turned)
	s.refilter()
	if under.folded != "" {
		s.point(under.id())
	}
}
