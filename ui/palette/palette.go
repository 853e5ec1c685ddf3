// Package palette is one box over any screen in which everything is found by typing:
// what can be done, pods, images, what was composed before. What is taken is its
// caller's answer; the palette does nothing itself, and leaving it changes nothing.
//
// It asks for no more than is looked at: what is found is matched as folded text, and
// only the rows in view are worked out.
package palette

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/match"
)

// Entry is one thing that can be found.
type Entry struct {
	ID   string // it is known again by, among those that were taken
	Name string // what is matched, and marked
	Note string // what it is, beside it
	Key  string // that does the same
	Does any    // what taking it answers with
}

// Group is entries of one kind.
type Group struct {
	Len    int
	Folded func(i int) string // begins with the folded name; what a search finds it by as well is set aside
	Entry  func(i int) Entry
	Find   func(id string) int // -1: it is not there
}

// Of makes a group of entries that are few. More is what else each is found by.
func Of(entries []Entry, more func(i int) string) Group {
	folded := make([]string, len(entries))
	for i, e := range entries {
		folded[i] = match.Fold(e.Name)
		if words := more(i); words != "" {
			folded[i] += match.Aside + match.Fold(words)
		}
	}
	return Group{
		Len: len(entries), Folded: func(i int) string { return folded[i] }, Entry: func(i int) Entry { return entries[i] },
		Find: func(id string) int {
			for i := range entries {
				if entries[i].ID == id {
					return i
				}
			}
			return -1
		},
	}
}

// Taken is the answer.
type Taken struct {
	ID   string
	Does any
}

// Box is the palette. It is a dialog.
type Box struct {
	found  found
	offers func(typed string) []Entry // what can be made of what is typed

	line   field.Line
	more   []Entry // of offers
	cursor int
	offset int
	page   int // rows in view at the last drawing
	framed bool
}

// New returns a box over some groups; those that were taken before, the last first,
// come first. Offers makes entries of what is typed.
func New(groups []Group, recent []string, offers func(typed string) []Entry) *Box {
	b := &Box{offers: offers, page: 1}
	b.found.set(groups, recent)
	b.search()
	return b
}

// Set replaces what can be found, and keeps the cursor on its entry: who has typed or
// moved has read it, and is about to take it.
func (b *Box) Set(groups []Group, recent []string) {
	under, read := b.under()
	read = read && (b.cursor > 0 || b.line.Value() != "")
	b.found.set(groups, recent)
	b.find()
	for i := range b.found.rows {
		if read && b.found.entry(i).ID == under.ID {
			b.cursor = i
			break
		}
	}
	b.move(0)
}

// search looks for what is typed.
func (b *Box) search() {
	b.find()
	b.cursor, b.offset = 0, 0
}

func (b *Box) find() {
	b.found.look(b.line.Value())
	b.more = nil
	if typed := strings.TrimSpace(b.line.Value()); typed != "" {
		b.more = b.offers(typed)
	}
}

// rows is how many there are to choose from.
func (b *Box) rows() int { return len(b.found.rows) + len(b.more) }

// row is what one of them says.
func (b *Box) row(i int) Entry {
	if n := len(b.found.rows); i >= n {
		return b.more[i-n]
	}
	return b.found.entry(i)
}

// under is what the cursor is on.
func (b *Box) under() (Entry, bool) {
	if b.cursor < b.rows() {
		return b.row(b.cursor), true
	}
	return Entry{}, false
}

func (b *Box) move(by int) { b.cursor = max(min(b.cursor+by, b.rows()-1), 0) }

// Key implements dialog.Dialog.
func (b *Box) Key(k tea.KeyPressMsg, keys *keymap.Map, _ time.Time) (done bool, answer tea.Msg) {
	before := b.line.Value()
	switch a := keys.Action(k, keymap.Palette, keymap.Edit, keymap.Everywhere); a {
	case keymap.PaletteTake:
		return b.take()
	case keymap.EditCancel, keymap.Cancel:
		return true, nil
	case keymap.PaletteComplete:
		if e, ok := b.under(); ok {
			b.line.Set(e.Name)
		}
	case keymap.EditUp:
		b.move(-1)
	case keymap.EditDown:
		b.move(1)
	case keymap.EditBackspace:
		if before == "" { // what opened it is taken back
			return true, nil
		}
		b.line.Key(k, keys)
	default:
		if !b.line.Key(k, keys) {
			b.turn(keys.Action(k, keymap.List))
		}
	}
	if b.line.Value() != before {
		b.search()
	}
	return false, nil
}

// turn moves as lists do, by keys that type nothing.
func (b *Box) turn(a keymap.Action) {
	switch a {
	case keymap.Up:
		b.move(-1)
	case keymap.Down:
		b.move(1)
	case keymap.PageUp:
		b.move(-max(b.page-1, 1))
	case keymap.PageDown:
		b.move(max(b.page-1, 1))
	case keymap.Home:
		b.move(-b.rows())
	case keymap.End:
		b.move(b.rows())
	}
}

func (b *Box) take() (bool, tea.Msg) {
	e, ok := b.under()
	if !ok {
		return false, nil
	}
	return true, Taken{e.ID, e.Does}
}

// Paste takes what is pasted, as one line.
func (b *Box) Paste(content string) {
	b.line.Insert(strings.Join(strings.Fields(content), " "))
	b.search()
}

// Footer is what can be done now, for the line of keys.
func (b *Box) Footer() []keymap.Action {
	actions := []keymap.Action{keymap.EditCancel}
	if b.rows() > 0 {
		actions = append([]keymap.Action{keymap.PaletteTake, keymap.PaletteComplete}, actions...)
	}
	return actions
}

// Click takes what is under the mouse.
func (b *Box) Click(_, y int, _ time.Time) (bool, tea.Msg) {
	if b.framed {
		y--
	}
	i := b.offset + y - head
	if y < head || y >= head+b.page || i >= b.rows() {
		return false, nil
	}
	b.cursor = i
	return b.take()
}

// Wheel moves among what there is.
func (b *Box) Wheel(by int) { b.move(by) }
