package compose

import (
	"cmp"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/text"
)

// written is the pod of the form in other words, over the whole of the screen: a command
// line, a pod manifest, what Kubernetes and systemd take. Nothing can be changed there;
// what becomes known of images meanwhile shows.
type written struct {
	forms  []form
	at     int // of forms
	offset int
	page   int // rows of the last drawing
	most   int // the furthest that scrolling goes
}

// form is the pod in the words of somebody.
type form struct {
	name   string
	what   string   // for messages: "the command line"
	use    string   // what it is for
	suffix string   // of a file that holds it
	words  []string // of a command line, which is broken so that a shell puts it together
	seen   []string // these words as they are shown
	body   string   // "": it can't be written, and notes say why
	shows  string   // what is shown of it, if that isn't all
	notes  []string // what is to be known of it, beside what stands in it
	secret bool     // values of variables stand in it
}

// showAs shows the pod in other words, the command line first.
func (s *Screen) showAs() screen.Out {
	s.written = &written{forms: s.forms()}
	return screen.Out{}
}

// writtenKey takes a key while that is looked at.
func (s *Screen) writtenKey(k tea.KeyPressMsg) screen.Out {
	return s.actWritten(s.env.Keys.Action(k, keymap.Written, keymap.List, keymap.Everywhere))
}

// actWritten does what an action says there.
func (s *Screen) actWritten(a keymap.Action) screen.Out {
	v := s.written
	switch a {
	case keymap.WrittenNext:
		v.turn(1)
	case keymap.WrittenPrev:
		v.turn(-1)
	case keymap.WrittenCopy:
		return v.copy()
	case keymap.WrittenSave:
		return s.askSave()
	case keymap.Back, keymap.Quit:
		s.written = nil
	case keymap.Up:
		v.scroll(-1)
	case keymap.Down:
		v.scroll(1)
	case keymap.PageUp:
		v.scroll(1 - v.page)
	case keymap.PageDown:
		v.scroll(v.page - 1)
	case keymap.Home:
		v.scroll(-v.most)
	case keymap.End:
		v.scroll(v.most)
	}
	return screen.Out{}
}

// cover notes what is shown of the form, if that isn't all of it.
func (f *form) cover(shown string) {
	if f.body != "" && shown != f.body {
		f.shows = shown
		f.notes = append([]string{"Values of secrets are hidden here; a copy and a file have them."}, f.notes...)
	}
}

func (v *written) turn(by int) {
	v.at = (v.at + by + len(v.forms)) % len(v.forms)
	v.offset = 0
}

func (v *written) scroll(by int) { v.offset = max(min(v.offset+by, v.most), 0) }

func (v *written) copy() screen.Out {
	f := v.forms[v.at]
	if f.body == "" {
		return screen.Say(screen.Notice{Text: f.notes[0], Wrong: true})
	}
	return screen.Say(screen.Copy{Text: f.body, What: f.what})
}

// writtenFooter is the actions that matter there.
func writtenFooter() []keymap.Action {
	return []keymap.Action{keymap.WrittenCopy, keymap.WrittenSave, keymap.WrittenNext, keymap.Down, keymap.Back}
}

func (s *Screen) drawWritten(w, h int) string {
	v, t := s.written, s.env.Theme
	p := draw.New(w, h)
	p.To(1)
	for i, f := range v.forms {
		style := t.Dim
		if i == v.at {
			style = t.Tab
		}
		p.Put(style, f.name)
		p.To(p.X() + 3)
	}
	rows := v.forms[v.at].rows(max(w-2, 1))
	v.page = max(h-2, 1)
	if h > 8 {
		v.page = h - 3
	}
	v.most = max(len(rows)-v.page, 0)
	v.offset = min(v.offset, v.most)
	if v.most > 0 {
		p.Right(t.Dim, text.Number(v.offset+v.page)+" of "+text.Number(len(rows))+" ↓↑ ")
	}
	p.Next()
	p.To(1)
	p.Line(t.Dim, v.forms[v.at].use)
	if h > 8 {
		p.Next()
	}
	for _, row := range rows[v.offset:min(v.offset+p.Rows(), len(rows))] {
		style := t.Text
		if row.note {
			style = t.Waiting
		}
		p.To(1)
		p.PutEscaped(style, row.text)
		p.Next()
	}
	return p.String()
}

// writtenRow is a row of the screen, escaped.
type writtenRow struct {
	text string
	note bool
}

// rows are those of the form at a width: its text, and what is to be known of it. That
// comes first where there is more to read, so that nobody misses it.
func (f form) rows(width int) []writtenRow {
	var said, notes []writtenRow
	for _, note := range f.notes {
		for _, row := range text.Wrap(text.Escape(note), width) {
			notes = append(notes, writtenRow{row, true})
		}
	}
	if f.words != nil {
		for _, row := range dialog.ShellRows(f.seen, width) {
			said = append(said, writtenRow{text.Escape(row), false})
		}
	}
	for _, line := range f.lines() {
		for _, row := range text.Wrap(text.Escape(line), width) {
			said = append(said, writtenRow{row, false})
		}
	}
	switch {
	case len(notes) == 0 || len(said) == 0:
		return append(notes, said...)
	case f.words != nil:
		return append(append(said, writtenRow{}), notes...)
	}
	return append(append(notes, writtenRow{}), said...)
}

// lines are those of the text, but for a command line's, which are broken to fit.
func (f form) lines() []string {
	if f.body == "" || f.words != nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(cmp.Or(f.shows, f.body), "\n"), "\n")
}

// Writes reports whether the pod is shown in other words.
func (s *Screen) Writes() bool { return s.written != nil }
