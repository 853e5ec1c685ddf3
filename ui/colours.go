package ui

import (
	"github.com/charmbracelet/colorprofile"

	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/theme"
)

// takeBackground follows the terminal's answer, if its colours are used.
func (r *root) takeBackground(dark bool) {
	r.background = theme.Light
	if dark {
		r.background = theme.Dark
	}
	if r.env.Theme.Name == theme.Terminal && r.env.Theme.Mode != r.background {
		r.env.Theme = theme.New(r.background)
	}
}

// takeColours learns how many colours the terminal has. Where they are too few for a
// theme's own, nobody knows what would be seen of it.
func (r *root) takeColours(profile colorprofile.Profile) {
	r.few = profile < colorprofile.ANSI256
	if r.few && r.env.Theme.Own() {
		r.notice = screen.Notice{Text: "theme " + r.env.Theme.Name + " needs 256 colours, which this terminal has not", Wrong: true}
		r.env.Theme = theme.New(r.background)
	}
}

// nextTheme goes on to the next theme that the terminal can show.
func (r *root) nextTheme() {
	next := theme.Named(theme.Next(r.env.Theme.Name), r.background)
	for r.few && next.Own() {
		next = theme.Named(theme.Next(next.Name), r.background)
	}
	r.env.Theme = next
	words := "theme " + next.Name
	if path := r.options.Settings.Path; path != "" {
		words += " · theme = " + next.Name + " in " + path + " keeps it"
	}
	r.notice = screen.Notice{Text: words}
}
