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

// Paste asks for a text that may have several lines, which are pasted: what is
// typed is one.
type Paste struct {
	Title  string
	Body   []string
	Answer func(content string) tea.Msg

	pasted string // on several lines
	line   field.Line
}

// Key implements Dialog.
func (d *Paste) Key(k tea.KeyPressMsg, keys *keymap.Map, _ time.Time) (bool, tea.Msg) {
	switch keys.Action(k, keymap.Edit, keymap.Everywhere) {
	case keymap.EditAccept:
		if content := d.pasted + d.line.Value(); strings.TrimSpace(content) != "" {
			return true, d.Answer(content)
		}
	case keymap.EditCancel, keymap.Cancel:
		return true, nil
	case keymap.EditBackspace:
		if d.line.Value() == "" {
			d.pasted = ""
		}
		d.line.Key(k, keys)
	default:
		d.line.Key(k, keys)
	}
	return false, nil
}

// Paste takes what is pasted, as it is.
func (d *Paste) Paste(content string) {
	content = strings.ReplaceAll(strings.ReplaceAll(content, "\r\n", "\n"), "\r", "\n")
	if n := strings.LastIndexByte(content, '\n'); n >= 0 {
		d.pasted += d.line.Value() + content[:n+1]
		d.line.Set("")
		content = content[n+1:]
	}
	d.line.Insert(content)
}

// Footer is what can be done now, for the line of keys.
func (d *Paste) Footer() []keymap.Action {
	return []keymap.Action{keymap.EditAccept, keymap.EditCancel}
}

// Draw implements Dialog. Of several lines it shows the first.
func (d *Paste) Draw(t *theme.Theme, w, h int) (string, int, int) {
	width := max(min(w-4, 76), 1)
	head := text.Wrap(text.Escape(d.Title), width)
	var rows []string
	for _, b := range d.Body {
		rows = append(rows, text.Wrap(text.Escape(b), width)...)
	}
	rows = rows[:max(min(len(rows), h-len(head)-6), 0)]
	height := max(min(len(head)+len(rows)+4, h-2), 1)

	p := draw.New(width, height)
	for _, r := range head {
		p.Line(t.Strong, r)
	}
	for _, r := range rows {
		p.Line(t.Text, r)
	}
	p.Next()
	first, more, _ := strings.Cut(d.pasted, "\n")
	if d.pasted != "" {
		p.Line(t.Text, first)
		n := strings.Count(more, "\n")
		if d.line.Value() != "" {
			n++
		}
		p.Line(t.Dim, text.Count(n, "more line"))
	} else {
		p.Put(t.Accent, "› ")
		d.line.Draw(p, t, p.Room())
		p.Next()
	}
	return frame(t, p.String(), width, height, w, h)
}
