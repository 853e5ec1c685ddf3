package keymap

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/podtui/podtui/engine/spec"
)

// modifiers in the order in which Bubble Tea names them.
func modifiers() []string { return []string{"ctrl", "alt", "shift", "meta", "hyper", "super"} }

// named are the keys that have a name instead of a character, as Bubble Tea calls
// them.
func named() []string {
	names := []string{
		"enter", "tab", "backspace", "esc", "space", "up", "down", "left", "right", "home", "end", "pgup", "pgdown",
		"insert", "delete", "begin", "find", "select", "menu", "pause", "printscreen", "scrolllock", "capslock", "numlock",
	}
	for n := 1; n <= 63; n++ {
		names = append(names, "f"+strconv.Itoa(n))
	}
	return names
}

// alias is what people write for a key, and what the help shows for it.
func alias(name string) string {
	switch name {
	case "return":
		return "enter"
	case "escape":
		return "esc"
	case "pageup":
		return "pgup"
	case "pagedown", "pgdn":
		return "pgdown"
	case "del":
		return "delete"
	case "ins":
		return "insert"
	case "↑":
		return "up"
	case "↓":
		return "down"
	case "←":
		return "left"
	case "→":
		return "right"
	case "plus":
		return "+"
	case "comma":
		return ","
	case "hash":
		return "#"
	}
	return name
}

// shown is a key as people read it.
func shown(key string) string {
	mods, base := cutModifiers(key)
	switch base {
	case "up":
		base = "↑"
	case "down":
		base = "↓"
	case "left":
		base = "←"
	case "right":
		base = "→"
	case "pgdown":
		base = "pgdn"
	case "delete":
		base = "del"
	}
	return withModifiers(mods, base)
}

// written is a key as a line of settings says it: what has a meaning of its own
// there goes by its name.
func written(key string) string {
	mods, base := cutModifiers(key)
	switch base {
	case ",":
		base = "comma"
	case "#":
		base = "hash"
	}
	return withModifiers(mods, base)
}

// cutModifiers takes the modifiers off a key's name. What is left is never empty,
// unless all of it was: the plus of "ctrl++" is a key.
func cutModifiers(name string) (mods []string, base string) {
	base = name
	for {
		before, after, ok := strings.Cut(base, "+")
		if !ok || after == "" || !slices.Contains(modifiers(), strings.ToLower(before)) {
			return mods, base
		}
		mods, base = append(mods, strings.ToLower(before)), after
	}
}

func withModifiers(mods []string, base string) string {
	var name strings.Builder
	for _, m := range modifiers() {
		if slices.Contains(mods, m) {
			name.WriteString(m + "+")
		}
	}
	return name.String() + base
}

// ParseKey reads a key as people write it, "Ctrl+Alt+x" or "PgDn", and returns its
// name as Bubble Tea says it when the key comes. What no terminal can send, or not
// by that name, is refused with what would be right.
func ParseKey(name string) (string, error) {
	mods, base := cutModifiers(name)
	if base == "" {
		return "", fmt.Errorf("a key is missing")
	}
	base = alias(base)
	if lower := strings.ToLower(base); slices.Contains(named(), alias(lower)) {
		return withModifiers(mods, alias(lower)), nil
	}
	r, size := utf8.DecodeRuneInString(base)
	if size != len(base) || r == utf8.RuneError {
		return "", unknownKey(name, base)
	}
	if slices.Equal(mods, []string{"ctrl"}) { // few terminals tell ctrl+R from ctrl+r, and people mean that
		r = unicode.ToLower(r)
	}
	if !unicode.IsGraphic(r) || unicode.IsSpace(r) || unicode.IsMark(r) {
		return "", fmt.Errorf("%q is no key by itself", name)
	}
	if err := sent(mods, r); err != nil {
		return "", err
	}
	return withModifiers(mods, string(r)), nil
}

// sent tells what terminals send instead of a character with modifiers.
func sent(mods []string, r rune) error {
	name := withModifiers(mods, string(r))
	switch {
	case len(mods) == 0:
		return nil
	case unicode.IsUpper(r):
		if !slices.Contains(mods, "shift") {
			mods = append(slices.Clone(mods), "shift")
		}
		return fmt.Errorf("%s: write %s", name, withModifiers(mods, string(unicode.ToLower(r))))
	case len(mods) == 1 && mods[0] == "shift":
		if upper := unicode.ToUpper(r); upper != r {
			return fmt.Errorf("%s: write %c", name, upper)
		}
		return fmt.Errorf("%s: write the character that it makes", name)
	case !slices.Contains(mods, "ctrl"):
		return nil
	}
	same := map[rune]string{'i': "tab", 'm': "enter", '[': "esc", '@': "ctrl+space", '?': "backspace", '/': "ctrl+_"}[r]
	if same == "" {
		return nil
	}
	return fmt.Errorf("%s is the same as %s on most terminals; write that", name, same)
}

func unknownKey(name, base string) error {
	if guess := spec.Nearest(strings.ToLower(base), append(named(), "pageup", "pagedown")); guess != "" && len(base) > 2 {
		return fmt.Errorf("unknown key %q; perhaps %s is meant", name, alias(guess))
	}
	if i := strings.LastIndexByte(name, '+'); i > 0 {
		return fmt.Errorf("unknown key %q; before a + stands one of %s", name, strings.Join(modifiers(), ", "))
	}
	return fmt.Errorf("unknown key %q; keys are characters, or enter, tab, esc, space, up, pgdown, f5 and such", name)
}

// types reports whether a key puts a character where something is typed.
func types(key string) bool {
	return utf8.RuneCountInString(key) == 1 || key == "space" || key == "shift+space"
}
