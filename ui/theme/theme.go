// Package theme holds every colour and style of the screen, by what they mean.
//
// A theme is built once; what it hands out are ready escape sequences, because
// rendering a style for each cell would cost more than drawing the screen. Who
// chooses none gets the terminal's own sixteen colours, so podtui looks like the
// rest of the user's terminal; the others have all colours of their own, background
// included, since only then can anybody know that they are readable. Nothing is told
// by colour alone: each mark has a word or a sign beside it, and the Plain theme has
// no colour at all.
package theme

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
)

// Off ends any style.
const Off = "\x1b[m"

// Style is the sequence that begins a style; the zero Style is plain text.
type Style struct{ on string }

// On is the sequence that begins the style, "" for plain text.
func (s Style) On() string { return s.on }

// Mode is what kind of background the terminal has, and whether colours are
// wanted.
type Mode int

// The modes.
const (
	Dark Mode = iota
	Light
	Plain // NO_COLOR
)

// Theme is all styles there are.
type Theme struct {
	Name string
	Mode Mode

	Text    Style // what most things are drawn in
	Strong  Style // the row under the cursor, the title
	Dim     Style // what is there but not yours, and labels
	Rule    Style // lines that separate
	Accent  Style // focus; there is one at a time
	Good    Style // what went well
	Waiting Style // what needs a look, or takes its time
	Wrong   Style // what failed or stops a run
	Match   Style // the letters that a filter matched
	Caret   Style // the cell that typing goes to
	Button  Style // the chosen button of a dialog
	Tab     Style // the screen or tab that is open

	apps   []Style // tell the apps of a pod apart; their names stand there too
	ground string  // begins what has no style; "": as the terminal has it
	dress  *strings.Replacer
}

// New builds the theme of the terminal's own colours, or the one without any.
func New(mode Mode) *Theme {
	base := lipgloss.NewStyle()
	c := coloursOf(mode)
	colour := func(col color.Color) lipgloss.Style {
		if mode == Plain {
			return base
		}
		return base.Foreground(col)
	}
	apps := []Style{style(colour(c.accent))}
	for _, col := range c.apps {
		apps = append(apps, style(colour(col)))
	}
	name := Terminal
	if mode == Plain {
		name = NoColours
	}
	return &Theme{
		apps:    apps,
		Name:    name,
		Mode:    mode,
		Strong:  style(base.Bold(true)),
		Dim:     style(base.Faint(true)),
		Rule:    style(base.Faint(true)),
		Accent:  style(colour(c.accent).Bold(true)),
		Good:    style(colour(c.good)),
		Waiting: style(colour(c.waiting)),
		Wrong:   style(colour(c.wrong).Bold(true)),
		Match:   style(colour(c.accent).Underline(true)),
		Caret:   style(base.Reverse(true)),
		Button:  style(base.Reverse(true).Bold(true)),
		Tab:     style(colour(c.accent).Bold(true)),
	}
}

// App is the style of the name of a pod's n-th app.
func (t *Theme) App(n int) Style { return t.apps[n%len(t.apps)] }

type colours struct {
	accent, good, waiting, wrong color.Color
	apps                         []color.Color
}

// coloursOf picks, from the sixteen, those that most palettes make readable:
// yellow and the bright ones vanish on white, dark red and blue on black.
func coloursOf(mode Mode) colours {
	if mode == Light {
		return colours{lipgloss.Blue, lipgloss.Green, lipgloss.Magenta, lipgloss.Red,
			[]color.Color{lipgloss.Green, lipgloss.Magenta, lipgloss.Red}}
	}
	return colours{lipgloss.Cyan, lipgloss.Green, lipgloss.Yellow, lipgloss.BrightRed,
		[]color.Color{lipgloss.Green, lipgloss.Magenta, lipgloss.Yellow, lipgloss.BrightBlue}}
}

// style keeps what a Lip Gloss style writes before its text.
func style(s lipgloss.Style) Style {
	on, _, _ := strings.Cut(s.Render("x"), "x")
	return Style{on}
}
