package trust

import (
	"strings"
	"time"

	"github.com/podtui/podtui/ui/keycard"
	"github.com/podtui/podtui/ui/table"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// The columns, in their order.
const (
	ownerColumn = iota
	fingerprintColumn
	scopeColumn
	imagesColumn
	noteColumn
)

// The widths that don't depend on what is listed.
const (
	fingerprintWidth = 9
	imagesWidth      = 6
	between          = 2
	gutter           = 4 // where the first column begins
)

// Those without a width get theirs from fit.
var columns = []table.Column{
	ownerColumn:       {Title: "says it is"},
	fingerprintColumn: {Title: "key", Width: fingerprintWidth, Drop: 1},
	scopeColumn:       {Title: "for"},
	imagesColumn:      {Title: "images", Width: imagesWidth, Right: true, Drop: 2},
	noteColumn:        {Title: ""},
}

// widths are the cells that the words of all entries take. They don't follow a
// search, or the columns would move with each key.
type widths struct{ owner, scope, note int }

func widthsOf(all []entry, now time.Time) widths {
	w := widths{note: 1}
	for _, e := range all {
		words, _ := noteOf(e, now)
		w.note = max(w.note, text.Width(words))
		if e.key != nil { // what was approved runs on over the columns after it
			w.owner = max(w.owner, text.Width(text.Escape(e.owner)))
			w.scope = max(w.scope, text.Width(text.Escape(scopeWords(e.key.Scope))))
		}
	}
	return w
}

// fit gives the columns their widths. For which names a key counts is what it is
// looked up for: where there is not room for all, names of keys are cut first.
func (s *Screen) fit(w int) {
	const least = 36 // of both, before other columns go
	note := min(s.widths.note, 20)
	room := w - gutter + 1 - (fingerprintWidth + between) - (imagesWidth + between) - (note + between) - 2*between
	for _, more := range []int{imagesWidth, fingerprintWidth} { // in the order in which the table drops them
		if room < least {
			room += more + between
		}
	}
	scope := min(s.widths.scope, max(room-s.widths.owner, room*5/8))
	s.table.Columns[ownerColumn].Width = max(room-scope, 1)
	s.table.Columns[scopeColumn].Width = max(scope, 1)
	s.table.Columns[noteColumn].Width = note
}

// fill is what one row of the list says.
func (s *Screen) fill(i int, r *table.Row) {
	t := s.env.Theme
	if head := s.rows[i]; head.heading != "" {
		r.Line = table.Cell{Text: head.heading, Style: t.Dim}
		if head.risk {
			r.Line = table.Cell{Text: "! " + head.heading, Style: t.Waiting}
		}
		return
	}
	e := s.all[s.rows[i].entry]
	if s.marked[e.id()] {
		r.Mark = "✓"
	}
	images, note := &r.Cells[imagesColumn], &r.Cells[noteColumn]
	images.Text, images.Style = number(len(e.images)), t.Text
	if len(e.images) == 0 {
		images.Text, images.Style = "–", t.Dim
	}
	r.Cells[ownerColumn].Text = e.owner
	words, how := noteOf(e, s.env.Now())
	note.Text, note.Style = words, how.style(t)
	if e.key == nil {
		return
	}
	r.Cells[fingerprintColumn].Text = keycard.Short(e.key.Fingerprint)
	room := s.table.Columns[scopeColumn].Width
	scope := &r.Cells[scopeColumn]
	scope.Text = text.TruncateMiddle(scopeWords(e.key.Scope), room, room/2) // prefixes differ at their ends
	if e.key.Scope == "" {
		scope.Style = t.Waiting
	}
}

// soon is when the end of a key deserves a look.
const soon = 30 * 24 * time.Hour

// urgency is how much a note deserves a look.
type urgency int

const (
	aside urgency = iota
	risky
	broken
)

func (u urgency) style(t *theme.Theme) theme.Style {
	switch u {
	case risky:
		return t.Waiting
	case broken:
		return t.Wrong
	}
	return t.Dim
}

// noteOf says what is wrong with a key, or will be soon, or where it comes from; and
// how old an approval is.
func noteOf(e entry, now time.Time) (string, urgency) {
	if e.key == nil {
		return ago(now, e.pin.At), aside
	}
	k := e.key
	left := k.Expires.Sub(now)
	switch {
	case k.Problem != "":
		what, _, _ := strings.Cut(k.Problem, ":")
		return "✗ " + what, broken
	case !k.Expires.IsZero() && left <= 0: // since the list was read
		return "✗ expired", broken
	case !k.Expires.IsZero() && left < soon:
		return "! " + text.Ago(left) + " left", risky
	case k.System:
		return "with rkt", aside
	}
	return "", aside
}
