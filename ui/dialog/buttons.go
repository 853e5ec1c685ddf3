package dialog

import (
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// putButtons draws buttons at the right end of a row, the chosen one in reverse and
// in brackets: it is told without colour too.
func (s *spots) putButtons(p *draw.Page, t *theme.Theme, all []string, chosen int) {
	s.buttons.Begin(p)
	p.To(p.Width() - buttonsWidth(all))
	for i, b := range all {
		if i > 0 {
			p.To(p.X() + betweenButtons)
		}
		if i == chosen {
			s.buttons.Put(p, t.Button, "[ "+b+" ]")
		} else {
			s.buttons.Put(p, t.Text, "  "+b+"  ")
		}
	}
}

// betweenButtons is the cells between two of them.
const betweenButtons = 2

// buttonsWidth is what a row of buttons takes.
func buttonsWidth(all []string) int {
	const around = len("[  ]")
	width := -betweenButtons
	for _, b := range all {
		width += text.Width(b) + around + betweenButtons
	}
	return width
}
