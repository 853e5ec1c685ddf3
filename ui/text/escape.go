// Package text prepares strings for people, on screens and in the lines of batch:
// it makes what is untrusted safe to print, measures in cells instead of bytes or
// runes, cuts, pads and wraps, and puts sizes, ages and rates into few words.
//
// Everything that is printed or drawn is escaped, because image names, labels,
// paths, log lines and error texts come from strangers. The package knows
// neither styles nor layout; ui/draw does.
//
// # What is escaped
//
// Harmful says which characters: all that a terminal could act upon or that can
// make one text look like another. Control characters appear as in Go and C, \n,
// \r, \t or \x1b; C1 and all others as \u0085, \u202e or \U000e0041; a byte
// that is not UTF-8 as \x85, which is therefore never a C1 character. The joiners
// and the variation selectors can't be seen either, but Persian and emoji are made
// of them: output keeps them.
//
// There are two forms, for two places. AppendEscaped is for a line of output: its
// tabs stay. Escape is for what is measured: tabs are escaped, and joiners and
// selectors left out, since terminals disagree about the width of what they make.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	nonJoiner = '\u200c'
	joiner    = '\u200d'
)

// Harmful reports whether a character must not reach a terminal as itself:
// control and C1 characters, those that change the direction of writing, those
// that can't be seen but for the joiners, and separators of lines and paragraphs.
func Harmful(r rune) bool {
	if r < 0x20 || r >= 0x7f && r < 0xa0 {
		return true
	}
	if r < 0x2000 && r != 0xad && (r < 0x600 || r > 0x8e2) && r != 0x180e { // no Cf among these
		return false
	}
	if r == nonJoiner || r == joiner {
		return false
	}
	// Cf holds the bidirectional controls, the byte order mark, the soft hyphen
	// and the tags; Zl and Zp break lines in some terminals.
	return r == 0x2028 || r == 0x2029 || unicode.Is(unicode.Cf, r)
}

// isShaping reports whether a character only changes the look of others.
func isShaping(r rune) bool {
	return r == nonJoiner || r == joiner || r >= 0xfe00 && r <= 0xfe0f || r >= 0xe0100 && r <= 0xe01ef
}

func plain(c byte) bool { return c >= 0x20 && c < 0x7f }

// AppendEscaped appends a line of output to dst, escaped but for its tabs: they
// harm nobody, and tables are made of them.
func AppendEscaped(dst, line []byte) []byte {
	start := 0 // of what needs no escape
	for i := 0; i < len(line); {
		if plain(line[i]) || line[i] == '\t' {
			i++
			continue
		}
		r, n := utf8.DecodeRune(line[i:])
		if r == utf8.RuneError && n == 1 || Harmful(r) {
			dst = append(dst, line[start:i]...)
			dst = appendEscape(dst, r, n, line[i])
			start = i + n
		}
		i += n
	}
	return append(dst, line[start:]...)
}

// Escape returns s escaped, in one row and with nothing about whose width
// terminals disagree. A string that needs nothing is returned as it is, without
// allocating.
func Escape(s string) string {
	i := 0
	for i < len(s) && plain(s[i]) {
		i++
	}
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || Harmful(r) || isShaping(r) {
			return escapeFrom(s, i)
		}
		i += n
	}
	return s
}

func escapeFrom(s string, i int) string {
	b := append(make([]byte, 0, len(s)+8), s[:i]...)
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1, Harmful(r):
			b = appendEscape(b, r, n, s[i])
		case isShaping(r):
		default:
			b = append(b, s[i:i+n]...)
		}
		i += n
	}
	return string(b)
}

// appendEscape appends the escape of a character that had n bytes, or of a byte
// that begins none.
func appendEscape(dst []byte, r rune, n int, first byte) []byte {
	switch {
	case r == '\n':
		return append(dst, `\n`...)
	case r == '\r':
		return append(dst, `\r`...)
	case r == '\t':
		return append(dst, `\t`...)
	case n == 1:
		return appendHex(append(dst, `\x`...), uint32(first), 2)
	case r < 0x10000:
		return appendHex(append(dst, `\u`...), uint32(r), 4)
	}
	return appendHex(append(dst, `\U`...), uint32(r), 8)
}

func appendHex(dst []byte, v uint32, digits int) []byte {
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, "0123456789abcdef"[v>>shift&15])
	}
	return dst
}

// EscapeLine is Escape for a line of output: tabs become spaces up to the next
// stop of eight, as a terminal would show them.
func EscapeLine(s string) string {
	if strings.IndexByte(s, '\t') < 0 {
		return Escape(s)
	}
	var b strings.Builder
	at := 0
	for {
		part, rest, tab := strings.Cut(s, "\t")
		part = Escape(part)
		b.WriteString(part)
		at += Width(part)
		if !tab {
			return b.String()
		}
		n := 8 - at%8
		b.WriteString("        "[:n])
		at += n
		s = rest
	}
}

// OneLine joins lines in words, as of several errors: what is escaped would have marks
// in their place.
func OneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' }), "; ")
}
