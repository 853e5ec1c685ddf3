// Package table shows many rows and asks only for those that are on the
// screen: with ten thousand rows a key costs what it costs with ten. It knows
// where the cursor is and which rows are in view; what a row says is its
// caller's, who hands it over cell by cell while it is drawn.
package table

import (
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// Column is how one column is set.
type Column struct {
	Title string
	Width int  // 0: takes what the others leave
	Most  int  // it grows to this where there is much room; 0: it doesn't
	Right bool // numbers line up at the right
	Drop  int  // where the screen is narrow the highest goes first; 0: never
}

// Cell is what stands in one column of a row.
type Cell struct {
	Text  string
	Style theme.Style
	Marks []int // bytes of Text that a filter matched
	Tail  bool  // where Text is too long its end is shown, which tells more
	Spare int   // bytes at the beginning of Text that go first, and leave no sign

	End      string // stands after Text, and is never what is cut
	EndStyle theme.Style
}

// Row is filled in by the caller for each row in view.
type Row struct {
	Mark  string // one cell beside the cursor's bar: what is selected
	Cells []Cell // one for each column; they keep nothing from the row before
	Line  Cell   // what stands across all columns instead, if it has a text
}

// Table is the state of one. The zero value with columns is ready.
type Table struct {
	Columns []Column

	// Fixed reports whether a row is only to be read: a heading, a word of why
	// there are no more. The cursor goes past it. Nil: none is.
	Fixed func(i int) bool

	// Away says that the keys are for something else: the cursor is only a place.
	Away bool

	rows   int
	head   int // rows that the titles take
	cursor int
	offset int
	page   int // rows in view at the last drawing

	row    Row
	widths []int
}

// Len is how many rows there are.
func (t *Table) Len() int { return t.rows }

// SetLen says how many rows there are; the cursor stays on one.
func (t *Table) SetLen(n int) {
	t.rows = n
	t.Select(t.cursor)
}

// Cursor is the row under the cursor, -1 if there is none.
func (t *Table) Cursor() int {
	if t.rows == 0 || t.fixed(t.cursor) {
		return -1
	}
	return t.cursor
}

// Place is where the cursor is, though it may be on nothing.
func (t *Table) Place() int { return t.cursor }

// Visible is which rows were in view at the last drawing: from one, up to the other.
func (t *Table) Visible() (from, to int) {
	return min(t.offset, t.rows), min(t.offset+t.page, t.rows)
}

func (t *Table) fixed(i int) bool { return t.Fixed != nil && t.Fixed(i) }

// Select moves the cursor to a row, or the nearest there is. Rows that are only
// to be read are passed in the direction that the cursor moves.
func (t *Table) Select(i int) {
	i = max(min(i, t.rows-1), 0)
	step := 1
	if i < t.cursor {
		step = -1
	}
	if free := t.free(i, step); free >= 0 {
		i = free
	} else if free := t.free(i, -step); free >= 0 {
		i = free
	}
	t.cursor = i
}

// free is the next row from i on that takes the cursor, -1 if there is none.
func (t *Table) free(i, step int) int {
	for ; i >= 0 && i < t.rows; i += step {
		if !t.fixed(i) {
			return i
		}
	}
	return -1
}

// Move does what a movement key says, and reports whether it was one.
func (t *Table) Move(a keymap.Action) bool {
	page := max(t.page-1, 1)
	switch a {
	case keymap.Up:
		t.Select(t.cursor - 1)
	case keymap.Down:
		t.Select(t.cursor + 1)
	case keymap.PageUp:
		t.Select(t.cursor - page)
	case keymap.PageDown:
		t.Select(t.cursor + page)
	case keymap.Home:
		t.Select(0)
	case keymap.End:
		t.Select(t.rows - 1)
	default:
		return false
	}
	return true
}

// Click puts the cursor on what was drawn in a row of the table, and reports whether
// anything was that takes it.
func (t *Table) Click(y int) bool {
	i := t.offset + y - t.head
	if y < t.head || y-t.head >= t.page || i >= t.rows || t.fixed(i) {
		return false
	}
	t.cursor = i
	return true
}

// gutter is the cells before the first column: a space, the cursor's bar, the
// mark, a space.
const gutter = 4

// Draw draws the header and the rows in view; fill says what row i holds.
func (t *Table) Draw(th *theme.Theme, w, h int, fill func(i int, r *Row)) string {
	p := draw.New(w, h)
	t.layout(w)
	t.header(p, th)
	t.page = max(p.Rows(), 1)
	t.scroll()
	for i := t.offset; i < t.rows && p.Rows() > 0; i++ {
		t.row.Mark, t.row.Line = "", Cell{}
		for c := range t.row.Cells {
			t.row.Cells[c] = Cell{Marks: t.row.Cells[c].Marks[:0]}
		}
		fill(i, &t.row)
		if t.row.Line.Text != "" {
			p.To(gutter)
			p.Line(t.row.Line.Style, t.row.Line.Text)
			continue
		}
		t.drawRow(p, th, i == t.cursor)
	}
	return p.String()
}

// scroll moves the window so that the cursor is in it, and no further. What
// stands right above and is only to be read comes with it: nothing else brings
// it back into view.
func (t *Table) scroll() {
	top := t.cursor
	for top > 0 && t.fixed(top-1) {
		top--
	}
	t.offset = min(t.offset, top)
	t.offset = max(t.offset, t.cursor-t.page+1)
	t.offset = max(min(t.offset, t.rows-t.page), 0)
}

func (t *Table) header(p *draw.Page, th *theme.Theme) {
	t.head = 0
	if p.Rows() < 3 {
		return
	}
	t.head = 1
	p.To(gutter)
	for c, col := range t.Columns {
		t.cell(p, th.Dim, Cell{Text: col.Title}, c, th)
	}
	p.Next()
}

func (t *Table) drawRow(p *draw.Page, th *theme.Theme, cursor bool) {
	p.To(1)
	switch {
	case cursor && t.Away:
		p.Put(th.Dim, "▌")
	case cursor:
		p.Put(th.Accent, "▌")
	}
	p.To(2)
	p.PutIn(th.Accent, t.row.Mark, 2)
	for c := range t.Columns {
		cell := &t.row.Cells[c]
		style := cell.Style
		if cursor && style == th.Text {
			style = th.Strong
		}
		t.cell(p, style, *cell, c, th)
	}
	p.Next()
}

// start is where a column begins.
func (t *Table) start(c int) int {
	x := gutter
	for _, width := range t.widths[:c] {
		if width > 0 {
			x += width + 2
		}
	}
	return x
}

// cell draws one cell where its column begins.
func (t *Table) cell(p *draw.Page, s theme.Style, cell Cell, c int, th *theme.Theme) {
	width, value := t.widths[c], cell.Text
	if width == 0 || value == "" {
		return
	}
	p.To(t.start(c))
	end := p.X() + width
	if len(value)+len(cell.End) > width {
		width = t.roomFor(c)
	}
	if len(value) > width && cell.Spare > 0 {
		value = value[cell.Spare:]
		cell.Marks = shift(cell.Marks, cell.Spare)
	}
	switch {
	case cell.End != "":
		p.Put(s, text.Truncate(text.Escape(value), max(width-text.Width(cell.End), 0)))
		if cell.EndStyle == cell.Style {
			cell.EndStyle = s
		}
		p.Put(cell.EndStyle, text.Truncate(cell.End, width))
	case t.Columns[c].Right:
		value = text.Truncate(text.Escape(value), width)
		p.To(end - text.Width(value))
		p.Put(s, value)
	case cell.Tail && text.Width(text.Escape(value)) > width:
		p.PutTail(s, value, width)
	case len(cell.Marks) > 0:
		p.PutMarked(s, th.Match, value, cell.Marks, width)
	default:
		p.PutIn(s, value, width)
	}
}

// roomFor is the width of a column with those after it that say nothing in this
// row: a long name uses them.
func (t *Table) roomFor(c int) int {
	width := t.widths[c]
	for next := c + 1; next < len(t.Columns) && !t.Columns[c].Right; next++ {
		if t.widths[next] == 0 {
			continue
		}
		if t.row.Cells[next].Text != "" {
			return width
		}
		width += t.widths[next] + 2
	}
	return width
}

// shift moves marks along with a text that lost its first bytes.
func shift(marks []int, by int) []int {
	var left []int
	for _, at := range marks {
		if at >= by {
			left = append(left, at-by)
		}
	}
	return left
}
