// Package keycard shows an OpenPGP key so that a person can tell it from another:
// who it says it is, its fingerprint in groups that can be compared, what it is
// made of and until when, where it came from, and what is wrong with it. The Trust
// screen and the questions before a key is trusted show the same card.
//
// All words of a key are its maker's. They are bounded here, escaped, and stand in
// rows of their own beside a word of ours, so that none can pass for another.
package keycard

import (
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/theme"
)

// Options are what a card shows beside the key itself.
type Options struct {
	Source string    // where the key came from, a path or a URL; "": nothing is said of it
	TLS    bool      // it came from a server whose certificate was checked
	Now    time.Time // tells what has expired; zero: nothing has
	Indent int       // cells before each row
	Names  int       // how many of its names are shown; 0: three
}

// Draw draws the card from the current row of a page on. Where there are fewer
// rows than it takes it ends early: what is wrong, who it says it is and the
// fingerprint come first.
func Draw(p *draw.Page, t *theme.Theme, key engine.KeyInfo, o Options) {
	for _, r := range rowsOf(key, o, p.Width()) {
		p.To(o.Indent)
		p.PutIn(t.Dim, r.label, labels)
		p.Put(r.kind.sign(t))
		p.Line(r.kind.style(t), r.text)
	}
}

// Rows is how many rows Draw takes on a page of w cells.
func Rows(key engine.KeyInfo, o Options, w int) int { return len(rowsOf(key, o, w)) }

// kind is how a row is drawn.
type kind int

const (
	plain kind = iota
	strong
	dim
	warning
	wrong
	further // goes on under a sign
)

// sign stands before the text of a row.
func (k kind) sign(t *theme.Theme) (theme.Style, string) {
	switch k {
	case warning:
		return t.Waiting, "! "
	case wrong:
		return t.Wrong, "✗ "
	case further:
		return t.Text, "  "
	}
	return t.Text, ""
}

func (k kind) style(t *theme.Theme) theme.Style {
	switch k {
	case strong:
		return t.Strong
	case dim:
		return t.Dim
	}
	return t.Text
}
