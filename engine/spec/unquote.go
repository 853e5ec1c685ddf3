package spec

import "strings"

// Unquote takes a line apart into words as a shell does, the inverse of Quote. It
// knows quotes and escapes, those of bash's $'…' too, and no more: what would need a
// shell (a variable, a pattern of files, another program behind a pipe) is refused in
// one line that says which and where, rather than taken for something it isn't.
//
// A comment ends the line. What follows a line break that is neither quoted nor
// escaped is refused: it is another line. The error is a *UsageError.
func Unquote(line string) ([]string, error) {
	if strings.ContainsRune(line, 0) {
		return nil, usage("a NUL byte, which no argument can hold")
	}
	l := lexer{text: line}
	words, err := l.line()
	if err == nil && strings.TrimLeft(l.text[l.at:], " \t\n") != "" {
		err = l.refuse("another line follows; paste one alone")
	}
	if err != nil {
		return nil, err
	}
	return words, nil
}

// lexer reads the words of one line of a shell's.
type lexer struct {
	text string
	at   int
	last string // the word before, for messages
}

// line reads words up to the end of the line. Of a line that is wrong it returns
// those before what is wrong.
func (l *lexer) line() (words []string, err error) {
	for {
		l.blanks()
		switch c := l.peek(); {
		case c == 0 || c == '\n':
			return words, nil
		case c == '#':
			l.comment()
			return words, nil
		}
		word, err := l.word()
		if err != nil {
			return words, err
		}
		words = append(words, word)
		l.last = word
	}
}

// peek is the next byte, or 0 at the end.
func (l *lexer) peek() byte { return l.ahead(0) }

func (l *lexer) ahead(n int) byte {
	if l.at+n >= len(l.text) {
		return 0
	}
	return l.text[l.at+n]
}

// blanks skips what stands between words, a continued line too.
func (l *lexer) blanks() {
	for {
		switch c := l.peek(); {
		case c == ' ' || c == '\t':
			l.at++
		case c == '\\' && l.ahead(1) == '\n':
			l.at += 2
		default:
			return
		}
	}
}

func (l *lexer) comment() {
	if n := strings.IndexByte(l.text[l.at:], '\n'); n >= 0 {
		l.at += n
		return
	}
	l.at = len(l.text)
}

// refuse says what is wrong, and behind which word.
func (l *lexer) refuse(format string, args ...any) error {
	err := usage(format, args...).(*UsageError)
	if l.last != "" {
		err.Message = "after " + show(l.last) + ": " + err.Message
	}
	return err
}

// word reads one.
func (l *lexer) word() (string, error) {
	var word strings.Builder
	begin := l.at
	for {
		c := l.peek()
		if c == 0 || strings.IndexByte(" \t\n", c) >= 0 {
			return word.String(), nil
		}
		if why := l.needsShell(begin); why != "" {
			return "", l.refuse("%s", why)
		}
		text, err := l.piece()
		if err != nil {
			return "", err
		}
		word.WriteString(text)
	}
}

// piece reads what is quoted, or one character.
func (l *lexer) piece() (string, error) {
	switch c, next := l.peek(), l.ahead(1); {
	case c == '\'':
		return l.single()
	case c == '"':
		return l.double()
	case c == '$' && next == '\'':
		return l.ansi()
	case c == '\\' && next == 0:
		return "", l.refuse("the line ends with a backslash, and what follows it is missing")
	case c == '\\':
		l.at += 2
		if next == '\n' {
			return "", nil
		}
		return string([]byte{next}), nil
	default:
		l.at++
		return string([]byte{c}), nil
	}
}

func (l *lexer) single() (string, error) {
	text, _, closed := strings.Cut(l.text[l.at+1:], "'")
	if !closed {
		return "", l.open()
	}
	l.at += len(text) + 2
	return text, nil
}

// double reads "…", in which a backslash is one unless it escapes what would mean
// something there.
func (l *lexer) double() (string, error) {
	open := *l
	var text strings.Builder
	for l.at++; ; l.at++ {
		switch c, next := l.peek(), l.ahead(1); {
		case c == 0:
			return "", open.open()
		case c == '"':
			l.at++
			return text.String(), nil
		case c == '\\' && next == '\n':
			l.at++
		case c == '\\' && next != 0 && strings.IndexByte("$`\"\\", next) >= 0:
			l.at++
			text.WriteByte(next)
		case c == '`' || c == '$' && (expands(next) || next == '['):
			return "", l.refuse("%s", l.expansion())
		default:
			text.WriteByte(c)
		}
	}
}

// open tells of a quote that nothing closes.
func (l *lexer) open() error {
	return l.refuse("a quote is opened and not closed: %s", show(l.text[l.at:]))
}
