package text

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Width is how many cells an escaped string takes. Each rune counts for itself
// (wcwidth), because that is what tmux and most terminals do over ssh; joiners
// and selectors, about which they differ, don't survive Escape.
func Width(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			n++
			i++
			continue
		}
		w, size := runeWidth(s[i:])
		n += w
		i += size
	}
	return n
}

// Measure is Escape and Width in one look, which for most strings is all that is
// needed.
func Measure(s string) (escaped string, width int) {
	for i := 0; i < len(s); i++ {
		if !plain(s[i]) {
			escaped = Escape(s)
			return escaped, Width(escaped)
		}
	}
	return s, len(s)
}

func runeWidth(s string) (width, size int) {
	_, size = utf8.DecodeRuneInString(s)
	return ansi.StringWidthWc(s[:size]), size
}

// Cut returns the longest prefix of s that fits into width cells, and how many
// cells it takes. A wide rune that would stick out is left out.
func Cut(s string, width int) (prefix string, cells int) {
	i := 0
	for i < len(s) {
		w, size := 1, 1
		if s[i] >= utf8.RuneSelf {
			w, size = runeWidth(s[i:])
		}
		if cells+w > width {
			break
		}
		cells += w
		i += size
	}
	return s[:i], cells
}

// Truncate cuts an escaped string to width cells; if it had to cut, the last
// cell is "…".
func Truncate(s string, width int) string {
	if len(s) <= width || Width(s) <= width {
		return s
	}
	if width <= 0 {
		return ""
	}
	head, _ := Cut(s, width-1)
	return head + "…"
}

// TruncateLeft keeps the end of an escaped string: of a path, the end tells
// more. If it had to cut, the first cell is "…".
func TruncateLeft(s string, width int) string {
	if len(s) <= width {
		return s
	}
	total := Width(s)
	if total <= width {
		return s
	}
	if width <= 0 {
		return ""
	}
	for total > width-1 {
		w, size := runeWidth(s)
		total -= w
		s = s[size:]
	}
	return "…" + s
}

// TruncateMiddle keeps both ends of an escaped string, and of the last least cells
// as many as it can: where the middle of a name is missing, it can still be told.
func TruncateMiddle(s string, width, least int) string {
	if Width(s) <= width {
		return s
	}
	tail := TruncateLeft(s, max(width-width/3, min(least+1, width)))
	head, _ := Cut(s, width-Width(tail))
	return head + tail
}

// Pad fills an escaped string with spaces to width cells, or truncates it.
func Pad(s string, width int) string {
	w := Width(s)
	if w > width {
		s = Truncate(s, width)
		w = Width(s)
	}
	if w >= width {
		return s
	}
	return s + Spaces(width-w)
}

const blank = "                                                                                                                                "

// Spaces returns n spaces.
func Spaces(n int) string {
	if n <= 0 {
		return ""
	}
	if n <= len(blank) {
		return blank[:n]
	}
	return strings.Repeat(" ", n)
}

// Wrap breaks an escaped string into rows of at most width cells, at spaces
// where it can. There is always at least one row.
func Wrap(s string, width int) []string {
	if width < 1 {
		width = 1
	}
	var rows []string
	for {
		head, _ := Cut(s, width)
		if len(head) == len(s) {
			return append(rows, s)
		}
		if head == "" { // a wide rune in a single column: it can't be drawn
			_, n := utf8.DecodeRuneInString(s)
			s = s[n:]
			if s == "" && len(rows) > 0 {
				return rows
			}
			continue
		}
		if i := strings.LastIndexByte(head, ' '); i > len(head)/3 && s[len(head)] != ' ' {
			head = head[:i+1]
		}
		rows = append(rows, strings.TrimRight(head, " "))
		s = strings.TrimLeft(s[len(head):], " ")
	}
}
