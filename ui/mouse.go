package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
)

// wheelRows is how far one notch of the wheel goes, as terminals do it.
const wheelRows = 3

// mouse is the mouse, and what was drawn where it can click.
type mouse struct {
	on     bool
	spots  []spot // of the frame that was drawn last
	body   int    // the row where the screen begins
	rows   int    // and how many it has
	dialog rect   // of the topmost
}

// spot is a place of the frame where a click means an action.
type spot struct {
	x, y, w int
	action  keymap.Action
}

type rect struct{ x, y, w, h int }

func (r rect) has(x, y int) bool { return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h }

// spotted notes where an action was drawn.
func (m *mouse) spotted(a keymap.Action, x, y, w int) {
	if m.on {
		m.spots = append(m.spots, spot{x, y, w, a})
	}
}

// switchMouse turns it on or off, live: while it is on the terminal does not select
// text by itself.
func (r *root) switchMouse() {
	r.mouse.on = !r.mouse.on
	key, _ := r.env.Keys.Hint(keymap.Mouse)
	words := "the mouse is off: the terminal selects text"
	if r.mouse.on {
		words = "the mouse is on; to select text hold shift, or press " + key
	}
	r.notice = screen.Notice{Text: words}
}

// at is the action that was drawn at a place.
func (m *mouse) at(x, y int) keymap.Action {
	for _, s := range m.spots {
		if y == s.y && x >= s.x && x < s.x+s.w {
			return s.action
		}
	}
	return keymap.None
}

// mouseMsg takes what the mouse did. A message that was on its way when it was
// turned off means nothing any more.
func (r *root) mouseMsg(msg tea.MouseMsg) tea.Cmd {
	if !r.mouse.on {
		return nil
	}
	m := msg.Mouse()
	switch msg.(type) {
	case tea.MouseClickMsg:
		if m.Button == tea.MouseLeft {
			r.notice, r.leaving = screen.Notice{}, false
			return r.click(m.X, m.Y)
		}
	case tea.MouseWheelMsg:
		switch m.Button {
		case tea.MouseWheelUp:
			return r.wheel(m.X, m.Y, -wheelRows)
		case tea.MouseWheelDown:
			return r.wheel(m.X, m.Y, wheelRows)
		}
	}
	return nil
}

// click is for what was drawn there: the topmost dialog, a tab or a key of the
// footer, the screen.
func (r *root) click(x, y int) tea.Cmd {
	if n := len(r.dialogs); n > 0 {
		return r.clickDialog(r.dialogs[n-1], x, y)
	}
	if a := r.mouse.at(x, y); a != keymap.None {
		return r.press(a)
	}
	if y -= r.mouse.body; y >= 0 && y < r.mouse.rows {
		return r.do(r.view(), r.view().Update(screen.Click{X: x, Y: y}))
	}
	return nil
}

// press does what the key of an action does now.
func (r *root) press(a keymap.Action) tea.Cmd {
	key := r.env.Keys.Key(a)
	if key == "" {
		return nil
	}
	stroke := Stroke(key)
	if r.typing() && stroke.Text != "" { // it would be text
		enter, _ := r.env.Keys.Hint(keymap.EditAccept)
		esc, _ := r.env.Keys.Hint(keymap.EditCancel)
		r.notice = screen.Notice{Text: "a field is open: " + enter + " ends it, " + esc + " leaves it as it was"}
		return nil
	}
	return r.key(stroke)
}

// clickDialog is for a dialog, or for its keys in the footer. What is behind it waits.
func (r *root) clickDialog(top asked, x, y int) tea.Cmd {
	box := r.mouse.dialog
	if !box.has(x, y) {
		if a := r.mouse.at(x, y); a != keymap.None && y == r.h-1 {
			return r.press(a)
		}
		if _, ok := top.Dialog.(*dialog.Text); ok { // as any other key
			r.dialogs = r.dialogs[:len(r.dialogs)-1]
		}
		return nil
	}
	if d, ok := top.Dialog.(interface {
		Click(x, y int, now time.Time) (bool, tea.Msg)
	}); ok {
		done, answer := d.Click(x-box.x, y-box.y, r.env.Now())
		return r.answered(top, done, answer)
	}
	return nil
}

// wheel is for what is under it, and for nothing below a dialog.
func (r *root) wheel(x, y, by int) tea.Cmd {
	if n := len(r.dialogs); n > 0 {
		if d, ok := r.dialogs[n-1].Dialog.(interface{ Wheel(by int) }); ok && r.mouse.dialog.has(x, y) {
			d.Wheel(by)
		}
		return nil
	}
	if y -= r.mouse.body; y >= 0 && y < r.mouse.rows {
		return r.do(r.view(), r.view().Update(screen.Wheel{X: x, Y: y, By: by}))
	}
	return nil
}
