package dialog

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// Grace is how long a question ignores keys that would answer it: they were
// meant for what was on the screen before.
const Grace = 300 * time.Millisecond

// Confirm asks before something that can't be taken back. Cancel is chosen
// until the user chooses otherwise.
type Confirm struct {
	Title  string   // the question, with the object's name in it
	Body   []string // what happens then
	Action string   // the button that does it, a verb: "remove"
	Yes    tea.Msg  // the answer if it is pressed

	// Also is one more button, further than the first; "": there is none.
	Also string
	Else tea.Msg // the answer if that is pressed

	opened time.Time
	yes    bool // the button that is chosen: Action, or, with also,
	also   bool // Also
}

// NewConfirm returns a question that is asked now.
func NewConfirm(now time.Time, title, action string, yes tea.Msg, body ...string) *Confirm {
	return &Confirm{Title: title, Body: body, Action: action, Yes: yes, opened: now}
}

// Key implements Dialog.
func (c *Confirm) Key(k tea.KeyPressMsg, keys *keymap.Map, now time.Time) (bool, tea.Msg) {
	early := now.Sub(c.opened) < Grace
	switch keys.Action(k, keymap.Dialog, keymap.Everywhere) {
	case keymap.DialogOther:
		c.yes, c.also = !c.yes || c.Also != "" && !c.also, c.yes && c.Also != "" && !c.also
	case keymap.DialogYes:
		return !early, c.answer(!early)
	case keymap.DialogTake:
		if !early && c.also {
			return true, c.Else
		}
		return !early, c.answer(!early && c.yes)
	case keymap.DialogNo, keymap.Cancel:
		return true, nil
	}
	return false, nil
}

func (c *Confirm) answer(yes bool) tea.Msg {
	if yes {
		return c.Yes
	}
	return nil
}

// Draw implements Dialog.
func (c *Confirm) Draw(t *theme.Theme, w, h int) (string, int, int) {
	inner := min(w-4, 64)
	rows := text.Wrap(text.Escape(c.Title), inner)
	title := len(rows)
	if len(c.Body) > 0 {
		rows = append(rows, "")
	}
	for _, b := range c.Body {
		rows = append(rows, text.Wrap(text.Escape(b), inner)...)
	}
	if room := h - 4; len(rows) > room { // the buttons must be seen
		rows = rows[:max(room, 0)]
	}
	width := 0
	for _, r := range rows {
		width = max(width, text.Width(r))
	}
	buttons := text.Width(c.Action) + len("cancel") + 10
	if c.Also != "" {
		buttons += text.Width(c.Also) + 6
	}
	width = min(max(width, buttons, 30), max(w-4, 0))

	p := draw.New(width, len(rows)+2)
	for i, r := range rows {
		style := t.Text
		if i < title {
			style = t.Strong
		}
		p.Line(style, r)
	}
	p.Next()
	c.buttons(p, t)
	return frame(t, p.String(), width, len(rows)+2, w, h)
}

// buttons draws them, the chosen one in reverse and in brackets.
func (c *Confirm) buttons(p *draw.Page, t *theme.Theme) {
	all := []string{"cancel", text.Escape(c.Action)}
	chosen := 0
	if c.yes {
		chosen = 1
	}
	if c.Also != "" {
		all = append(all, text.Escape(c.Also))
		if c.also {
			chosen = 2
		}
	}
	putButtons(p, t, all, chosen)
}
