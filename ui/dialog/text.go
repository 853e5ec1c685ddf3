package dialog

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// Text shows something whole that the screen shows cut. It scrolls, and any
// other key closes it.
type Text struct {
	Title string
	Lines []Span

	words  []string // of a command line, instead of Lines
	offset int
	page   int // rows of the last drawing, for paging
	most   int // the furthest that scrolling goes
}

// Span is a line of a Text: a word of its own style, and the rest.
type Span struct {
	Head string // drawn in the accent, in a column of its own if all lines have one
	Text string
}

// NewText shows plain lines under a title.
func NewText(title, body string) *Text {
	d := &Text{Title: title}
	for l := range strings.SplitSeq(body, "\n") {
		d.Lines = append(d.Lines, Span{Text: l})
	}
	return d
}

// Key implements Dialog.
func (d *Text) Key(k tea.KeyPressMsg, keys *keymap.Map, _ time.Time) (bool, tea.Msg) {
	step := max(d.page-1, 1)
	switch keys.Action(k, keymap.List) {
	case keymap.Up:
		d.offset--
	case keymap.Down:
		d.offset++
	case keymap.PageUp:
		d.offset -= step
	case keymap.PageDown:
		d.offset += step
	case keymap.Home:
		d.offset = 0
	case keymap.End:
		d.offset = d.most
	default:
		return true, nil
	}
	d.offset = max(min(d.offset, d.most), 0)
	return false, nil
}

// Draw implements Dialog.
func (d *Text) Draw(t *theme.Theme, w, h int) (string, int, int) {
	head := d.headWidth()
	width := max(min(d.width(head), w-4), 0)
	rows := d.rows(head, width)
	height := max(min(len(rows)+2, h-2), 1)
	d.page = max(height-2, 1)
	d.most = max(len(rows)-d.page, 0)
	d.offset = min(d.offset, d.most)

	p := draw.New(width, height)
	p.Put(t.Strong, d.Title)
	if d.most > 0 {
		p.Right(t.Dim, text.Number(d.offset+d.page)+" of "+text.Number(len(rows))+" ↓↑")
	}
	p.Next()
	p.Next()
	for _, r := range rows[d.offset:min(d.offset+d.page, len(rows))] {
		if r.Head != "" && r.Text == "" { // a title, over both columns
			p.Line(t.Accent, r.Head)
			continue
		}
		p.PutIn(t.Accent, r.Head, head)
		p.Line(t.Text, r.Text)
	}
	return frame(t, p.String(), width, height, w, h)
}

func (d *Text) headWidth() int {
	n := 0
	for _, l := range d.Lines {
		if l.Head != "" && l.Text != "" {
			n = max(n, text.Width(l.Head)+2)
		}
	}
	return n
}

func (d *Text) width(head int) int {
	n := max(text.Width(d.Title)+16, text.Width(text.Escape(spec.Quote(d.words)))+2)
	for _, l := range d.Lines {
		n = max(n, head+text.Width(text.Escape(l.Text)))
	}
	return min(n, 120)
}

// rows wraps the lines to the width.
func (d *Text) rows(head, width int) []Span {
	var rows []Span
	if d.words != nil {
		for _, row := range ShellRows(d.words, width) {
			rows = append(rows, Span{Text: text.Escape(row)})
		}
	}
	for _, l := range d.Lines {
		first := l.Head
		for _, part := range text.Wrap(text.Escape(l.Text), width-head) {
			rows = append(rows, Span{first, part})
			first = ""
		}
	}
	return rows
}
