package draw

import "github.com/podtui/podtui/ui/theme"

// Tabs are words that stand in a row, and where: a click finds them again.
type Tabs struct {
	row  int
	ends [][2]int // from one column up to the other
}

// Begin begins a row of them.
func (t *Tabs) Begin(p *Page) { t.row, t.ends = p.y, t.ends[:0] }

// Put draws the next.
func (t *Tabs) Put(p *Page, s theme.Style, word string) {
	from := p.x
	p.Put(s, word)
	t.ends = append(t.ends, [2]int{from, p.x})
}

// At is the one at a place of the page, -1 if there is none.
func (t *Tabs) At(x, y int) int {
	for i, e := range t.ends {
		if y == t.row && x >= e[0] && x < e[1] {
			return i
		}
	}
	return -1
}
