package keymap

import (
	"fmt"
	"slices"
	"strings"
)

// Lines is the keymap as lines of settings, to start from: what was changed as it
// is, all else as comments, with what each does.
func (m *Map) Lines() string {
	var (
		text  strings.Builder
		plain = Default()
		scope Scope
	)
	for _, b := range m.bindings {
		if b.Scope != scope {
			scope = b.Scope
			fmt.Fprintf(&text, "\n# %s\n", scope)
		}
		line := "key " + string(b.Action) + " = " + writtenKeys(b)
		if i, ok := plain.byAction[b.Action]; ok && slices.Equal(plain.bindings[i].Keys(), b.Keys()) {
			line = "#" + line
		}
		fmt.Fprintf(&text, "%-56s # %s\n", line, b.Help().Desc)
	}
	return text.String()
}

func writtenKeys(b Binding) string {
	var keys []string
	for _, k := range b.Keys() {
		keys = append(keys, written(k))
	}
	if keys == nil {
		return none
	}
	return strings.Join(keys, ", ")
}
