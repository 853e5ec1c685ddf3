package trust

import (
	"context"
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/screen"
)

// adding is a key on its way in: where it is, which images it is for, and then
// whether it is the one that is meant. While the second is typed an address is asked
// for the first.
type adding struct {
	step  step
	path  field.Path
	scope field.Line
	all   bool  // for all images, whatever scope holds
	err   error // what stands in the way of going on
	fault error // why there is nothing to read

	load    int // the generation of the last read
	cancel  context.CancelFunc
	opening bool           // a file is being read, and the next line waits for it
	held    []tea.Msg      // typed ahead of that
	offers  []engine.Offer // nil while they are read
	ready   bool           // the questions can begin as soon as there are offers

	asking   bool      // a question, or what was answered, is under way
	chance   chance    // what an answer can lead to
	verdicts []verdict // of those that were asked about; the next is asked about now
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

// prefix is which images the keys are for, as the engine takes it.
func (a *adding) prefix() string {
	if a.all {
		return ""
	}
	return a.scope.Value()
}

// endReading gives up what is being read: its answer is for nobody.
func (s *Screen) endReading() {
	if s.add.cancel != nil {
		s.add.cancel()
	}
	s.add.load++
	s.add.cancel, s.add.offers, s.add.fault = nil, nil, nil
	s.add.opening, s.add.held = false, nil
	s.endAsking()
}

// endAsking leaves the form as it was before the questions.
func (s *Screen) endAsking() {
	s.add.ready, s.add.asking, s.add.verdicts = false, false, nil
}

func (s *Screen) stopAdding() {
	s.endReading()
	s.add.path.Forget()
	s.add.step, s.add.err = notAdding, nil
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

// checkScope says what is wrong with what was typed. That nothing was does not mean
// all images: that has to be said.
func (s *Screen) checkScope() error {
	switch {
	case s.add.all:
		return nil
	case s.add.scope.Value() == "":
		return errNoScope
	}
	return engine.CheckPrefix(s.add.scope.Value())
}

// acceptScope begins to ask, once the keys are there. Without any it is their place
// that has to be typed again.
func (s *Screen) acceptScope() screen.Out {
	if s.add.fault != nil {
		s.add.step, s.add.err = addSource, nil
		return screen.Do(s.refreshPath())
	}
	s.add.err = s.checkScope()
	s.add.ready = s.add.err == nil
	if s.add.offers == nil || !s.add.ready {
		return screen.Out{}
	}
	return s.ask()
}

// oneLine is what is pasted without what ended its line.
func oneLine(content string) string { return strings.TrimRight(content, "\r\n") }
