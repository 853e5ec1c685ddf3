package export

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// continued stands between words that are on lines of their own.
const continued = " \\\n    "

// unitLine writes words so that systemd takes them apart into the same ones. What comes
// before "run" stays together, and an app's arguments; else each is on a line of its own.
func unitLine(words []string, between string) string {
	var b strings.Builder
	together := true
	for i, word := range words {
		switch {
		case i == 0:
		case together && word != "---":
			b.WriteByte(' ')
		default:
			b.WriteString(between)
		}
		switch word {
		case "run", "---":
			together = false
		case "--":
			together = true
		}
		b.WriteString(unitWord(word))
	}
	return b.String()
}

// unitWord quotes as systemd.syntax(7) has it, and keeps the specifiers (%n) and variables
// ($NAME) of systemd.service(5) from meaning something. What a terminal would not show
// as it is, and bytes that are no UTF-8, are escaped.
func unitWord(s string) string {
	if isPlainInUnit(s) {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for len(s) > 0 {
		c, size := utf8.DecodeRuneInString(s)
		switch {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case c == '%' || c == '$':
			b.WriteString(string(c) + string(c))
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(c) && (c != utf8.RuneError || size > 1):
			b.WriteRune(c)
		default:
			for i := range size {
				fmt.Fprintf(&b, `\x%02x`, s[i])
			}
		}
		s = s[size:]
	}
	b.WriteByte('"')
	return b.String()
}

// isPlainInUnit takes what means nothing to systemd, also at the beginning of a command.
func isPlainInUnit(s string) bool {
	for i := range len(s) {
		if !isLetterOrDigit(s[i]) && (strings.IndexByte("_./,=-", s[i]) < 0 && (i == 0 || strings.IndexByte(":+@", s[i]) < 0)) {
			return false
		}
	}
	return s != ""
}
