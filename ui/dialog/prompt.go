package dialog

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// Prompt asks for a line of text, and may offer some: up and down take one of
// them into the line, where it can be added to.
type Prompt struct {
	Title  string
	Body   []string
	Offers []string
	Check  func(typed string) error // why it can't be taken; nil: everything can
	Answer func(typed string) tea.Msg

	line   field.Line
	chosen int // of the offers, from 1 on; 0: none
	fault  string
}

// Refused asks once more, with what was typed and why that could not be done.
func (d *Prompt) Refused(typed, why string) *Prompt {
	d.line.Set(typed)
	d.fault = why
	return d
}

// Key implements Dialog.
func (d *Prompt) Key(k tea.KeyPressMsg, keys *keymap.Map, _ time.Time) (bool, tea.Msg) {
	d.fault = ""
	switch keys.Action(k, keymap.Edit, keymap.Everywhere) {
	case keymap.EditAccept:
		return d.accept()
	case keymap.EditCancel, keymap.Cancel:
		return true, nil
	case keymap.EditUp:
		d.offer(d.chosen - 1)
	case keymap.EditDown, keymap.EditNext:
		d.offer(d.chosen + 1)
	default:
		d.line.Key(k, keys)
	}
	return false, nil
}

func (d *Prompt) accept() (bool, tea.Msg) {
	typed := strings.TrimSpace(d.line.Value())
	if typed == "" {
		return false, nil
	}
	if d.Check != nil {
		if err := d.Check(typed); err != nil {
			d.fault = err.Error()
			return false, nil
		}
	}
	return true, d.Answer(typed)
}

func (d *Prompt) offer(i int) {
	if d.chosen = max(min(i, len(d.Offers)), 0); d.chosen > 0 {
		d.line.Set(d.Offers[d.chosen-1])
	}
}

// Paste takes what is pasted, as one line.
func (d *Prompt) Paste(content string) {
	d.fault = ""
	d.line.Insert(strings.Join(strings.Fields(content), " "))
}

// Footer is what can be done now, for the line of keys.
func (d *Prompt) Footer() []keymap.Action {
	actions := []keymap.Action{keymap.EditAccept, keymap.EditCancel}
	if len(d.Offers) > 0 {
		actions = append(actions, keymap.Down)
	}
	return actions
}

// Draw implements Dialog.
func (d *Prompt) Draw(t *theme.Theme, w, h int) (string, int, int) {
	width := max(min(w-4, 64), 1)
	rows := text.Wrap(text.Escape(d.Title), width)
	head := len(rows)
	for _, b := range d.Body {
		rows = append(rows, text.Wrap(text.Escape(b), width)...)
	}
	const around = 4 // the line, the fault, and what is empty
	rows = rows[:max(min(len(rows), h-2-around), 0)]
	offers := d.Offers[:max(min(len(d.Offers), h-2-around-len(rows)-1), 0)]
	height := max(min(len(rows)+around+len(offers), h-2), 1)

	p := draw.New(width, height)
	for i, r := range rows {
		style := t.Text
		if i < head {
			style = t.Strong
		}
		p.Line(style, r)
	}
	if len(rows) > 0 {
		p.Next()
	}
	p.Put(t.Accent, "› ")
	d.line.Draw(p, t, p.Room())
	p.Next()
	p.Line(t.Wrong, d.fault)
	for i, o := range offers {
		if i+1 == d.chosen {
			p.Put(t.Accent, "▌")
		}
		p.To(2)
		p.Line(t.Text, o)
	}
	return frame(t, p.String(), width, height, w, h)
}
