package field

import (
	"strings"
	"unicode/utf8"
)

// Dot stands for a character that is not shown.
const Dot = "•"

// Masked is the line as others may see it: from a byte on each character is a dot. It
// is to be drawn, not to be typed into.
func (l Line) Masked(from int) Line {
	from = min(from, len(l.value))
	dots := func(s string) string { return strings.Repeat(Dot, utf8.RuneCountInString(s)) }
	masked := Line{value: l.value[:from] + dots(l.value[from:]), at: l.at}
	if l.at > from {
		masked.at = from + len(dots(l.value[from:l.at]))
	}
	return masked
}
