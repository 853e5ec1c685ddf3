package trust

import (
	"strings"
	"time"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
)

// beside is the width from which details stand beside the list.
const beside = 140

// Draw draws the screen into a rectangle.
func (s *Screen) Draw(w, h int) string {
	if w < beside || h < 8 || s.add.step != notAdding {
		return s.drawColumn(w, h, true)
	}
	right := min(w/2, 72)
	return draw.Beside(s.drawColumn(w-right, h, false), s.drawBeside(right, h))
}

// drawColumn draws the search line, the list, and below it what is added or
// looked at.
func (s *Screen) drawColumn(w, h int, details bool) string {
	p := draw.New(w, h)
	if s.add.step != notAdding {
		s.drawAdding(p)
		return p.String()
	}
	s.drawSearch(p)
	if h > 6 {
		p.Next()
	}
	below := 0
	if details && h >= 12 {
		below = min(s.detailRows(w), h/2)
	}
	s.listAt = p.Height() - p.Rows()
	p.Block(s.drawList(w, max(p.Rows()-below, 1)))
	if below > 0 {
		s.drawDetails(p)
	}
	return p.String()
}

func (s *Screen) drawList(w, h int) string {
	if s.err != nil || !s.loaded || s.table.Len() == 0 {
		return s.drawNothing(w, h)
	}
	s.fit(w)
	return s.table.Draw(s.env.Theme, w, h, s.fill)
}

// drawSearch draws the first row: what is searched for, and how many there are.
func (s *Screen) drawSearch(p *draw.Page) {
	t, count := s.env.Theme, s.count()
	p.To(1)
	switch {
	case s.filtering:
		p.Put(t.Accent, "/ ")
		s.filter.Draw(p, t, max(p.Width()-text.Width(count)-8, 8))
	case s.filter.Value() != "":
		p.Put(t.Accent, "/ ")
		p.Put(t.Strong, s.filter.Value())
	default:
		key, does := s.env.Keys.Hint(keymap.TrustFilter)
		p.Put(t.Dim, key+" "+does)
	}
	p.Right(t.Dim, count+" ")
	p.Next()
}

// count tells how many there are, and how many of them are shown.
func (s *Screen) count() string {
	if !s.loaded || s.err != nil {
		return ""
	}
	keys, shown := 0, 0
	for _, e := range s.all {
		if e.key != nil {
			keys++
		}
	}
	for _, r := range s.rows {
		if r.heading == "" {
			shown++
		}
	}
	words := text.Count(keys, "key")
	switch pins := len(s.all) - keys; {
	case !s.query.Empty():
		words = number(shown) + " of " + number(len(s.all))
	case pins > 0:
		words += " · " + number(pins) + " approved"
	}
	return s.selected() + words + " · by " + s.sortedBy()
}

func number(n int) string { return text.Number(n) }

// drawNothing says why there is no list, and what to do about it.
func (s *Screen) drawNothing(w, h int) string {
	p, t := draw.New(w, h), s.env.Theme
	p.Next()
	p.To(gutter)
	switch {
	case s.err != nil:
		p.Put(t.Wrong, "✗ ")
		for i, row := range text.Wrap(text.Escape(s.err.Error()), max(w-gutter-3, 1)) {
			p.To(gutter + 2*min(i, 1))
			p.Line(t.Text, row)
		}
	case !s.loaded:
		p.Put(t.Dim, "reading the keys …")
	case len(s.all) == 0:
		add, _ := s.env.Keys.Hint(keymap.TrustAdd)
		p.Line(t.Text, "No keys yet. An image runs unasked only if a key trusted here signed it.")
		p.To(gutter)
		p.Line(t.Dim, add+" adds one from a file or the web; an image may bring its own for review")
	default:
		back, _ := s.env.Keys.Hint(keymap.Back)
		p.Put(t.Dim, "nothing matches; "+back+" shows all again")
	}
	return p.String()
}

// scopeWords says which images a key counts for.
func scopeWords(prefix string) string {
	if prefix == "" {
		return "all images"
	}
	return prefix
}

// pinWords is what was approved, with as much of the digest as listings show.
func pinWords(pin string) string {
	const digits = 12
	head, digest, ok := strings.Cut(pin, "@sha256:")
	if ok && len(digest) > digits {
		return head + "@" + digest[:digits] + "…"
	}
	if id, ok := strings.CutPrefix(pin, "sha512-"); ok && len(id) > digits {
		return "sha512-" + id[:digits] + "…"
	}
	return pin
}

func ago(now, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return text.Ago(now.Sub(at))
}

// Footer is the actions that matter now.
func (s *Screen) Footer() []keymap.Action {
	switch {
	case s.add.step == addSource:
		return []keymap.Action{keymap.EditAccept, keymap.SearchComplete, keymap.EditCancel}
	case s.add.step == addScope:
		return []keymap.Action{keymap.EditAccept, keymap.TrustForAll, keymap.EditCancel}
	case s.filtering:
		return []keymap.Action{keymap.EditAccept, keymap.EditCancel}
	}
	actions := []keymap.Action{keymap.TrustAdd}
	if _, ok := s.current(); ok {
		actions = append(actions, keymap.TrustInspect, keymap.TrustMark, keymap.TrustRemove, keymap.TrustFilter, keymap.TrustSort)
	}
	if len(s.warnings) > 0 {
		actions = append(actions, keymap.TrustWarnings)
	}
	return actions
}
