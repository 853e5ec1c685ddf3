package images

import (
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/screen"
)

func (s *Screen) startAdding() screen.Out {
	s.adding = true
	s.path.Forget() // files come and go
	return screen.Do(s.path.Refresh())
}

// addKey edits the path of the file to add.
func (s *Screen) addKey(k tea.KeyPressMsg) screen.Out {
	a := s.env.Keys.Action(k, keymap.Edit, keymap.Everywhere)
	switch {
	case a == keymap.EditCancel || a == keymap.Cancel:
		s.adding = false
		s.path.Forget()
		return screen.Out{}
	case s.path.Hold(k, a == keymap.EditNext || a == keymap.EditAccept && s.path.Value() != ""):
		return screen.Out{}
	case a == keymap.EditAccept:
		return s.acceptPath()
	}
	s.path.Key(k, s.env.Keys)
	return screen.Do(s.path.Refresh())
}

// acceptPath fetches what the path names. A folder is gone into instead, and a
// name that has only one ending is completed first.
func (s *Screen) acceptPath() screen.Out {
	typed := s.path.Value()
	if typed == "" {
		s.adding = false
		return screen.Out{}
	}
	if fit := s.path.Candidates(); len(fit) == 1 && !slices.Contains(fit, filepath.Base(typed)) {
		s.path.Complete()
		typed = s.path.Value()
	}
	if strings.HasSuffix(typed, "/") {
		return screen.Do(s.path.Refresh())
	}
	s.adding = false
	return s.fetch(reference(typed))
}

// reference makes a path one by its form alone: "busybox" in the current
// folder would be taken for an image's name.
func reference(path string) string {
	path = field.Home(path)
	if strings.HasPrefix(path, "/") || strings.HasPrefix(path, "./") || strings.HasPrefix(path, "../") {
		return path
	}
	return "./" + path
}
