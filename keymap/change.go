package keymap

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"

	"github.com/podtui/podtui/engine/spec"
)

// Change is a line of settings: the keys that an action shall have instead of its
// own.
type Change struct {
	Line   int // where it stands
	Action string
	Keys   string // "ctrl+z, u"; "none" takes them away
}

// Mistake is what is wrong in a line. The line changes nothing.
type Mistake struct {
	Line int
	Text string
}

// None of the keys.
const none = "none"

// With returns the keymap with changes. All of them count together, so that two
// actions can change their keys; a line that is wrong, or whose key would hide
// another or be hidden, is told of and left out, and the rest counts.
func (m *Map) With(changes []Change) (*Map, []Mistake) {
	c := changing{bindings: slices.Clone(m.bindings), lines: map[int]int{}}
	for _, change := range changes {
		if err := c.take(m, change); err != nil {
			c.mistakes = append(c.mistakes, Mistake{change.Line, err.Error()})
		}
	}
	for len(c.lines) > 0 {
		found := clashes(c.bindings)
		if len(found) == 0 {
			break
		}
		c.refuse(m, found[0])
	}
	changed, err := build(c.bindings)
	if err != nil {
		panic(err) // clashes finds more than that
	}
	slices.SortStableFunc(c.mistakes, func(a, b Mistake) int { return a.Line - b.Line })
	return changed, c.mistakes
}

// changing is a keymap under its changes.
type changing struct {
	bindings []Binding
	lines    map[int]int // the line that changed a binding
	mistakes []Mistake
}

// take changes the keys of one action, if the line by itself is right.
func (c *changing) take(m *Map, change Change) error {
	i, ok := m.byAction[Action(change.Action)]
	if !ok {
		return unknownAction(m, change.Action)
	}
	b := c.bindings[i]
	if line, twice := c.lines[i]; twice {
		return fmt.Errorf("key %s: line %d says it already", b.Action, line)
	}
	keys, err := parseKeys(b, change.Keys)
	if err != nil {
		return fmt.Errorf("key %s: %w", b.Action, err)
	}
	c.bindings[i], c.lines[i] = b.with(keys), change.Line
	return nil
}

// with is the binding with other keys.
func (b Binding) with(keys []string) Binding {
	show := make([]string, len(keys))
	for i, k := range keys {
		show[i] = shown(k)
	}
	does := b.Help().Desc
	b.Binding = key.NewBinding(key.WithKeys(keys...), key.WithHelp(strings.Join(show, ", "), does))
	return b
}

func parseKeys(b Binding, list string) ([]string, error) {
	if strings.TrimSpace(list) == none {
		if why := needed(b.Action); why != "" {
			return nil, fmt.Errorf("it needs a key: %s", why)
		}
		return nil, nil
	}
	var keys []string
	for name := range strings.SplitSeq(list, ",") {
		k, err := ParseKey(strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		if types(k) && (typed(b.Scope) || b.Action == Cancel) {
			return nil, fmt.Errorf("%s is typed into fields; take one with ctrl or alt, or such as tab or f2", k)
		}
		if slices.Contains(keys, k) {
			return nil, fmt.Errorf("%s is there twice", k)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

func unknownAction(m *Map, name string) error {
	names := make([]string, len(m.bindings))
	guess := ""
	for i, b := range m.bindings {
		names[i] = string(b.Action)
		if guess == "" && strings.HasSuffix(names[i], "."+name) {
			guess = names[i]
		}
	}
	if guess == "" {
		guess = spec.Nearest(name, names)
	}
	if guess != "" {
		return fmt.Errorf("unknown action %q; perhaps %s is meant", name, guess)
	}
	return fmt.Errorf(`unknown action %q; "podtui settings" lists those there are`, name)
}

// refuse takes back the later of two lines that clash, and tells why.
func (c *changing) refuse(m *Map, found clash) {
	i, other := found.a, found.b
	if c.lines[other] > c.lines[i] {
		i, other = other, i
	}
	line, its := c.lines[i], c.bindings[other]
	where := string(its.Action)
	switch {
	case c.lines[other] > 0:
		where += fmt.Sprintf(" by line %d", c.lines[other])
	case its.Scope != c.bindings[i].Scope:
		where += " (" + string(its.Scope) + ")"
	}
	why := fmt.Sprintf("key %s: %s is %s already; one would hide the other", c.bindings[i].Action, shown(found.key), where)
	c.mistakes = append(c.mistakes, Mistake{line, why})
	c.bindings[i] = m.bindings[i]
	delete(c.lines, i)
}
