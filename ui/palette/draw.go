package palette

import (
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// head is the rows above the first entry.
const head = 2

// Draw implements dialog.Dialog. The box keeps its size while one types.
func (b *Box) Draw(t *theme.Theme, w, h int) (string, int, int) {
	const most = 14
	width := max(min(w-4, max(76, w/2)), 1)
	height := max(min(head+most, h-4), 1)
	b.page = max(height-head, 1)
	b.offset = max(min(b.offset, b.cursor, b.rows()-b.page), b.cursor-b.page+1, 0)

	p := draw.New(width, height)
	count := b.count()
	p.Put(t.Accent, ": ")
	b.line.Draw(p, t, max(p.Room()-text.Width(count)-2, 1))
	p.Right(t.Dim, count)
	p.Next()
	p.Next()
	if b.rows() == 0 {
		p.To(2)
		p.Line(t.Dim, "nothing matches")
	}
	for i := b.offset; i < min(b.offset+b.page, b.rows()); i++ {
		b.drawRow(p, t, i)
	}
	box, boxW, boxH := dialog.Frame(t, p.String(), width, height, w, h)
	b.framed = boxW > width
	return box, boxW, boxH
}

// count tells n of m.
func (b *Box) count() string {
	all := text.Number(b.found.total())
	if b.found.query.Empty() {
		return all
	}
	return text.Number(len(b.found.rows)) + " of " + all
}

// noteWidth is the cells of what an entry is, beside it.
const (
	noteWidth = 16
	keyWidth  = 9
)

// drawRow draws an entry: its name, what it is, its key.
func (b *Box) drawRow(p *draw.Page, t *theme.Theme, i int) {
	e, style := b.row(i), t.Text
	if i == b.cursor {
		p.Put(t.Accent, "▌")
		style = t.Strong
	}
	p.To(2)
	aside := noteWidth + keyWidth
	if p.Width() < 3*aside {
		aside = 0
	}
	var marks []int
	if i < len(b.found.rows) {
		marks = b.found.marks(i, e.Name)
	}
	p.PutMarked(style, t.Match, e.Name, marks, max(p.Room()-aside-1, 1))
	if aside > 0 {
		p.To(p.Width() - aside)
		p.PutIn(t.Dim, e.Note, noteWidth-1)
		p.To(p.Width() - keyWidth)
		p.Put(t.Accent, e.Key)
	}
	p.Next()
}
