package images

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/feed"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
)

// importing is a file on its way into the store.
type importing struct {
	path   string
	feed   *feed.Feed
	stages stages.Stages // drawn from what the engine says
	cancel context.CancelFunc
	err    error // it failed; the row stays until it was seen
}

// imported ends an import.
type imported struct {
	of    *importing
	image engine.Entry
	err   error
}

func (s *Screen) startAdding() screen.Out {
	s.adding = true
	s.path.Forget() // files come and go
	return screen.Do(s.path.Refresh())
}

// addKey edits the path of the file to add.
func (s *Screen) addKey(k tea.KeyPressMsg) screen.Out {
	switch s.env.Keys.Action(k, keymap.Edit, keymap.Everywhere) {
	case keymap.EditCancel, keymap.Cancel:
		s.adding = false
		return screen.Out{}
	case keymap.EditAccept:
		return s.acceptPath()
	}
	s.path.Key(k, s.env.Keys)
	return screen.Do(s.path.Refresh())
}

// acceptPath imports what the path names. A folder is gone into instead, and a
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
	return screen.Do(s.startImport(typed))
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

func (s *Screen) startImport(path string) tea.Cmd {
	ctx, cancel := context.WithCancel(s.ctx)
	imp := &importing{path: path, feed: feed.New(), cancel: cancel}
	s.imports = append(s.imports, imp)
	work := func() tea.Msg {
		img, err := s.engine.Resolve(ctx, reference(path), imp.feed.Sink())
		imp.feed.Close()
		if err != nil {
			return imported{of: imp, err: err}
		}
		return imported{of: imp, image: img.Entry()}
	}
	return tea.Batch(work, imp.feed.Read(ctx, true))
}

func (s *Screen) takeEvents(e feed.Events) screen.Out {
	for _, imp := range s.imports {
		if imp.feed == e.From {
			imp.stages.Add(e.Events...)
			if e.More {
				return screen.Do(imp.feed.Read(s.ctx, false))
			}
		}
	}
	return screen.Out{}
}

// takeImported ends an import: the new image gets the cursor, a failure stays
// with its cause.
func (s *Screen) takeImported(m imported) screen.Out {
	m.of.cancel()
	if m.err != nil && !errors.Is(m.err, context.Canceled) {
		m.of.err = m.err
		return screen.Out{}
	}
	s.imports = slices.DeleteFunc(s.imports, func(i *importing) bool { return i == m.of })
	if m.err != nil {
		return screen.Say(screen.Notice{Text: m.of.path + ": import cancelled"})
	}
	s.setFilter("")
	s.place(m.image)
	return screen.Out{
		Cmd:  s.Load(),
		Wish: screen.Notice{Text: "imported " + label(m.image)},
	}
}

// place puts a new image into the list at once, and the cursor on it; the
// listing that follows says the same.
func (s *Screen) place(img engine.Entry) {
	if !slices.ContainsFunc(s.all, func(i engine.Entry) bool { return i.ID == img.ID }) {
		s.all = append(s.all, img)
		s.sort.apply(s.all)
		s.replaceList(s.all, looksOf(s.all))
	}
	s.selectID(img.ID)
}

// CancelImport cancels the import that was begun last, if one is under way.
func (s *Screen) CancelImport() bool {
	for _, imp := range slices.Backward(s.imports) {
		if imp.err == nil {
			imp.cancel()
			return true
		}
	}
	return false
}

// forgetFailures removes failed imports from the screen.
func (s *Screen) forgetFailures() bool {
	n := len(s.imports)
	s.imports = slices.DeleteFunc(s.imports, func(i *importing) bool { return i.err != nil })
	return len(s.imports) < n
}
