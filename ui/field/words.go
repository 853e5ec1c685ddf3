package field

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Words takes a line apart as a shell does, into what spec.Quote put together:
// words with '…', "…", $'…' and backslashes, but no variables, globs or
// comments. While somebody is typing, a quote may be open: then the words are
// those that a closing quote at the end would give, and open is true.
func Words(line string) (words []string, open bool) {
	s := splitter{rest: line}
	for s.rest != "" {
		s.step()
	}
	s.end()
	return s.words, s.open
}

type splitter struct {
	rest  string
	word  strings.Builder
	begun bool // a word is begun, though it may be empty: ''
	words []string
	open  bool
}

// step takes the next character or quotation.
func (s *splitter) step() {
	switch c := s.rest[0]; {
	case c == ' ' || c == '\t' || c == '\n':
		s.end()
		s.rest = s.rest[1:]
	case c == '\'':
		s.rest = s.rest[1:]
		s.add(s.until('\''))
	case c == '"':
		s.rest = s.rest[1:]
		s.add(unescapeDouble(s.untilEscaped('"')))
	case strings.HasPrefix(s.rest, "$'"):
		s.rest = s.rest[2:]
		s.add(unescapeANSI(s.untilEscaped('\'')))
	case c == '\\' && len(s.rest) == 1:
		s.rest, s.open = "", true
	case c == '\\':
		_, n := utf8.DecodeRuneInString(s.rest[1:])
		s.add(s.rest[1 : 1+n])
		s.rest = s.rest[1+n:]
	default:
		s.add(s.rest[:1])
		s.rest = s.rest[1:]
	}
}

func (s *splitter) add(t string) {
	s.word.WriteString(t)
	s.begun = true
}

func (s *splitter) end() {
	if s.begun {
		s.words = append(s.words, s.word.String())
		s.word.Reset()
		s.begun = false
	}
}

// until takes everything up to a closing quote.
func (s *splitter) until(quote byte) string {
	i := strings.IndexByte(s.rest, quote)
	if i < 0 {
		inner := s.rest
		s.rest, s.open = "", true
		return inner
	}
	inner := s.rest[:i]
	s.rest = s.rest[i+1:]
	return inner
}

// untilEscaped is until, where a backslash hides the quote.
func (s *splitter) untilEscaped(quote byte) string {
	for i := 0; i < len(s.rest); i++ {
		switch s.rest[i] {
		case '\\':
			i++
		case quote:
			inner := s.rest[:i]
			s.rest = s.rest[i+1:]
			return inner
		}
	}
	inner := s.rest
	s.rest, s.open = "", true
	return inner
}

// unescapeDouble knows the backslashes that count between double quotes.
func unescapeDouble(t string) string {
	if strings.IndexByte(t, '\\') < 0 {
		return t
	}
	var b strings.Builder
	for i := 0; i < len(t); i++ {
		if t[i] == '\\' && i+1 < len(t) && strings.IndexByte("\\\"$`\n", t[i+1]) >= 0 {
			i++
			if t[i] == '\n' {
				continue
			}
		}
		b.WriteByte(t[i])
	}
	return b.String()
}

// unescapeANSI reads what stands in $'…'.
func unescapeANSI(t string) string {
	var b strings.Builder
	for i := 0; i < len(t); i++ {
		if t[i] != '\\' || i+1 == len(t) {
			b.WriteByte(t[i])
			continue
		}
		i++
		if at := strings.IndexByte("abefnrtv", t[i]); at >= 0 {
			b.WriteByte("\a\b\x1b\f\n\r\t\v"[at])
			continue
		}
		c, used := number(t[i:])
		b.WriteByte(c)
		i += used - 1
	}
	return b.String()
}

// number reads an octal (\NNN) or hexadecimal (\xNN) byte; any other character
// stands for itself.
func number(t string) (c byte, used int) {
	base, from, most := 8, 0, 3
	if t[0] == 'x' {
		base, from, most = 16, 1, 2
	}
	for n := most; n > 0; n-- {
		if from+n > len(t) {
			continue
		}
		if v, err := strconv.ParseUint(t[from:from+n], base, 16); err == nil {
			return byte(v), from + n
		}
	}
	return t[0], 1
}
