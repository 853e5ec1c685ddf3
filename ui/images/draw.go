package images

import (
	"strings"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/table"
	"github.com/podtui/podtui/ui/text"
)

// The columns, in their order.
const (
	nameColumn = iota
	versionColumn
	sizeColumn
	verifiedColumn
	ageColumn
)

var columns = []table.Column{
	nameColumn:     {Title: "name"},
	versionColumn:  {Title: "version", Width: 10, Most: 16},
	sizeColumn:     {Title: "size", Width: 8, Right: true},
	verifiedColumn: {Title: "verified by", Width: 18, Most: 32, Drop: 1},
	ageColumn:      {Title: "age", Width: 6, Right: true, Drop: 2},
}

// beside is the width from which details stand beside the list.
const beside = 140

// Draw draws the screen into a rectangle.
func (s *Screen) Draw(w, h int) string {
	if s.fetches.open {
		return s.drawOpen(w, h)
	}
	if s.blank() {
		return s.drawBlank(w, h)
	}
	if w < beside || h < 8 {
		return s.drawColumn(w, h, true)
	}
	right := min(w/3, 64)
	return draw.Beside(s.drawColumn(w-right, h, false), s.drawBeside(right, h))
}

// blank reports whether there is nothing at all: no image, no search, no fetch.
func (s *Screen) blank() bool {
	return s.loaded && s.err == nil && len(s.all) == 0 && !s.Typing() && s.filter.Value() == "" && len(s.fetches.list) == 0
}

// drawBlank draws what is said to who has nothing yet.
func (s *Screen) drawBlank(w, h int) string {
	p := draw.New(w, h)
	s.drawSearch(p)
	if h > 6 {
		p.Next()
	}
	if s.Welcome != nil {
		if welcome := s.Welcome(w, p.Rows()); welcome != "" {
			p.Block(welcome)
			return p.String()
		}
	}
	p.Block(s.drawNothing(w, p.Rows()))
	return p.String()
}

// drawColumn draws the search line, the list, and below it what is being
// imported, typed or looked at.
func (s *Screen) drawColumn(w, h int, details bool) string {
	p := draw.New(w, h)
	s.drawSearch(p)
	if h > 6 {
		p.Next()
	}
	below := s.below(w, h, details)
	list := max(h-2-below, min(h-1, 3))
	if s.err != nil || !s.loaded || s.table.Len() == 0 {
		p.Block(s.drawNothing(w, list))
	} else {
		s.table.Away = s.fetches.focus
		s.listAt = p.Height() - p.Rows()
		p.Block(s.table.Draw(s.env.Theme, w, list, s.fill))
	}
	switch {
	case s.adding:
		s.drawCandidates(p)
	default:
		s.drawFetches(p)
		switch {
		case details && s.fetches.focus:
			p.Next()
			s.drawFetch(p, s.fetches.current())
		case details:
			s.drawDetails(p)
		}
	}
	return p.String()
}

// below is how many rows stand below the list.
func (s *Screen) below(w, h int, details bool) int {
	if s.adding {
		return min(max(h/3, 3), 8)
	}
	n := s.fetchRows(h)
	switch {
	case !details:
	case s.fetches.focus:
		n += max(h/2, 9)
	case h >= 12:
		n += detailRows(w)
	}
	return min(n, max(h-6, 0))
}

// drawSearch draws the first row: what is typed, and how many there are.
func (s *Screen) drawSearch(p *draw.Page) {
	t := s.env.Theme
	count := s.count()
	room := max(p.Width()-text.Width(count)-16, 8)
	p.To(1)
	switch {
	case s.adding:
		p.Put(t.Accent, "add file ")
		s.path.Draw(p, t, p.Width()-p.X()-2)
		p.Next()
		return
	case s.filtering:
		p.Put(t.Accent, "/ ")
		if s.filter.Value() == "" {
			s.filter.Draw(p, t, 1)
			p.Put(t.Dim, text.Truncate(" "+searchable, room-1))
			break
		}
		s.filter.Draw(p, t, room)
	case s.filter.Value() != "":
		p.Put(t.Accent, "/ ")
		p.Put(t.Strong, s.filter.Value())
	default:
		key, does := s.env.Keys.Hint(keymap.ImagesFilter)
		p.Put(t.Dim, key+" "+does)
	}
	p.Right(t.Dim, count+" ")
	p.Next()
}

// searchable tells what can be typed.
const searchable = "name, label, sha512-…, HOST/NAME, docker://…, https://…, ./folder/"

// count tells n of m, and what is selected.
func (s *Screen) count() string {
	if !s.loaded || s.err != nil {
		return ""
	}
	n := text.Count(len(s.all), "image")
	if strings.TrimSpace(s.filter.Value()) != "" {
		n = text.Number(len(s.rows)) + " of " + n
	}
	if words := s.selected(); words != "" {
		n = words + " · " + n
	}
	return n + " · by " + s.sort.String()
}

// drawNothing says why there is no list, and what to do about it.
func (s *Screen) drawNothing(w, h int) string {
	p, t := draw.New(w, h), s.env.Theme
	p.Next()
	p.To(gutter)
	add, _ := s.env.Keys.Hint(keymap.ImagesAdd)
	switch {
	case s.err != nil:
		p.Put(t.Wrong, "✗ ")
		for i, row := range text.Wrap(text.Escape(s.err.Error()), max(w-gutter-3, 1)) {
			p.To(gutter + 2*min(i, 1))
			p.Line(t.Text, row)
		}
	case !s.loaded:
		p.Put(t.Dim, "reading the store …")
	case len(s.all) == 0:
		p.Line(t.Text, "No images yet.")
		p.To(gutter)
		p.Line(t.Dim, add+" adds one from a file")
		p.To(gutter)
		search, _ := s.env.Keys.Hint(keymap.ImagesFilter)
		p.Put(t.Dim, search+" finds one by name, in a registry, at a URL, below a folder")
	default:
		p.Put(t.Dim, "nothing matches; ")
		back, _ := s.env.Keys.Hint(keymap.Back)
		p.Put(t.Dim, back+" shows all again")
	}
	return p.String()
}

// gutter is where the table's first column begins.
const gutter = 4

// fill is what one row of the list says.
func (s *Screen) fill(row int, r *table.Row) {
	if row >= len(s.rows) {
		s.fillOffer(row-s.above(), r)
		return
	}
	t, i := s.env.Theme, s.rows[row]
	img := s.all[i]
	if s.marked[img.ID] {
		r.Mark = "✓"
	}
	name, version := &r.Cells[nameColumn], &r.Cells[versionColumn]
	name.Text, version.Text = img.Name, img.Version()
	if !s.query.Empty() {
		s.markMatches(name, version, s.looks[i].folded)
	}
	r.Cells[sizeColumn].Text = s.looks[i].sizeOf(img.Size)
	r.Cells[ageColumn].Text = s.looks[i].ageAt(s.env.Now(), img.Imported)
	r.Cells[ageColumn].Style = t.Dim
	verified := &r.Cells[verifiedColumn]
	if img.VerifiedBy == "" {
		verified.Text, verified.Style = stages.NotVerified, t.Waiting
		return
	}
	// Of a long name its end goes, and never what tells keys apart.
	verified.Text, verified.End = s.looks[i].signerOf(&img)
	verified.EndStyle = verified.Style
}

// markMatches divides what matched between the two columns that the filter
// looks at as one text.
func (s *Screen) markMatches(name, version *table.Cell, folded string) {
	var space [64]int
	for _, at := range s.query.Positions(folded, space[:0]) {
		switch n := len(name.Text); {
		case at < n:
			name.Marks = append(name.Marks, at)
		case at > n:
			version.Marks = append(version.Marks, at-n-1)
		}
	}
}

// Footer is the actions that matter now.
func (s *Screen) Footer() []keymap.Action {
	switch {
	case s.filtering:
		if _, ok := s.offered(); ok {
			return []keymap.Action{keymap.EditAccept, keymap.SearchComplete, keymap.EditCancel}
		}
		return []keymap.Action{keymap.EditAccept, keymap.EditCancel}
	case s.adding:
		return []keymap.Action{keymap.EditAccept, keymap.SearchComplete, keymap.EditCancel}
	case s.fetches.focus:
		return s.fetchesFooter()
	}
	var actions []keymap.Action
	switch o, ok := s.offered(); {
	case ok && o.inside != "" && !o.guess:
		actions = []keymap.Action{keymap.OfferTags, keymap.OfferFetch, keymap.OfferInto}
	case ok:
		actions = []keymap.Action{keymap.OfferFetch, keymap.OfferInto}
	case len(s.all) == 0 && s.Demo && s.blank():
		return []keymap.Action{keymap.ImagesDemo, keymap.ImagesFilter, keymap.ImagesAdd}
	case len(s.all) == 0:
		return append([]keymap.Action{keymap.ImagesFilter, keymap.ImagesAdd}, s.toFetches()...)
	default:
		actions = []keymap.Action{keymap.ImagesChoose, keymap.ImagesMark, keymap.ImagesAdd, keymap.ImagesInspect, keymap.ImagesRemove}
	}
	return append(append(actions, s.toFetches()...), keymap.ImagesFilter, keymap.ImagesSort)
}

// toFetches is the way to the fetches, if there are any.
func (s *Screen) toFetches() []keymap.Action {
	if len(s.fetches.list) == 0 {
		return nil
	}
	return []keymap.Action{keymap.ImagesFetches}
}
