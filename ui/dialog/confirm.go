package dialog

import (
	"cmp"
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
	Action string   // the button that does it, a verb: "remove"; "": there is nothing to be done
	Yes    tea.Msg  // the answer if it is pressed

	// Also is one more button, further than the first; "": there is none.
	Also string
	Else tea.Msg // the answer if that is pressed

	Leave string // the button that leaves everything as it is; "": "cancel"

	opened time.Time
	chosen int // of words
	spots
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
		c.chosen = (c.chosen + 1) % len(c.words())
	case keymap.DialogLeft: // and never round to what can't be taken back
		c.chosen = max(c.chosen-1, 0)
	case keymap.DialogRight:
		c.chosen = min(c.chosen+1, len(c.words())-1)
	case keymap.DialogYes:
		if !early && c.Action != "" {
			return true, c.Yes
		}
	case keymap.DialogTake:
		if !early {
			return true, c.answer()
		}
	case keymap.DialogNo, keymap.Cancel:
		return true, nil
	}
	return false, nil
}

// answer is what the chosen button says.
func (c *Confirm) answer() tea.Msg {
	return []tea.Msg{nil, c.Yes, c.Else}[c.chosen]
}

// words are those of the buttons, in the order of what they lead to.
func (c *Confirm) words() []string {
	all := []string{cmp.Or(c.Leave, "cancel")}
	for _, more := range []string{c.Action, c.Also} {
		if more != "" {
			all = append(all, text.Escape(more))
		}
	}
	return all
}

// Footer is what can be done now, for the line of keys.
func (c *Confirm) Footer() []keymap.Action {
	if c.Action == "" {
		return []keymap.Action{keymap.DialogTake}
	}
	return []keymap.Action{keymap.DialogNo, keymap.DialogYes, keymap.DialogOther, keymap.DialogTake}
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
	width = min(max(width, buttonsWidth(c.words()), 30), max(w-4, 0))

	p := draw.New(width, len(rows)+2)
	for i, r := range rows {
		style := t.Text
		if i < title {
			style = t.Strong
		}
		p.Line(style, r)
	}
	p.Next()
	c.putButtons(p, t, c.words(), c.chosen)
	return c.frame(t, p.String(), width, len(rows)+2, w, h)
}
