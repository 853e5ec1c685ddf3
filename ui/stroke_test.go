package ui

import (
	"strconv"
	"testing"

	"github.com/podtui/podtui/keymap"
)

// A key that is meant by its name is told from no other, as if it had come.
func TestAKeyOfEachNameCanBePressed(t *testing.T) {
	names := []string{"G", "?", "+", "ctrl++", "日", "space", "shift+space", "alt+shift+b", "super+k", "insert", "begin", "find", "select",
		"menu", "pause", "printscreen", "scrolllock", "capslock", "numlock", "ctrl+alt+delete"}
	for n := 1; n <= 63; n++ {
		names = append(names, "f"+strconv.Itoa(n))
	}
	for _, b := range keymap.Default().Bindings() {
		names = append(names, b.Keys()...)
	}
	for _, name := range names {
		if got := Stroke(name).String(); got != name {
			t.Errorf("%s is pressed as %s", name, got)
		}
		if read, err := keymap.ParseKey(name); err != nil || read != name {
			t.Errorf("%s is read as %q, %v", name, read, err)
		}
	}
}
