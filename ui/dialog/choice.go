package dialog

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// Choice asks which of a few things is meant. Nothing is lost by any answer, so
// the first is chosen.
type Choice struct {
	Title  string
	Among  []string
	Answer func(i int) tea.Msg

	chosen int
	offset int
	rows   int // of them in view
	spots
}

// Key implements Dialog.
func (c *Choice) Key(k tea.KeyPressMsg, keys *keymap.Map, _ time.Time) (bool, tea.Msg) {
	switch keys.Action(k, keymap.List, keymap.Dialog, keymap.Everywhere) {
	case keymap.Up:
		c.chosen--
	case keymap.Down, keymap.DialogOther:
		c.chosen++
	case keymap.Home, keymap.PageUp:
		c.chosen = 0
	case keymap.End, keymap.PageDown:
		c.chosen = len(c.Among) - 1
	case keymap.DialogTake:
		return true, c.Answer(c.chosen)
	case keymap.DialogNo, keymap.Cancel:
		return true, nil
	}
	c.chosen = max(min(c.chosen, len(c.Among)-1), 0)
	return false, nil
}

// Footer is what can be done now, for the line of keys.
func (c *Choice) Footer() []keymap.Action {
	return []keymap.Action{keymap.Up, keymap.Down, keymap.DialogTake, keymap.DialogNo}
}

// choiceHead is the rows above the first of them.
const choiceHead = 2

// Draw implements Dialog.
func (c *Choice) Draw(t *theme.Theme, w, h int) (string, int, int) {
	width := text.Width(text.Escape(c.Title))
	for _, a := range c.Among {
		width = max(width, text.Width(text.Escape(a))+3)
	}
	width = max(min(width, w-4, 76), 1)
	rows := max(min(len(c.Among), h-4), 1)
	c.rows = rows
	c.offset = max(min(c.offset, c.chosen, len(c.Among)-rows), c.chosen-rows+1)

	p := draw.New(width, rows+choiceHead)
	p.Line(t.Strong, c.Title)
	p.Next()
	for i := c.offset; i < min(c.offset+rows, len(c.Among)); i++ {
		style := t.Text
		if i == c.chosen {
			p.Put(t.Accent, "▌")
			style = t.Strong
		}
		p.To(2)
		p.Line(style, c.Among[i])
	}
	return c.frame(t, p.String(), width, rows+choiceHead, w, h)
}
