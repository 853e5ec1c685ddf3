package theme

import (
	"slices"
	"strings"

	"charm.land/lipgloss/v2"
)

// The themes that are no palette of their own.
const (
	Terminal  = "terminal" // the sixteen colours of whoever's terminal it is
	NoColours = "plain"
)

// palette is a theme with colours of its own, background included: as Lip Gloss
// reads them, numbers of the 256 that are the same everywhere, or "#rrggbb". Text of
// each is readable on its background (a test), also where there are only the 256.
type palette struct {
	name string
	mode Mode

	background, text, dim, rule  string
	accent, good, waiting, wrong string
	apps                         []string // after the accent
}

func palettes() []palette {
	return []palette{
		{"dark", Dark, "234", "253", "247", "245", "80", "114", "221", "203", []string{"114", "176", "221", "111"}},
		{"light", Light, "255", "235", "241", "242", "25", "22", "94", "124", []string{"22", "90", "94", "61"}},
		{"high-contrast", Dark, "16", "231", "250", "250", "51", "46", "226", "210", []string{"46", "213", "226", "117"}},
		{"gruvbox", Dark, "#1d2021", "#ebdbb2", "#a89984", "#988b79", "#8ec07c", "#b8bb26", "#fabd2f", "#fb5543",
			[]string{"#b8bb26", "#d3869b", "#fabd2f", "#83a598"}},
		{"paper", Light, "#fbf6ea", "#2b2622", "#675e54", "#756b60", "#0b6a75", "#3b6b16", "#875000", "#b0221a",
			[]string{"#3b6b16", "#8a3d86", "#875000", "#2f5fa8"}},
	}
}

// Names are all themes there are, in the order in which one goes through them.
func Names() []string {
	names := []string{Terminal}
	for _, p := range palettes() {
		names = append(names, p.name)
	}
	return append(names, NoColours)
}

// Known reports whether there is a theme of a name.
func Known(name string) bool { return slices.Contains(Names(), name) }

// Next is the theme after another.
func Next(name string) string {
	names := Names()
	return names[(slices.Index(names, name)+1)%len(names)]
}

// Named builds a theme by its name; what has no colours of its own goes by the
// background that the terminal has. One that is not there is Terminal.
func Named(name string, background Mode) *Theme {
	if name == NoColours {
		return New(Plain)
	}
	for _, p := range palettes() {
		if p.name == name {
			return p.build()
		}
	}
	return New(background)
}

func (p palette) build() *Theme {
	base := lipgloss.NewStyle()
	colour := func(c string) lipgloss.Style { return base.Foreground(lipgloss.Color(c)) }
	apps := []Style{style(colour(p.accent))}
	for _, c := range p.apps {
		apps = append(apps, style(colour(c)))
	}
	ground := style(colour(p.text).Background(lipgloss.Color(p.background))).on
	return &Theme{
		Name: p.name, Mode: p.mode,
		ground:  ground,
		dress:   strings.NewReplacer(Off, Off+ground, "\n", Off+"\n"+ground),
		apps:    apps,
		Strong:  style(base.Bold(true)),
		Dim:     style(colour(p.dim)),
		Rule:    style(colour(p.rule)),
		Accent:  style(colour(p.accent).Bold(true)),
		Good:    style(colour(p.good)),
		Waiting: style(colour(p.waiting)),
		Wrong:   style(colour(p.wrong).Bold(true)),
		Match:   style(colour(p.accent).Underline(true)),
		Caret:   style(base.Reverse(true)),
		Button:  style(base.Reverse(true).Bold(true)),
		Tab:     style(colour(p.accent).Bold(true)),
	}
}

// Own reports whether all colours are the theme's own. A terminal must have 256 then.
func (t *Theme) Own() bool { return t.ground != "" }

// Dress lays a frame on the theme's own background, if it has one. It is done once
// for a whole frame: what is drawn ends its style with Off, and nothing draws what
// is between.
func (t *Theme) Dress(frame string) string {
	if t.ground == "" || frame == "" {
		return frame
	}
	return t.ground + t.dress.Replace(frame) + Off
}
