package spec

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Quote writes arguments as one line that a shell takes apart into the same
// ones, to be shown and to be pasted. Whatever a terminal would not show as it
// is (control and bidi characters, bytes that are no UTF-8) appears as an
// escape in $'…', which dash and older shells don't know; everything else is
// quoted as every POSIX shell has it.
func Quote(args []string) string {
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = quoteWord(a)
	}
	return strings.Join(words, " ")
}

// quoteWord leaves "--flag=" outside of the quotes: it reads better.
func quoteWord(s string) string {
	if i := strings.IndexByte(s, '='); i > 0 && strings.HasPrefix(s, "--") && isPlain(s[:i]) && i+1 < len(s) {
		return s[:i+1] + quoteText(s[i+1:])
	}
	return quoteText(s)
}

func quoteText(s string) string {
	switch {
	case s == "":
		return "''"
	case isPlain(s):
		return s
	case isPrintable(s):
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return quoteANSI(s)
}

// isPlain takes what means nothing to any shell. A leading "=" does to zsh.
func isPlain(s string) bool {
	for i, c := range s {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.ContainsRune("-_./:,@%+", c):
		case c == '=' && i > 0:
		default:
			return false
		}
	}
	return s != ""
}

// isPrintable reports whether a terminal shows the text as it is.
func isPrintable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, c := range s {
		if !unicode.IsPrint(c) {
			return false
		}
	}
	return true
}

// quoteANSI writes $'…'. Bytes are in octal, always with three digits: shells
// disagree about where \x ends, not about this.
func quoteANSI(s string) string {
	var b strings.Builder
	b.WriteString("$'")
	for len(s) > 0 {
		c, size := utf8.DecodeRuneInString(s)
		switch {
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\\' || c == '\'':
			b.WriteString(`\` + string(c))
		case unicode.IsPrint(c) && (c != utf8.RuneError || size > 1):
			b.WriteString(s[:size])
		default:
			for i := range size {
				fmt.Fprintf(&b, `\%03o`, s[i])
			}
		}
		s = s[size:]
	}
	b.WriteString("'")
	return b.String()
}
