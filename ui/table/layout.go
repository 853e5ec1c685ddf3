package table

// least is the narrowest that a column which takes the rest may get before
// others are dropped for it.
const least = 24

// layout gives each column its width, 0 to those that are dropped.
func (t *Table) layout(w int) {
	if len(t.widths) != len(t.Columns) {
		t.widths = make([]int, len(t.Columns))
		t.row.Cells = make([]Cell, len(t.Columns))
	}
	for c, col := range t.Columns {
		t.widths[c] = max(col.Width, 1)
	}
	for t.rest(w) < 0 {
		c := t.mostDroppable()
		if c < 0 {
			break
		}
		t.widths[c] = 0
	}
	t.grow(t.rest(w))
	rest, flexible := t.rest(w), t.flexible()
	for c, col := range t.Columns {
		if t.widths[c] > 0 && col.Width == 0 {
			share := (rest + flexible*least) / flexible
			t.widths[c] = max(share, 1)
		}
	}
}

// rest is what is left of w when each flexible column has its least.
func (t *Table) rest(w int) int {
	w -= gutter
	for c, col := range t.Columns {
		switch {
		case t.widths[c] == 0:
		case col.Width == 0:
			w -= least + 2
		default:
			w -= t.widths[c] + 2
		}
	}
	return w + 1 // one cell after the last is enough
}

// grow widens columns that can use it, once those that take the rest have
// twice their least.
func (t *Table) grow(rest int) {
	rest -= least
	for c, col := range t.Columns {
		if t.widths[c] > 0 && col.Most > col.Width && rest > 0 {
			more := min(rest, col.Most-col.Width)
			t.widths[c] += more
			rest -= more
		}
	}
}

func (t *Table) flexible() int {
	n := 0
	for c, col := range t.Columns {
		if t.widths[c] > 0 && col.Width == 0 {
			n++
		}
	}
	return max(n, 1)
}

func (t *Table) mostDroppable() int {
	best := -1
	for c, col := range t.Columns {
		if t.widths[c] > 0 && col.Drop > 0 && (best < 0 || col.Drop > t.Columns[best].Drop) {
			best = c
		}
	}
	return best
}
