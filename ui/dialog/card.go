package dialog

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// Card is a question about something that has to be looked at before it is
// answered: a block of the caller's stands between the question and its
// consequences. Where there is no room for all of it the answer can only be no,
// for nobody can agree to what can't be seen.
type Card struct {
	Confirm
	No   tea.Msg                            // the answer that it is cancelled with; nil: none
	Rows func(w int) int                    // how many rows the block takes
	Show func(p *draw.Page, t *theme.Theme) // draws it
	Told func() []string                    // says it, a line for each thing

	cut bool // there was no room for it at the last drawing
}

// Key implements Dialog.
func (c *Card) Key(k tea.KeyPressMsg, keys *keymap.Map, now time.Time) (bool, tea.Msg) {
	if c.cut && keys.Action(k, keymap.Dialog) == keymap.DialogYes {
		return false, nil
	}
	if c.cut {
		c.chosen = 0
	}
	done, answer := c.Confirm.Key(k, keys, now)
	if done && answer == nil {
		answer = c.No
	}
	return done, answer
}

// Footer is what can be done now, for the line of keys.
func (c *Card) Footer() []keymap.Action {
	if c.cut {
		return []keymap.Action{keymap.DialogNo}
	}
	return c.Confirm.Footer()
}

// tooSmall stands where the block has no room.
const tooSmall = "The window is too small to show what this is about."

// Draw implements Dialog.
func (c *Card) Draw(t *theme.Theme, w, h int) (string, int, int) {
	width := max(min(w-4, 76), 1)
	head := text.Wrap(text.Escape(c.Title), width)
	var body []string
	for _, b := range c.Body {
		body = append(body, text.Wrap(text.Escape(b), width)...)
	}
	rows := c.Rows(width)
	const around = 3 // empty rows around the block, and the buttons'
	height := len(head) + rows + len(body) + around + min(len(body), 1)
	if c.cut = height > h-2; c.cut {
		small := &Confirm{Title: c.Title, Body: []string{tooSmall}, Leave: c.Leave}
		box, width, height := small.Draw(t, w, h)
		c.spots = small.spots
		return box, width, height
	}
	p := draw.New(width, height)
	lines(p, t.Strong, head)
	p.Next()
	c.Show(p, t)
	p.Next()
	if len(body) > 0 {
		lines(p, t.Text, body)
		p.Next()
	}
	c.putButtons(p, t, c.words(), c.chosen)
	return c.frame(t, p.String(), width, height, w, h)
}

func lines(p *draw.Page, s theme.Style, rows []string) {
	for _, r := range rows {
		p.Line(s, r)
	}
}
