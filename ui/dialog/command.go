package dialog

import (
	"unicode/utf8"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/text"
)

// NewCommand shows a command line whole, in rows that a shell puts together
// again: what is read off the screen, row by row, runs as it stands.
func NewCommand(title string, words []string) *Text {
	return &Text{Title: title, words: words}
}

// ShellRows breaks a command line into rows of at most width cells. They break
// between words, where the next row is indented; a word that is longer than a
// row is continued at the very start of the next, which to a shell is one word.
func ShellRows(words []string, width int) []string {
	const more, indent = ` \`, "  "
	width = max(width, 12)
	var rows []string
	row := ""
	for _, word := range words {
		quoted := spec.Quote([]string{word})
		switch {
		case row == "":
			row = quoted
		case text.Width(row)+1+text.Width(quoted)+len(more) <= width:
			row += " " + quoted
		default:
			rows = append(rows, row+more)
			row = indent + quoted
		}
		for start := row[:len(row)-len(quoted)]; text.Width(row)+len(more) > width; start = "" {
			n := fits(word, width-len(start)-1)
			rows = append(rows, start+spec.Quote([]string{word[:n]})+`\`)
			word = word[n:]
			row = spec.Quote([]string{word})
		}
	}
	return append(rows, row)
}

// fits is how many bytes of a word can be quoted into a width, at least one
// character and never all of them.
func fits(word string, width int) int {
	_, n := utf8.DecodeRuneInString(word)
	for n < len(word) {
		_, next := utf8.DecodeRuneInString(word[n:])
		if n+next == len(word) || text.Width(spec.Quote([]string{word[:n+next]})) > width {
			break
		}
		n += next
	}
	return n
}
