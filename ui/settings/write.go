package settings

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/podtui/podtui/ui/theme"
)

// Lines are the settings as a file to start from: what was set as it is, all else
// as comments that say what is there by itself.
func (s Settings) Lines() string {
	var text strings.Builder
	fmt.Fprintf(&text, `# %s: how podtui's terminal UI looks, and its keys.
# What comes after a # is for people. A line without it counts.

`, cmp.Or(s.Path, "CONFIG/"+Name))
	write := func(set bool, line, comment string) {
		if !set {
			line = "#" + line
		}
		fmt.Fprintf(&text, "%-24s # %s\n", line, comment)
	}
	write(s.Theme != "", "theme = "+cmp.Or(s.Theme, theme.Terminal), strings.Join(theme.Names(), ", "))
	write(s.Mouse, "mouse = "+word(s.Mouse), "on or off; while it is on the terminal selects text with shift")
	write(s.Linear, "linear = "+word(s.Linear), "on or off; on says everything line by line, for screen readers")
	text.WriteString(`
# The keys of an action, one or more, instead of those that it has; none takes them away.
# A key is a character (comma, hash, space by name), or enter, tab, esc, up, pgdown, f5 and
# such, with ctrl+, alt+, shift+ before it. No two actions that work at once share a key.
`)
	text.WriteString(s.Keys.Lines())
	return text.String()
}

func word(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
