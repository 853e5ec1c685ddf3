// Package text prepares strings for the screen: it makes what is untrusted
// safe to draw, measures in cells instead of bytes or runes, cuts, pads and
// wraps, and puts sizes, ages and rates into few words.
//
// Everything that is drawn goes through Escape, because image names, labels,
// paths, log lines and error texts come from strangers. The package knows
// neither styles nor layout; ui/draw does.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape returns s with everything visible that a terminal could act upon or
// that could make two different strings look alike: control and C1 characters,
// bidirectional and other invisible format characters, line separators, and
// bytes that are not UTF-8. Variation selectors are left out: they only choose
// a look, and terminals disagree about the width of what follows from them.
// A string that needs nothing is returned as it is, without allocating.
func Escape(s string) string {
	i := 0
	for i < len(s) && plain(s[i]) {
		i++
	}
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || unsafe(r) || isVariation(r) {
			return escapeFrom(s, i)
		}
		i += n
	}
	return s
}

func plain(c byte) bool { return c >= 0x20 && c < 0x7f }

func escapeFrom(s string, i int) string {
	var b strings.Builder
	b.Grow(len(s) + 8)
	b.WriteString(s[:i])
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			hex(&b, 'x', uint32(s[i]), 2)
		case isVariation(r):
		case unsafe(r):
			escapeRune(&b, r)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// unsafe reports whether a rune must not reach the terminal as itself.
func unsafe(r rune) bool {
	if r < 0x20 || r >= 0x7f && r < 0xa0 {
		return true
	}
	if r < 0x2000 && r != 0xad && (r < 0x600 || r > 0x8e2) && r != 0x180e { // no Cf among these
		return false
	}
	// Cf holds the bidirectional controls, joiners, the byte order mark, the
	// soft hyphen and the tags; Zl and Zp break lines in some terminals.
	return r == 0x2028 || r == 0x2029 || unicode.Is(unicode.Cf, r)
}

func isVariation(r rune) bool {
	return r >= 0xfe00 && r <= 0xfe0f || r >= 0xe0100 && r <= 0xe01ef
}

func escapeRune(b *strings.Builder, r rune) {
	switch r {
	case '\n':
		b.WriteString(`\n`)
	case '\r':
		b.WriteString(`\r`)
	case '\t':
		b.WriteString(`\t`)
	default:
		switch {
		case r < 0x100:
			hex(b, 'x', uint32(r), 2)
		case r < 0x10000:
			hex(b, 'u', uint32(r), 4)
		default:
			hex(b, 'U', uint32(r), 8)
		}
	}
}

func hex(b *strings.Builder, letter byte, v uint32, digits int) {
	const set = "0123456789abcdef"
	b.WriteByte('\\')
	b.WriteByte(letter)
	for i := digits - 1; i >= 0; i-- {
		b.WriteByte(set[v>>(4*i)&15])
	}
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
