package spec

import (
	"path"
	"slices"
	"strings"
)

// A paste is a piece of a terminal, or of a page that shows one: prompts, comments and
// output stand beside the one line that is meant.

// foundLine is a command line of podtui's among what was pasted.
type foundLine struct {
	words    []string
	err      error    // what is wrong with it, where it is
	exported []Beside // by lines before it
	root     bool     // behind a #, which a comment has too
	number   int
}

// headBytes and promptBytes are how far it is looked for podtui, and for a prompt.
const (
	headBytes   = 1 << 10
	promptBytes = 100
)

// findLine finds the one line of podtui in a text.
func findLine(text string) (foundLine, error) {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n") // as terminals paste
	switch {
	case len(text) > MaxLine:
		return foundLine{}, usage("%d bytes were pasted; a command line has at most %d", len(text), MaxLine)
	case strings.ContainsRune(text, 0):
		return foundLine{}, usage("a NUL byte, which no argument can hold")
	case strings.TrimSpace(text) == "":
		return foundLine{}, usage("nothing but blanks was pasted")
	}
	all := findLines(text)
	if slices.ContainsFunc(all, func(f foundLine) bool { return !f.root }) { // then those are comments
		all = slices.DeleteFunc(all, func(f foundLine) bool { return f.root })
	}
	if pods := slices.DeleteFunc(slices.Clone(all), func(f foundLine) bool { return !slices.ContainsFunc(f.words, makesPod) }); len(pods) > 0 {
		all = pods
	}
	switch {
	case len(all) == 0:
		return foundLine{}, noLine(text)
	case len(all) > 1:
		return foundLine{}, usage("lines %d and %d are both command lines; paste one", all[0].number, all[1].number)
	}
	return all[0], all[0].err
}

// noLine tells what was pasted instead.
func noLine(text string) error {
	first := strings.Fields(text)[0]
	if slices.Contains([]string{"docker", "podman", "nerdctl"}, first) {
		return usage("a line of %s; podtui takes its own and rkt's, in which such an image is docker://IMAGE", first)
	}
	return usage("no command line of podtui or rkt in this; it begins with %s", show(first))
}

func findLines(text string) (all []foundLine) {
	var exported []Beside
	for number := 1; text != ""; {
		physical, rest, _ := strings.Cut(text, "\n")
		lines := 1
		if begin, ok := findCommand(physical, text); ok {
			f := foundLine{exported: exported, number: number, root: isRootPrompt(physical[:begin])}
			lines = f.read(text[begin:], begin > indentation(physical))
			all = append(all, f)
			for range lines - 1 {
				_, rest, _ = strings.Cut(rest, "\n")
			}
		} else {
			exported = append(exported, exports(physical)...)
		}
		text, number = rest, number+lines
	}
	return all
}

// read reads the line that text begins with, and tells over how many it goes. With
// prompts its continued ones have a prompt as well.
func (f *foundLine) read(text string, prompts bool) (lines int) {
	if prompts {
		text = strings.ReplaceAll(text, "\\\n> ", "\\\n")
	}
	l := lexer{text: text}
	f.words, f.err = l.line()
	lines = 1 + strings.Count(text[:l.at], "\n")
	if f.err != nil && f.number+lines > 2 {
		f.err = usage("line %d: %v", f.number+lines-1, f.err)
	}
	return lines
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// isRootPrompt takes nothing but a #, which may as well begin a comment.
func isRootPrompt(prompt string) bool { return strings.TrimSpace(prompt) == "#" }

// findCommand finds where podtui is called in a line, which the text may continue:
// where it begins, or behind a prompt.
func findCommand(line, text string) (begin int, ok bool) {
	begin = indentation(line)
	if callsPodtui(text[begin:]) {
		return begin, true
	}
	for begin < min(len(line), promptBytes) {
		n := strings.IndexAny(line[begin:], "#$%>")
		if n < 0 {
			return 0, false
		}
		begin += n + 1
		if blanks := indentation(line[begin:]); blanks > 0 && callsPodtui(text[begin+blanks:]) {
			return begin + blanks, true
		}
	}
	return 0, false
}

// callsPodtui reports whether podtui is the command that text begins with.
func callsPodtui(text string) bool {
	l := lexer{text: text[:min(len(text), headBytes)]}
	option := false
	for range 16 {
		l.blanks()
		if c := l.peek(); c == 0 || c == '\n' || c == '#' {
			return false
		}
		word, err := l.word()
		if err != nil { // $HOME/bin/podtui: what is wrong with it is told later
			name := path.Base(l.rest())
			return name == "podtui" || name == "rkt"
		}
		name, _, assigns := strings.Cut(word, "=")
		switch {
		case isPodtui(word):
			return true
		case strings.HasPrefix(word, "-") && l.last != "":
			option = true
		case leadsTo(word) || assigns && isVariable(name):
			option = false
		case !option: // else it may be what belongs to one
			return false
		default:
			option = false
		}
		l.last = word
	}
	return false
}

// isPodtui takes podtui and rkt, by any path.
func isPodtui(word string) bool {
	name := path.Base(word)
	return (name == "podtui" || name == "rkt") && (word == name || strings.IndexByte("/.", word[0]) >= 0)
}

// leadsTo takes what people write in front of a command that is root's.
func leadsTo(word string) bool { return word == "sudo" || word == "doas" || word == "env" }

// exports are the variables that a line exports.
func exports(line string) (list []Beside) {
	line = strings.TrimLeft(line, " \t#$")
	if !strings.HasPrefix(line, "export ") {
		return nil
	}
	words, err := Unquote(line)
	if err != nil {
		return nil
	}
	for _, word := range words[1:] {
		if name, value, ok := strings.Cut(word, "="); ok && isVariable(name) {
			list = append(list, Beside{name, value})
		}
	}
	return list
}
