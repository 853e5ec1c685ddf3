package draw

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/podtui/podtui/ui/text"
)

// Beside sets two blocks of the same height side by side. Both must come from
// pages: their rows have one width each.
func Beside(left, right string) string {
	var b strings.Builder
	b.Grow(len(left) + len(right))
	for {
		l, moreLeft, okLeft := strings.Cut(left, "\n")
		r, moreRight, okRight := strings.Cut(right, "\n")
		b.WriteString(l)
		b.WriteString(r)
		if !okLeft || !okRight {
			return b.String()
		}
		b.WriteByte('\n')
		left, right = moreLeft, moreRight
	}
}

// Over lays a box of w cells over a block, with its top left corner at x, y.
// The box must fit.
func Over(block, box string, x, y, w int) string {
	rows := strings.Split(block, "\n")
	for i, row := range strings.Split(box, "\n") {
		if y+i < 0 || y+i >= len(rows) {
			continue
		}
		under := rows[y+i]
		head := ansi.TruncateWc(under, x, "")
		tail := ansi.TruncateLeftWc(under, x+w, "")
		// A wide rune under an edge of the box leaves a hole of one cell.
		head += text.Spaces(x - ansi.StringWidthWc(head))
		want := ansi.StringWidthWc(under) - x - w
		if have := ansi.StringWidthWc(tail); have > want {
			tail = ansi.TruncateLeftWc(tail, 1, "")
			tail = text.Spaces(want-ansi.StringWidthWc(tail)) + tail
		} else {
			tail = text.Spaces(want-have) + tail
		}
		rows[y+i] = head + "\x1b[m" + row + tail
	}
	return strings.Join(rows, "\n")
}
