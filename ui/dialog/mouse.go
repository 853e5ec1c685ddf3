package dialog

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/theme"
)

// spots are where the buttons of a dialog were drawn.
type spots struct {
	buttons draw.Tabs
	border  bool // around the block that they stand in
}

// frame is frame, and notes whether there was room for one.
func (s *spots) frame(t *theme.Theme, block string, w, h, outerW, outerH int) (string, int, int) {
	box, width, height := frame(t, block, w, h, outerW, outerH)
	s.border = width > w
	return box, width, height
}

// inside is a place of the box as one of the block.
func (s *spots) inside(x, y int) (int, int) {
	if s.border {
		return x - 2, y - 1
	}
	return x, y
}

// Click presses the button under the mouse. It takes no more than a key does at
// first: then it chooses, and a second click presses.
func (c *Confirm) Click(x, y int, now time.Time) (bool, tea.Msg) {
	i := c.buttons.At(c.inside(x, y))
	if i < 0 || i >= len(c.words()) {
		return false, nil
	}
	c.chosen = i
	if now.Sub(c.opened) < Grace {
		return false, nil
	}
	return true, c.answer()
}

// Click presses the button under the mouse.
func (c *Card) Click(x, y int, now time.Time) (bool, tea.Msg) {
	done, answer := c.Confirm.Click(x, y, now)
	if done && answer == nil {
		answer = c.No
	}
	return done, answer
}

// Click presses the button under the mouse, as a key does: not too soon.
func (d *Review) Click(x, y int, now time.Time) (bool, tea.Msg) {
	all := d.buttons()
	i := d.spots.buttons.At(d.inside(x, y))
	switch {
	case i < 0 || i >= len(all):
		return false, nil
	case now.Sub(d.quiet) < Grace:
		d.quiet = now
		return false, nil
	}
	d.button = all[i]
	return d.take(d.button)
}

// Click takes what is under the mouse.
func (c *Choice) Click(x, y int, _ time.Time) (bool, tea.Msg) {
	_, y = c.inside(x, y)
	i := c.offset + y - choiceHead
	if y < choiceHead || y >= choiceHead+c.rows || i >= len(c.Among) {
		return false, nil
	}
	c.chosen = i
	return true, c.Answer(i)
}

// Wheel moves among what there is to choose.
func (c *Choice) Wheel(by int) { c.chosen = max(min(c.chosen+by, len(c.Among)-1), 0) }

// Wheel scrolls.
func (d *Text) Wheel(by int) { d.offset = max(min(d.offset+by, d.most), 0) }
