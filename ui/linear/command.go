package linear

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
)

// Command is what a line means.
type Command struct {
	Kind   Kind
	Keys   []string      // of Press
	Action keymap.Action // of Do
	Text   string        // of Type; of Wrong, why
	N      int           // of List, Row and Choose, from 1 on; 0: none was named
}

// Kind is what is to be done.
type Kind int

// All there are.
const (
	Repeat Kind = iota // say where one is
	Help               // say what can be done
	List               // say rows, from N on or where the last left off
	More               // say the rows after those
	Wait               // take the next line of a script N seconds later
	Row                // go to row N
	Quit               // leave
	Press              // Keys, one after the other
	Do                 // Action
	Choose             // the N-th choice of a question
	Type               // Text into the field that is open, and be done with it
	Wrong              // say Text
)

// Acts reports whether something is done, and not only said.
func (c Command) Acts() bool { return c.Kind >= Row && c.Kind != Wrong }

// Now is what a line is read by: what can be done at this moment.
type Now struct {
	Keys    *keymap.Map
	Scopes  []keymap.Scope // the nearest first
	Types   bool           // a field is open
	Choices []string       // of the question that is asked; nil: none has any
}

// Parse reads a line. Where a field is open it is text, but for what begins with a
// colon; two of them are one that is typed. Elsewhere the colon may be left out.
func Parse(line string, now Now) Command {
	line = strings.TrimRight(line, "\r\n")
	words := strings.TrimSpace(line)
	switch {
	case words == "":
		return Command{Kind: Repeat}
	case now.Types && strings.HasPrefix(words, "::"):
		return Command{Kind: Type, Text: strings.Replace(line, ":", "", 1)}
	case now.Types && !strings.HasPrefix(words, ":"):
		return Command{Kind: Type, Text: line}
	}
	words = strings.TrimSpace(strings.TrimPrefix(words, ":"))
	if words == "" {
		return Command{Kind: Help}
	}
	if i := choice(words, now.Choices); i > 0 {
		return Command{Kind: Choose, N: i}
	}
	if c, ok := own(strings.Fields(strings.ToLower(words))); ok {
		return c
	}
	if keys := pressed(strings.Fields(words), now); keys != nil {
		return Command{Kind: Press, Keys: keys}
	}
	return named(words, now)
}

// mostWait is how many seconds a script waits with one line.
const mostWait = 3600

// own is what the conversation itself knows.
func own(words []string) (Command, bool) {
	n, isNumber := 0, false
	if len(words) == 2 {
		i, err := strconv.Atoi(words[1])
		n, isNumber = i, err == nil && i > 0
	}
	switch {
	case len(words) == 1:
		switch words[0] {
		case "help", "?":
			return Command{Kind: Help}, true
		case "list":
			return Command{Kind: List}, true
		case "more":
			return Command{Kind: More}, true
		case "quit", "exit":
			return Command{Kind: Quit}, true
		case "repeat", "where":
			return Command{Kind: Repeat}, true
		}
	case !isNumber:
	case words[0] == "list":
		return Command{Kind: List, N: n}, true
	case words[0] == "wait":
		return Command{Kind: Wait, N: min(n, mostWait)}, true
	case words[0] == "row":
		return Command{Kind: Row, N: n}, true
	}
	return Command{}, false
}

// choice is which of the choices a line names, by its words or its number; 0: none.
func choice(words string, choices []string) int {
	for i, c := range choices {
		if strings.EqualFold(c, words) {
			return i + 1
		}
	}
	if n, err := strconv.Atoi(words); err == nil && n >= 1 && n <= len(choices) {
		return n
	}
	return 0
}

// name is a key as the keymap asks for it.
type name string

func (n name) String() string { return string(n) }

// pressed are the keys that words are, if each is one and means something; nil: they
// are not. A key that only a field would take is none.
func pressed(words []string, now Now) []string {
	var keys []string
	for i, w := range words {
		key, err := keymap.ParseKey(w)
		if err != nil {
			return nil
		}
		if i == 0 && now.Keys.Action(name(key), now.Scopes...) == keymap.None {
			return nil
		}
		keys = append(keys, key)
	}
	return keys
}

// named finds the action that a line names: by its name, by the end of it, or by what
// the help says that it does. What is meant here comes before what is meant elsewhere.
func named(words string, now Now) Command {
	said := strings.ToLower(words)
	for _, verb := range []string{"go to ", "go ", "open "} {
		if place, ok := strings.CutPrefix(said, verb); ok {
			if a := keymap.Action("go." + strings.TrimSpace(place)); bound(a, now) {
				return Command{Kind: Do, Action: a}
			}
		}
	}
	tests := []func(b keymap.Binding) bool{
		func(b keymap.Binding) bool { return string(b.Action) == said },
		func(b keymap.Binding) bool { return end(b.Action) == strings.ReplaceAll(said, " ", "-") },
		func(b keymap.Binding) bool { return strings.EqualFold(b.Help().Desc, said) },
	}
	for _, is := range tests {
		if found := find(is, now); len(found) > 0 {
			return Command{Kind: Do, Action: found[0].Action}
		}
	}
	const least = 3 // letters: fewer are a key that means nothing here
	part := func(b keymap.Binding) bool {
		return len(said) >= least && (strings.HasPrefix(end(b.Action), said) || strings.HasPrefix(strings.ToLower(b.Help().Desc), said))
	}
	switch found := find(part, now); {
	case len(found) == 1:
		return Command{Kind: Do, Action: found[0].Action}
	case len(found) > 1:
		var all []string
		for _, b := range found {
			all = append(all, string(b.Action)+" ("+b.Help().Desc+")")
		}
		return Command{Kind: Wrong, Text: fmt.Sprintf("%q could be %s", words, strings.Join(all, ", "))}
	}
	return Command{Kind: Wrong, Text: unknown(words, now)}
}

func unknown(words string, now Now) string {
	var all []string
	for _, b := range find(func(keymap.Binding) bool { return true }, now) {
		all = append(all, string(b.Action), end(b.Action))
	}
	if guess := spec.Nearest(words, all); guess != "" {
		return fmt.Sprintf("%q is no key and no command here; perhaps %s is meant", words, guess)
	}
	return fmt.Sprintf("%q is no key and no command here; help lists what there is", words)
}

// end is the last part of an action's name: "run" of "compose.run".
func end(a keymap.Action) string {
	_, last, found := strings.Cut(string(a), ".")
	if !found {
		return string(a)
	}
	return last
}

func bound(a keymap.Action, now Now) bool {
	return len(find(func(b keymap.Binding) bool { return b.Action == a }, now)) > 0
}

// find are the actions of the scopes that something is true of, the nearest scope first.
func find(is func(keymap.Binding) bool, now Now) []keymap.Binding {
	var found []keymap.Binding
	for _, s := range now.Scopes {
		for _, b := range now.Keys.Bindings() {
			if b.Scope == s && is(b) && !slices.ContainsFunc(found, func(f keymap.Binding) bool { return f.Action == b.Action }) {
				found = append(found, b)
			}
		}
	}
	return found
}
