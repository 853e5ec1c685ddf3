package images

import (
	"strings"

	"github.com/podtui/podtui/ui/match"
	"github.com/podtui/podtui/ui/table"
	"github.com/podtui/podtui/ui/text"
)

// The table has, from the top: the images that are here, a word if a search found
// none of them, and what could be fetched.

// none is the row that says that nothing here matches.
func (s *Screen) none() int {
	if len(s.rows) == 0 && s.finder.rows > 0 {
		return 1
	}
	return 0
}

// above is how many rows stand above what could be fetched.
func (s *Screen) above() int { return len(s.rows) + s.none() }

// resize follows a change of what there is to show.
func (s *Screen) resize() {
	s.table.SetLen(s.above() + s.finder.rows)
	s.table.Columns[nameColumn].Title = "name"
	if s.finder.rows > 0 {
		s.table.Columns[nameColumn].Title = "here"
	}
}

// fixed reports whether a row is only to be read.
func (s *Screen) fixed(row int) bool {
	if row < s.above() {
		return row >= len(s.rows)
	}
	p, _ := s.finder.at(row - s.above())
	return p.kind == headPart || p.kind == faultPart
}

// rowKey tells what the cursor is on, "" if on nothing.
func (s *Screen) rowKey() string {
	if img, ok := s.current(); ok {
		return img.ID
	}
	o, _ := s.offered()
	return o.key()
}

// stay puts the cursor back on its row after others came or went. If it had none
// it gets the first.
func (s *Screen) stay(key string) {
	s.resize()
	switch {
	case key == "":
		s.table.Select(0)
	case key == offersKey:
		s.table.Select(s.above())
	case key == moreKey, s.rowKey() == key, s.selectID(key):
	default:
		if row := s.finder.row(key); row >= 0 {
			s.table.Select(s.above() + row)
		}
	}
}

// row finds what a key names, -1 if it is gone.
func (f *finder) row(key string) int {
	row := 0
	for _, p := range f.parts {
		for i := range p.n {
			if p.kind == listPart && !strings.HasSuffix(key, p.src.names[p.src.rows[i]]) {
				continue // it costs less than making an offer
			}
			if p.offer(i, f.plan.direct).key() == key {
				return row + i
			}
		}
		row += p.n
	}
	return -1
}

// fillOffer is what a row says that is no image's.
func (s *Screen) fillOffer(row int, r *table.Row) {
	t := s.env.Theme
	if row < 0 {
		r.Line = table.Cell{Text: "nothing here matches", Style: t.Dim}
		return
	}
	p, i := s.finder.at(row)
	switch p.kind {
	case headPart, faultPart:
		r.Line = table.Cell{Text: p.line, Style: t.Dim}
		return
	}
	o := p.offer(i, s.finder.plan.direct)
	name, note := &r.Cells[nameColumn], &r.Cells[verifiedColumn]
	name.Text, name.Tail = o.name, o.reference != "" // hosts are alike
	if i := strings.Index(o.name, "://"); i >= 0 && name.Tail {
		name.Spare = i + len("://")
	}
	if p.kind == listPart {
		for _, at := range p.src.query.Positions(match.Fold(o.name[o.skip:]), nil) {
			name.Marks = append(name.Marks, o.skip+at)
		}
	}
	r.Cells[versionColumn].Text = o.version
	if o.size > 0 {
		r.Cells[sizeColumn].Text = text.Bytes(o.size)
	}
	note.Text, note.Style = o.note, t.Dim
	if strings.HasPrefix(o.note, "!") {
		note.Style = t.Waiting
	}
	if p.kind == listPart && p.src.kind == tags && s.finder.here[p.src.names[p.src.rows[i]]] {
		note.Text, note.Style = "here", t.Good
	}
	if one := s.fetches.of(o.reference); one != nil && o.reference != "" {
		note.Text, note.Style = one.brief(), t.Waiting
		if one.state == failed {
			note.Style = t.Wrong
		}
	}
}
