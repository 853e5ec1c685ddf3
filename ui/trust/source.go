package trust

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/screen"
)

// startAdding asks for a key, with nothing left of the one before.
func (s *Screen) startAdding() screen.Out {
	s.add.step, s.add.err, s.add.all = addSource, nil, false
	s.add.path.Set("")
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
	leaves := a == keymap.EditCancel || a == keymap.Cancel
	needs := !isAddress(typed) && (a == keymap.EditNext || a == keymap.EditAccept && typed != "")
	switch {
	case leaves && s.add.opening:
		s.endReading()
		return screen.Out{}
	case leaves:
		s.stopAdding()
		return screen.Out{}
	case s.hold(k) || s.add.path.Hold(k, needs):
		return screen.Out{}
	case a == keymap.EditAccept:
		return s.acceptSource()
	}
	s.add.path.Key(k, s.env.Keys)
	if s.add.path.Value() != typed {
		s.add.fault = nil
	}
	return screen.Do(s.refreshPath())
}

// hold keeps what is typed ahead while a file is opened: it is for the next line.
func (s *Screen) hold(typed tea.Msg) bool {
	const most = 256
	if s.add.opening && len(s.add.held) < most {
		s.add.held = append(s.add.held, typed)
	}
	return s.add.opening
}

// pasteSource takes a path or an address, and asks for one if nobody did.
func (s *Screen) pasteSource(content string) screen.Out {
	var read tea.Cmd
	if s.add.step == notAdding {
		read = s.startAdding().Cmd
	}
	if paste := (tea.PasteMsg{Content: content}); s.hold(paste) || s.add.path.Hold(paste, false) {
		return screen.Out{}
	}
	s.add.fault = nil
	s.add.path.Insert(content)
	return screen.Do(tea.Batch(read, s.refreshPath()))
}

// acceptSource begins to read what is typed. A folder is gone into instead, and a
// name that has only one ending is completed first. While an address is asked the
// form goes on; a file is there at once or not at all.
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
	read := s.read(typed)
	s.add.err, s.add.ready = nil, false
	if s.add.opening = !isAddress(typed); !s.add.opening {
		s.add.step = addScope
	}
	return screen.Do(read)
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

// takeKeys goes on with what was read. What was typed ahead of a file that is none
// was meant for a line that does not come.
func (s *Screen) takeKeys(m keysRead) screen.Out {
	if m.load != s.add.load {
		return screen.Out{}
	}
	held, opened := s.add.held, s.add.opening
	s.add.held, s.add.opening = nil, false
	s.add.offers, s.add.fault = m.offers, m.err
	switch {
	case m.err != nil:
	case opened:
		s.add.step = addScope
		return screen.Say(screen.Typed(held))
	case s.add.ready:
		return s.ask()
	}
	return screen.Out{}
}
