package spec

import (
	"fmt"
	"strings"
)

// needsShell says why what comes next, outside of quotes, can't be read without a
// shell, or "". begin is where its word begins.
func (l *lexer) needsShell(begin int) string {
	const alone = "; paste the command alone"
	switch c, next := l.peek(), l.ahead(1); {
	case c == '`' || c == '$' && (expands(next) || next == '"' || next == '['):
		return l.expansion()
	case c == '|':
		return "| leads to another command, which takes a shell" + alone
	case c == ';' || c == '&' && next == '&':
		return fmt.Sprintf("%s begins another command, which takes a shell", l.operator()) + alone
	case c == '&':
		return "& leaves a command in the background, which takes a shell; a pod that is left runs on anyway" + alone
	case c == '<' || c == '>':
		return fmt.Sprintf("%s reads or writes a file, which takes a shell", l.operator()) + alone
	case c == '(' || c == ')':
		return fmt.Sprintf("%c means something to a shell; quote it", c)
	case c == '~' && l.atTilde(begin):
		return "~ is a home folder to a shell; write its path, or quote it"
	case c == '{' && l.alternatives():
		return fmt.Sprintf("%s is several words to a shell; write them out, or quote it", show(l.rest()))
	case (c == '*' || c == '?' || c == '[') && !l.noFile(begin):
		return fmt.Sprintf("%c in %s is a pattern of files to a shell; write their names, or quote it", c, show(l.text[begin:l.at]+l.rest()))
	}
	return ""
}

// expands reports whether a $ before this byte stands for something else.
func expands(next byte) bool {
	return next != 0 && strings.IndexByte("{(@*#?-$!_", next) >= 0 || isLetter(next) || isDigit(next)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// expansion tells of what a shell would put something else for.
func (l *lexer) expansion() string {
	if l.peek() == '`' || l.ahead(1) == '(' {
		return fmt.Sprintf("%s stands for what a command prints, which takes a shell; write that, or quote it", show(l.rest()))
	}
	return fmt.Sprintf("%s stands for something that only a shell knows; write that, or quote it", show(l.rest()))
}

// rest is what follows up to the next blank or quote, to be shown.
func (l *lexer) rest() string {
	text := l.text[l.at:]
	if end := strings.IndexAny(text, " \t\n\"'"); end > 0 {
		return text[:end]
	}
	return text
}

// operator is the one that comes next.
func (l *lexer) operator() string {
	end := l.at
	for end < len(l.text) && strings.IndexByte("&;<>", l.text[end]) >= 0 {
		end++
	}
	return l.text[l.at:end]
}

// atTilde reports whether a ~ stands where shells look at it: at the beginning of a
// word, and of a path that some give to a variable.
func (l *lexer) atTilde(begin int) bool {
	before := l.text[begin:l.at]
	name, _, assigns := strings.Cut(before, "=")
	return before == "" || assigns && isVariable(name) && strings.IndexByte("=:", before[len(before)-1]) >= 0
}

// isVariable takes what is a variable's name to a shell.
func isVariable(name string) bool {
	for i := range len(name) {
		if c := name[i]; c != '_' && !isLetter(c) && (i == 0 || !isDigit(c)) {
			return false
		}
	}
	return name != ""
}

// alternatives reports whether braces are what bash makes several words of.
func (l *lexer) alternatives() bool {
	inside, _, closed := strings.Cut(l.rest(), "}")
	return closed && (strings.Contains(inside, ",") || strings.Contains(inside, ".."))
}

// noFile reports whether a word, which begins there, is called as no file is: then
// shells leave its * and ? and [ as they are. So people write URLs and the addresses of ports.
func (l *lexer) noFile(begin int) bool {
	word := l.text[begin:l.at]
	return strings.HasPrefix(word, "-") || strings.Contains(word, "://")
}
