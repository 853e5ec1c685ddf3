package batch

import (
	"unicode"
	"unicode/utf8"
)

// AppendEscaped appends a line of output to dst, with everything visible that a
// terminal would act upon or that makes text look like another: control and C1
// characters, what changes the direction of writing, what cannot be seen, and
// bytes that are not UTF-8. A tab stays one: it harms nobody, and tables are made
// of it.
func AppendEscaped(dst, line []byte) []byte {
	start := 0 // of what needs no escape
	for i := 0; i < len(line); {
		if c := line[i]; c >= 0x20 && c < 0x7f || c == '\t' {
			i++
			continue
		}
		r, size := utf8.DecodeRune(line[i:])
		if !harmful(r, size) {
			i += size
			continue
		}
		dst = append(dst, line[start:i]...)
		dst = appendEscape(dst, r, line[i:i+size])
		i += size
		start = i
	}
	return append(dst, line[start:]...)
}

// harmful tells what must not be seen as itself. The joiners are spared, though
// they can't be seen: Persian and emoji need them.
func harmful(r rune, size int) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	switch {
	case r == utf8.RuneError && size == 1:
		return true
	case r == nonJoiner || r == joiner:
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// appendEscape writes a character as Go and C do.
func appendEscape(dst []byte, r rune, bytes []byte) []byte {
	switch {
	case r == '\n':
		return append(dst, `\n`...)
	case r == '\r':
		return append(dst, `\r`...)
	case r == utf8.RuneError && len(bytes) == 1:
		return appendHex(append(dst, `\x`...), uint32(bytes[0]), 2)
	case r < 0x80:
		return appendHex(append(dst, `\x`...), uint32(r), 2)
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
