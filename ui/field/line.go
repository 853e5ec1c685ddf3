// Package field is what forms are typed into: a line of text, and a path that
// completes itself.
//
// The line is our own and not Bubbles' textinput, because a value has to come
// out as it went in: an argument or a variable may hold a newline, a tab or
// bytes that are not UTF-8, and all of them are drawn escaped and kept.
package field

import (
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// Line is one line that is being edited. The zero value is empty.
type Line struct {
	value string
	at    int // the caret, a byte between two runes
}

// Value is what the line holds.
func (l *Line) Value() string { return l.value }

// Set replaces the value and puts the caret behind it.
func (l *Line) Set(v string) { l.value, l.at = v, len(v) }

// Insert puts text where the caret is.
func (l *Line) Insert(s string) {
	l.value = l.value[:l.at] + s + l.value[l.at:]
	l.at += len(s)
}

// Key takes a keystroke and reports whether it was for the line.
func (l *Line) Key(k tea.KeyPressMsg, keys *keymap.Map) bool {
	if a := keys.Action(k, keymap.Edit); a != keymap.None {
		return l.edit(a)
	}
	if k.Text == "" {
		return false
	}
	l.Insert(k.Text)
	return true
}

// edit does what an action of the edit scope says, if it is about the line.
func (l *Line) edit(a keymap.Action) bool {
	switch a {
	case keymap.EditLeft:
		l.at = l.before()
	case keymap.EditRight:
		l.at = l.after()
	case keymap.EditHome:
		l.at = 0
	case keymap.EditEnd:
		l.at = len(l.value)
	case keymap.EditWordLeft:
		l.at = l.wordBefore()
	case keymap.EditWordRight:
		l.at = l.wordAfter()
	case keymap.EditBackspace:
		l.remove(l.before(), l.at)
	case keymap.EditDelete:
		l.remove(l.at, l.after())
	case keymap.EditWordBack:
		l.remove(l.wordBefore(), l.at)
	case keymap.EditToStart:
		l.remove(0, l.at)
	case keymap.EditToEnd:
		l.remove(l.at, len(l.value))
	default:
		return false
	}
	return true
}

func (l *Line) remove(from, to int) {
	l.value = l.value[:from] + l.value[to:]
	l.at = from
}

func (l *Line) before() int {
	_, n := utf8.DecodeLastRuneInString(l.value[:l.at])
	return l.at - n
}

func (l *Line) after() int {
	_, n := utf8.DecodeRuneInString(l.value[l.at:])
	return l.at + n
}

// Words are what separators part; so ctrl+w takes one element of a path.
func separator(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("/=,:;", r)
}

func (l *Line) wordBefore() int {
	i := strings.TrimRightFunc(l.value[:l.at], separator)
	return strings.LastIndexFunc(i, separator) + 1
}

func (l *Line) wordAfter() int {
	rest := l.value[l.at:]
	i := len(rest) - len(strings.TrimLeftFunc(rest, separator))
	if j := strings.IndexFunc(rest[i:], separator); j >= 0 {
		return l.at + i + j
	}
	return len(l.value)
}

// Draw draws the line with its caret into the next width cells of a row; a
// line that is too long is shown around its caret.
func (l *Line) Draw(p *draw.Page, t *theme.Theme, width int) {
	width = min(width, p.Room())
	if width <= 0 {
		return
	}
	end := p.X() + width
	head := text.Escape(l.value[:l.at])
	under, tail := " ", ""
	if l.at < len(l.value) {
		under = text.Escape(l.value[l.at:l.after()])
		tail = text.Escape(l.value[l.after():])
	}
	if under == "" { // a selector that is not drawn
		under = " "
	}
	under = text.Truncate(under, width)
	room := width - text.Width(under)
	p.Put(t.Text, text.TruncateLeft(head, max(room-min(text.Width(tail), 4), 0)))
	p.Put(t.Caret, under)
	p.Put(t.Text, text.Truncate(tail, end-p.X()))
	p.To(end)
}
