package dialog

import (
	"strings"

	"github.com/podtui/podtui/ui/theme"
)

// frame draws a border around a block of w cells and h rows, if there is room
// for one in the outer size; on a very small screen the block stands alone.
func frame(t *theme.Theme, block string, w, h, outerW, outerH int) (string, int, int) {
	if outerW < w+4 || outerH < h+2 {
		return block, w, h
	}
	line := func(left, right string) string {
		return t.Accent.On() + left + strings.Repeat("─", w+2) + right + theme.Off
	}
	side := t.Accent.On() + "│" + theme.Off
	if t.Accent.On() == "" {
		side = "│"
	}
	var b strings.Builder
	b.WriteString(line("╭", "╮"))
	for row := range strings.SplitSeq(block, "\n") {
		b.WriteString("\n" + side + " " + row + " " + side)
	}
	b.WriteString("\n" + line("╰", "╯"))
	return b.String(), w + 4, h + 2
}

// Frame is the border of every dialog, for one that is made elsewhere.
func Frame(t *theme.Theme, block string, w, h, outerW, outerH int) (box string, width, height int) {
	return frame(t, block, w, h, outerW, outerH)
}
