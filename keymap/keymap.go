// Package keymap holds every key of the TUI: what it is called, where it
// works, what it does in words, and which keystrokes mean it. Screens ask
// which action a keystroke is and never spell a key; the help and the footer
// are made from the same table, so they are true by construction. People change
// keys by lines of a file; whatever they write, no key means two things at once.
//
// The package knows neither screens nor Bubble Tea: a keystroke is whatever
// says its name ("ctrl+r").
package keymap

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
)

// Action is the name of what a key does, the same in every keymap.
type Action string

// None is the action of a key that means nothing here.
const None Action = ""

// Scope is where an action can be reached.
type Scope string

// Binding is one line of the keymap.
type Binding struct {
	Scope  Scope
	Action Action
	key.Binding
}

// Map is a whole keymap. It does not change once it is made.
type Map struct {
	bindings []Binding
	index    map[Scope]map[string]Action
	byAction map[Action]int
}

// Default is the keymap of somebody who has not changed it.
func Default() *Map {
	m, err := build(defaults())
	if err != nil {
		panic(err) // a test builds it
	}
	return m
}

// build indexes bindings, and refuses two actions for one key of a scope.
func build(bindings []Binding) (*Map, error) {
	m := &Map{
		bindings: bindings,
		index:    map[Scope]map[string]Action{},
		byAction: map[Action]int{},
	}
	for i, b := range bindings {
		if _, twice := m.byAction[b.Action]; twice {
			return nil, fmt.Errorf("action %s is there twice", b.Action)
		}
		m.byAction[b.Action] = i
		if m.index[b.Scope] == nil {
			m.index[b.Scope] = map[string]Action{}
		}
		for _, k := range b.Keys() {
			if other, taken := m.index[b.Scope][k]; taken {
				return nil, fmt.Errorf("key %s of %s means both %s and %s", k, b.Scope, other, b.Action)
			}
			m.index[b.Scope][k] = b.Action
		}
	}
	return m, nil
}

// Action says what a keystroke means: the first of the scopes that knows it
// decides.
func (m *Map) Action(k fmt.Stringer, scopes ...Scope) Action {
	name := k.String()
	for _, s := range scopes {
		if a, ok := m.index[s][name]; ok {
			return a
		}
	}
	return None
}

// Hint is an action as the footer shows it: its first key, "no key" if that was taken
// away, and what it does.
func (m *Map) Hint(a Action) (keys, does string) {
	i, ok := m.byAction[a]
	if !ok {
		return "", ""
	}
	h := m.bindings[i].Help()
	if h.Key == "" {
		return "no key", h.Desc
	}
	return shortKeys(h.Key), h.Desc
}

// Key is the first key of an action, as Bubble Tea says it; "" if it has none.
func (m *Map) Key(a Action) string {
	i, ok := m.byAction[a]
	if !ok || len(m.bindings[i].Keys()) == 0 {
		return ""
	}
	return m.bindings[i].Keys()[0]
}

// Bound are those of some actions that have a key.
func (m *Map) Bound(actions []Action) []Action {
	without := func(a Action) bool { return m.Key(a) == "" }
	if !slices.ContainsFunc(actions, without) {
		return actions
	}
	return slices.DeleteFunc(slices.Clone(actions), without)
}

// shortKeys is the first of several keys that mean the same.
func shortKeys(keys string) string {
	first, _, _ := strings.Cut(keys, ", ")
	return first
}

// Section is the part of the help that speaks of one scope.
type Section struct {
	Scope    Scope
	Bindings []Binding
}

// Help is the bindings of some scopes, in the order of the scopes. What has no key
// is left out.
func (m *Map) Help(scopes ...Scope) []Section {
	var all []Section
	for _, s := range scopes {
		section := Section{Scope: s}
		for _, b := range m.bindings {
			if b.Scope == s && len(b.Keys()) > 0 {
				section.Bindings = append(section.Bindings, b)
			}
		}
		all = append(all, section)
	}
	return all
}

// Bindings is all of them, in the order of the help.
func (m *Map) Bindings() []Binding { return m.bindings }
