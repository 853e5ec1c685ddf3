package trust

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/screen"
)

// adding is a key on its way in: where it is, which images it is for, and then
// whether it is the one that is meant. While the second is typed the first is read.
type adding struct {
	step  step
	path  field.Path
	scope field.Line
	all   bool  // for all images, whatever scope holds
	err   error // what stands in the way of going on
	fault error // why there is nothing to read

	load    int // the generation of the last read
	cancel  context.CancelFunc
	offers  []engine.Offer // nil while they are read
	ready   bool           // the questions can begin as soon as there are offers
	asking  bool           // a question, or what was answered, is under way
	next    int            // the one that is asked about
	trusted []string       // the fingerprints of those that were agreed to
}

type step int

const (
	notAdding step = iota
	addSource
	addScope
)

// keysRead are the keys of a file, or at an address.
type keysRead struct {
	load   int
	offers []engine.Offer
	err    error
}

func (s *Screen) startAdding() screen.Out {
	s.add.step, s.add.err = addSource, nil
	s.add.scope.Set("")
	s.add.path.Forget() // files come and go
	return screen.Do(s.refreshPath())
}

// refreshPath reads the folder of a path that is typed. An address has none.
func (s *Screen) refreshPath() tea.Cmd {
	if isAddress(s.add.path.Value()) {
		return nil
	}
	return s.add.path.Refresh()
}

func isAddress(source string) bool { return strings.Contains(source, "://") }

// sourceKey edits where the key is.
func (s *Screen) sourceKey(k tea.KeyPressMsg) screen.Out {
	a, typed := s.env.Keys.Action(k, keymap.Edit, keymap.Everywhere), s.add.path.Value()
	needs := !isAddress(typed) && (a == keymap.EditNext || a == keymap.EditAccept && typed != "")
	switch {
	case a == keymap.EditCancel || a == keymap.Cancel:
		s.stopAdding()
		return screen.Out{}
	case s.add.path.Hold(k, needs):
		return screen.Out{}
	case a == keymap.EditAccept:
		return s.acceptSource()
	}
	before := s.add.path.Value()
	s.add.path.Key(k, s.env.Keys)
	if s.add.path.Value() != before {
		s.add.fault = nil
	}
	return screen.Do(s.refreshPath())
}

// pasteSource takes a path or an address, and asks for one if nobody did.
func (s *Screen) pasteSource(content string) screen.Out {
	var read tea.Cmd
	if s.add.step == notAdding {
		s.add.path.Set("")
		read = s.startAdding().Cmd
	}
	if s.add.path.Hold(tea.PasteMsg{Content: content}, false) {
		return screen.Out{}
	}
	s.add.fault = nil
	s.add.path.Insert(content)
	return screen.Do(tea.Batch(read, s.refreshPath()))
}

// acceptSource begins to read what is typed. A folder is gone into instead, and a
// name that has only one ending is completed first.
func (s *Screen) acceptSource() screen.Out {
	typed := s.add.path.Value()
	if typed == "" {
		s.stopAdding()
		return screen.Out{}
	}
	if !isAddress(typed) {
		if fit := s.add.path.Candidates(); len(fit) == 1 && !slices.Contains(fit, filepath.Base(typed)) {
			s.add.path.Complete()
			typed = s.add.path.Value()
		}
		if strings.HasSuffix(typed, "/") {
			return screen.Do(s.refreshPath())
		}
	}
	s.add.step, s.add.err = addScope, nil
	s.add.all, s.add.ready = false, false
	return screen.Do(s.read(typed))
}

// read returns the work of reading keys.
func (s *Screen) read(source string) tea.Cmd {
	s.endReading()
	ctx, cancel := context.WithCancel(s.ctx)
	s.add.cancel = cancel
	load := s.add.load
	return func() tea.Msg {
		defer cancel()
		offers, err := s.engine.ReadKeys(ctx, field.Home(source))
		if err == nil && len(offers) == 0 {
			err = errors.New(source + ": there is no key in it")
		}
		return keysRead{load, offers, err}
	}
}

// endReading gives up what is being read: its answer is for nobody.
func (s *Screen) endReading() {
	if s.add.cancel != nil {
		s.add.cancel()
	}
	s.add.load++
	s.add.cancel, s.add.offers, s.add.fault = nil, nil, nil
	s.add.asking, s.add.next, s.add.trusted = false, 0, nil
}

func (s *Screen) stopAdding() {
	s.endReading()
	s.add.path.Forget()
	s.add.step, s.add.err = notAdding, nil
}

func (s *Screen) takeKeys(m keysRead) screen.Out {
	if m.load != s.add.load {
		return screen.Out{}
	}
	s.add.offers, s.add.fault = m.offers, m.err
	if m.err == nil && s.add.ready {
		return s.ask()
	}
	return screen.Out{}
}

// scopeKey edits which images the key is for.
func (s *Screen) scopeKey(k tea.KeyPressMsg) screen.Out {
	if s.add.asking {
		return screen.Out{} // what was agreed to is being done
	}
	switch s.env.Keys.Action(k, keymap.TrustFor, keymap.Edit, keymap.Everywhere) {
	case keymap.TrustForAll:
		s.add.all = !s.add.all
	case keymap.EditCancel, keymap.Cancel:
		s.endReading()
		s.add.step, s.add.err = addSource, nil
		return screen.Do(s.refreshPath())
	case keymap.EditAccept:
		return s.acceptScope()
	default:
		if !s.add.all {
			s.add.scope.Key(k, s.env.Keys)
		}
	}
	s.add.ready, s.add.err = false, nil
	return screen.Out{}
}

var errNoScope = errors.New("for which images? type how their names begin, such as example.com/app")

// acceptScope begins to ask, once the keys are there. That nothing was typed does
// not mean all images: that has to be said.
func (s *Screen) acceptScope() screen.Out {
	switch {
	case s.add.fault != nil:
		s.add.step, s.add.err = addSource, nil
		return screen.Do(s.refreshPath())
	case s.add.all:
		s.add.err = nil
	case s.add.scope.Value() == "":
		s.add.err = errNoScope
	default:
		s.add.err = engine.CheckPrefix(s.add.scope.Value())
	}
	s.add.ready = s.add.err == nil
	if s.add.offers == nil || !s.add.ready {
		return screen.Out{}
	}
	return s.ask()
}

// oneLine is what is pasted without what ended its line.
func oneLine(content string) string { return strings.TrimRight(content, "\r\n") }
