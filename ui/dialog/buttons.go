package dialog

import (
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// putButtons draws buttons at the right end of a row, the chosen one in reverse and
// in brackets: it is told without colour too.
func putButtons(p *draw.Page, t *theme.Theme, all []string, chosen int) {
	const around, between = 4, 2
	width := -between
	for _, b := range all {
		width += text.Width(b) + around + between
	}
	p.To(p.Width() - width)
	for i, b := range all {
		if i > 0 {
			p.To(p.X() + between)
		}
		if i == chosen {
			p.Put(t.Button, "[ "+b+" ]")
		} else {
			p.Put(t.Text, "  "+b+"  ")
		}
	}
}
