package draw

import (
	"slices"

	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// PutMarked draws text in a column of its own, with the bytes at marks in a
// second style. Text that has to be escaped or cut before a mark is drawn
// without marks there: they are a help, not a claim.
func (p *Page) PutMarked(s, mark theme.Style, t string, marks []int, width int) {
	if text.Escape(t) != t || len(t) > width {
		if len(t) > width && text.Escape(t) == t {
			cut := text.Truncate(t, width)
			p.runs(s, mark, cut, marks, len(cut)-len("…"))
			return
		}
		p.PutIn(s, t, width)
		return
	}
	end := p.x + width
	p.runs(s, mark, t, marks, len(t))
	p.To(end)
}

// runs draws stretches of marked and unmarked text; marks from limit on don't count.
func (p *Page) runs(s, mark theme.Style, t string, marks []int, limit int) {
	for i := 0; i < len(t); {
		marked := i < limit && slices.Contains(marks, i)
		j := i + 1
		for j < len(t) && (j < limit && slices.Contains(marks, j)) == marked {
			j++
		}
		style := s
		if marked {
			style = mark
		}
		p.put(style, t[i:j])
		i = j
	}
}
