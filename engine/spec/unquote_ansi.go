package spec

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// ansi reads $'…' as bash does.
func (l *lexer) ansi() (string, error) {
	open := *l
	var text strings.Builder
	for l.at += 2; ; {
		switch l.peek() {
		case 0:
			return "", open.open()
		case '\'':
			l.at++
			return text.String(), nil
		case '\\':
			escaped, wrong := l.escape()
			if wrong != "" {
				return "", l.refuse("%s in $'…' %s", show(l.text[l.at:min(l.at+8, len(l.text))]), wrong)
			}
			text.WriteString(escaped)
		default:
			text.WriteByte(l.peek())
			l.at++
		}
	}
}

// escape reads what begins with a backslash. One that means nothing is itself.
func (l *lexer) escape() (text, wrong string) {
	c := l.ahead(1)
	if i := strings.IndexByte(`abeEfnrtv\'"?`, c); c != 0 && i >= 0 {
		l.at += 2
		return "\a\b\x1b\x1b\f\n\r\t\v\\'\"?"[i : i+1], ""
	}
	switch c {
	case '0', '1', '2', '3', '4', '5', '6', '7':
		return l.number(1, 3, 8, false)
	case 'x':
		return l.number(2, 2, 16, false)
	case 'u':
		return l.number(2, 4, 16, true)
	case 'U':
		return l.number(2, 8, 16, true)
	case 'c':
		if c := l.ahead(2); isLetter(c) || c != 0 && strings.IndexByte("[]^_", c) >= 0 {
			l.at += 3
			return string(rune(c & 0x1f)), ""
		}
		return "", "is no character; write it in octal, such as \\033"
	}
	l.at++
	return `\`, ""
}

// number reads up to most digits behind a backslash and skip-1 letters: a byte, or a
// character. Without digits the backslash is itself.
func (l *lexer) number(skip, most, base int, character bool) (text, wrong string) {
	begin := l.at + skip
	end := begin
	for end < len(l.text) && end < begin+most && isDigitOf(l.text[end], base) {
		end++
	}
	if begin == end {
		if l.ahead(2) == '{' {
			return "", "is an escape of some shells only; write the byte in octal, such as \\033"
		}
		l.at++
		return `\`, ""
	}
	n, _ := strconv.ParseUint(l.text[begin:end], base, 32)
	switch {
	case !character && n&0xff == 0 || n == 0:
		return "", "is a NUL byte, which no argument can hold"
	case character && !utf8.ValidRune(rune(n)):
		return "", "is no character"
	}
	l.at = end
	if character {
		return string(rune(n)), ""
	}
	return string([]byte{byte(n)}), ""
}

func isDigitOf(c byte, base int) bool {
	if base == 8 {
		return c >= '0' && c <= '7'
	}
	return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f'
}
