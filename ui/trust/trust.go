// Package trust is the screen of whom this host believes: the keys, for which
// images each counts and which of the store's it vouches for, and what was approved
// by its digest. Keys are added from a file or from the web, looked at before they
// are trusted, and removed.
//
// What is believed is decided in the engine; the screen asks, shows and says what a
// change would mean. A key that an image brings along is reviewed elsewhere.
package trust

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/match"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/table"
)

// Engine is what the screen needs of it.
type Engine interface {
	Images() ([]engine.Entry, error)
	Trusted() (engine.Trusted, error)
	ReadKeys(ctx context.Context, source string) ([]engine.Offer, error)
	Trust(prefix string, key engine.KeyInfo) (engine.TrustChange, error)
	Distrust(fingerprint string, prefix *string) ([]engine.TrustedKey, error)
	Withdraw(pin string) error
}

// Changed is the wish to have everybody see that other keys count now, and the
// words about it.
type Changed struct{ Notice screen.Notice }

// Screen is the Trust screen.
type Screen struct {
	env    *screen.Env
	engine Engine
	ctx    context.Context // ends with the program

	all      []entry // in the order of sort
	rows     []row   // as they are shown
	widths   widths  // that their words take
	warnings []string
	table    table.Table
	listAt   int // the row where the table was drawn
	sort     order
	turned   bool            // the other way round
	marked   map[string]bool // IDs of entries
	loaded   bool
	err      error // why there is no list
	load     int   // the generation of the last listing that was asked for
	shown    bool
	want     string // what the cursor goes to with the next listing

	filtering bool
	filter    field.Line
	query     match.Query

	add adding
}

// New returns the screen; Show fills it.
func New(ctx context.Context, env *screen.Env, engine Engine) *Screen {
	s := &Screen{env: env, engine: engine, ctx: ctx, marked: map[string]bool{}}
	s.table = table.Table{Columns: slices.Clone(columns), Fixed: func(i int) bool { return s.rows[i].heading != "" }}
	return s
}

// Typing reports whether letters go into a field.
func (s *Screen) Typing() bool { return s.filtering || s.add.step != notAdding }

// Warning is what deserves a look: files among the keys that don't count.
func (s *Screen) Warning() string {
	if len(s.warnings) == 0 || s.Typing() { // the key that tells would be typed
		return ""
	}
	key, _ := s.env.Keys.Hint(keymap.TrustWarnings)
	if len(s.warnings) == 1 {
		return "one of the files with keys does not count; " + key + " tells why"
	}
	return number(len(s.warnings)) + " of the files with keys do not count; " + key + " tells why"
}

// Problem is what stands in the way of the key that is being added.
func (s *Screen) Problem() string {
	switch {
	case s.add.step == notAdding:
		return ""
	case s.add.fault != nil:
		return s.add.fault.Error()
	case s.add.err != nil:
		return s.add.err.Error()
	}
	return ""
}

// Update takes a message.
func (s *Screen) Update(msg tea.Msg) screen.Out {
	switch msg := msg.(type) {
	case loaded:
		s.take(msg)
	case field.Listing:
		return screen.Say(screen.Typed(s.add.path.Take(msg)))
	case keysRead:
		return s.takeKeys(msg)
	case trustAnswer:
		return s.takeAnswer(msg)
	case trusted:
		return s.takeTrusted(msg)
	case counts:
		return screen.Say(Changed{})
	case removeAnswer:
		return screen.Do(s.remove(msg.entries))
	case removed:
		return s.takeRemoved(msg)
	case tea.PasteMsg:
		return s.paste(msg.Content)
	case tea.KeyPressMsg:
		return s.key(msg)
	case screen.Click:
		if s.add.step == notAdding && s.table.Click(msg.Y-s.listAt) {
			s.filtering = false
		}
	case screen.Wheel:
		if s.add.step == notAdding {
			s.table.Select(s.table.Place() + msg.By)
		}
	}
	return screen.Out{}
}

// key routes a keystroke to what has the focus.
func (s *Screen) key(k tea.KeyPressMsg) screen.Out {
	switch {
	case s.add.step == addSource:
		return s.sourceKey(k)
	case s.add.step == addScope:
		return s.scopeKey(k)
	case s.filtering:
		s.filterKey(k)
		return screen.Out{}
	}
	return s.Act(s.env.Keys.Action(k, keymap.Trust, keymap.List, keymap.Everywhere))
}

// Act does what an action says, whatever it came by.
func (s *Screen) Act(a keymap.Action) screen.Out {
	if s.table.Move(a) {
		return screen.Out{}
	}
	switch a {
	case keymap.TrustAdd:
		return s.startAdding()
	case keymap.TrustInspect:
		return s.inspect()
	case keymap.TrustRemove:
		return s.askRemove()
	case keymap.TrustFilter:
		s.filtering = true
	case keymap.TrustSort:
		s.nextOrder()
	case keymap.TrustReverse:
		s.turn()
	case keymap.TrustMark:
		s.mark()
	case keymap.TrustMarkAll:
		s.markAll()
	case keymap.TrustInvert:
		s.invert()
	case keymap.TrustWarnings:
		return s.showWarnings()
	case keymap.Back, keymap.Quit:
		switch {
		case s.filter.Value() != "":
			s.search("")
		case len(s.marked) > 0:
			clear(s.marked)
		default:
			return screen.Say(screen.Leave{})
		}
	}
	return screen.Out{}
}

// paste puts text where it is typed. Where nothing is, it is the file or the
// address of a key.
func (s *Screen) paste(content string) screen.Out {
	content = oneLine(content)
	switch {
	case s.add.step == addScope:
		s.add.scope.Insert(content)
	case s.filtering:
		s.filter.Insert(content)
		s.search(s.filter.Value())
	default:
		return s.pasteSource(content)
	}
	return screen.Out{}
}

// showWarnings tells of the files that don't count.
func (s *Screen) showWarnings() screen.Out {
	if len(s.warnings) == 0 {
		return screen.Say(screen.Notice{Text: "all files with keys count"})
	}
	d := &dialog.Text{Title: "files that do not count"}
	for _, w := range s.warnings {
		d.Lines = append(d.Lines, dialog.Span{Text: "! " + w})
	}
	return screen.Say(screen.Ask{Dialog: d})
}
