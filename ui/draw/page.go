// Package draw puts styled text into a rectangle of cells.
//
// A Page is filled row by row from the top; what it returns has exactly its
// height in lines and exactly its width in cells, whatever was put into it, so
// that blocks can be set beside, below and over each other without measuring
// them again. Text is escaped on its way in: a caller can't forget it.
package draw

import (
	"strings"

	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// Page is a rectangle that is being filled.
type Page struct {
	w, h int
	x, y int
	b    []byte
}

// New returns an empty page. Sizes below zero are zero.
func New(w, h int) *Page {
	w, h = max(w, 0), max(h, 0)
	return &Page{w: w, h: h, b: make([]byte, 0, (w+16)*h)}
}

// Width is the page's width in cells.
func (p *Page) Width() int { return p.w }

// Height is the page's height in rows.
func (p *Page) Height() int { return p.h }

// Rows is how many rows are left, the current one included.
func (p *Page) Rows() int { return p.h - p.y }

// X is the column where the next text goes.
func (p *Page) X() int { return p.x }

// Room is how many cells are left in the row.
func (p *Page) Room() int {
	if p.y >= p.h {
		return 0
	}
	return p.w - p.x
}

// Put draws text, escaped; what does not fit is cut and ends in "…".
func (p *Page) Put(s theme.Style, t string) {
	p.put(s, text.Escape(t))
}

// PutLink draws text that leads somewhere, in terminals that know such links (OSC 8);
// in others it is text. An address that has anything in it but what addresses are
// written in leads nowhere.
func (p *Page) PutLink(s theme.Style, t, url string) {
	strange := func(r rune) bool { return r <= ' ' || r > '~' }
	if p.Room() <= 0 || t == "" || url == "" || strings.ContainsFunc(url, strange) {
		p.Put(s, t)
		return
	}
	p.b = append(p.b, "\x1b]8;;"+url+"\x1b\\"...)
	p.Put(s, t)
	p.b = append(p.b, "\x1b]8;;\x1b\\"...)
}

// PutEscaped draws text that is escaped already.
func (p *Page) PutEscaped(s theme.Style, t string) { p.put(s, t) }

// put draws text that is escaped already.
func (p *Page) put(s theme.Style, t string) {
	room := p.Room()
	if room <= 0 || t == "" {
		return
	}
	if text.Width(t) > room { // what is cut keeps the margin that headings have
		t = text.Truncate(t, room-1)
	}
	if s.On() == "" {
		p.b = append(p.b, t...)
	} else {
		p.b = append(p.b, s.On()...)
		p.b = append(p.b, t...)
		p.b = append(p.b, theme.Off...)
	}
	p.x += text.Width(t)
}

// PutIn draws text into a column of its own, cut or padded to width.
func (p *Page) PutIn(s theme.Style, t string, width int) {
	width = min(width, p.Room())
	if width <= 0 {
		return
	}
	end := p.x + width
	if t = text.Escape(t); width < p.Room() {
		t = text.Truncate(t, width)
	}
	p.put(s, t)
	p.To(end)
}

// PutTail is PutIn for text whose end tells more: it is cut at the left.
func (p *Page) PutTail(s theme.Style, t string, width int) {
	width = min(width, p.Room())
	if width <= 0 {
		return
	}
	end := p.x + width
	t = text.Escape(t)
	if width == p.Room() && text.Width(t) > width {
		width--
	}
	p.put(s, text.TruncateLeft(t, width))
	p.To(end)
}

// PutLine draws a line of output: as Put, but with tabs as columns.
func (p *Page) PutLine(s theme.Style, t string) { p.put(s, text.EscapeLine(t)) }

// To moves to a column, filling with spaces. It never moves back.
func (p *Page) To(x int) {
	if n := min(x, p.w) - p.x; n > 0 && p.y < p.h {
		p.b = append(p.b, text.Spaces(n)...)
		p.x += n
	}
}

// Right draws text at the right end of the row. Where there is no room for it
// after a space, what is said at the left wins and it is cut or left out.
func (p *Page) Right(s theme.Style, t string) {
	t = text.Escape(t)
	room := p.Room() - 1
	if p.x == 0 {
		room++
	}
	if room < 2 {
		return
	}
	t = text.Truncate(t, room)
	p.To(p.w - text.Width(t))
	p.put(s, t)
}

// Next ends the row.
func (p *Page) Next() {
	if p.y >= p.h {
		return
	}
	p.To(p.w)
	p.y++
	p.x = 0
	if p.y < p.h {
		p.b = append(p.b, '\n')
	}
}

// Line draws one whole row.
func (p *Page) Line(s theme.Style, t string) {
	p.Put(s, t)
	p.Next()
}

// Rule draws a line across.
func (p *Page) Rule(s theme.Style) {
	p.put(s, strings.Repeat("─", p.Room()))
	p.Next()
}

// Block draws a block that another page has made, of this page's width.
func (p *Page) Block(block string) {
	for block != "" && p.y < p.h {
		row, rest, _ := strings.Cut(block, "\n")
		p.b = append(p.b, row...)
		p.x = p.w
		p.Next()
		block = rest
	}
}

// Skip leaves rows empty until only n are left.
func (p *Page) Skip(n int) {
	for p.Rows() > n {
		p.Next()
	}
}

// String ends the page.
func (p *Page) String() string {
	p.Skip(0)
	return string(p.b)
}
