// Package images is the screen of what the store has: found by typing, looked
// at, selected for a pod, removed, and added to by naming a file.
//
// It fills no pod and runs nothing; what was chosen is a wish to the root.
package images

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/feed"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/match"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/table"
)

// Engine is what the screen needs of it.
type Engine interface {
	Images() ([]engine.Entry, error)
	Image(id string) (engine.Image, error)
	Resolve(ctx context.Context, reference string, sink event.Sink) (engine.Image, error)
	RemoveImage(id string) error
}

// Chosen is the wish to put images into the pod.
type Chosen struct{ Images []engine.Entry }

// Screen is the Images screen.
type Screen struct {
	env    *screen.Env
	engine Engine
	ctx    context.Context // ends with the program, and with it the imports

	all    []engine.Entry // in the order of sort
	looks  []look         // for each of all
	rows   []int          // indices into all, as they are shown
	table  table.Table
	marked map[string]bool // IDs
	sort   order
	err    error // why there is no list
	loaded bool
	load   int // the generation of the last listing that was asked for
	under  details

	filtering bool
	filter    field.Line
	query     match.Query
	ranking   match.Ranking

	adding  bool
	path    field.Path
	imports []*importing
}

// New returns the screen; Load fills it.
func New(ctx context.Context, env *screen.Env, engine Engine) *Screen {
	return &Screen{
		env: env, engine: engine, ctx: ctx,
		table:  table.Table{Columns: columns},
		marked: map[string]bool{},
	}
}

// Typing reports whether letters go into a field.
func (s *Screen) Typing() bool { return s.filtering || s.adding }

// Update takes a message, and follows the cursor to another image.
func (s *Screen) Update(msg tea.Msg) screen.Out {
	out := s.update(msg)
	out.Cmd = join(out.Cmd, s.follow())
	return out
}

// join is tea.Batch, which costs even where there is nothing to do.
func join(a, b tea.Cmd) tea.Cmd {
	if b == nil {
		return a
	}
	return tea.Batch(a, b)
}

func (s *Screen) update(msg tea.Msg) screen.Out {
	switch msg := msg.(type) {
	case Loaded:
		s.take(msg)
	case field.Listing:
		s.path.Take(msg)
	case feed.Events:
		return s.takeEvents(msg)
	case imported:
		return s.takeImported(msg)
	case removeAnswer:
		return screen.Do(s.remove(msg.image))
	case removed:
		return s.takeRemoved(msg)
	case followed:
		return s.takeDetails(msg)
	case tea.PasteMsg:
		return s.paste(msg.Content)
	case tea.KeyPressMsg:
		return s.key(msg)
	}
	return screen.Out{}
}

// key routes a keystroke to what has the focus.
func (s *Screen) key(k tea.KeyPressMsg) screen.Out {
	switch {
	case s.adding:
		return s.addKey(k)
	case s.filtering:
		return s.filterKey(k)
	}
	a := s.env.Keys.Action(k, keymap.Images, keymap.List, keymap.Everywhere)
	if s.table.Move(a) {
		return screen.Out{}
	}
	return s.act(a)
}

func (s *Screen) act(a keymap.Action) screen.Out {
	switch a {
	case keymap.ImagesFilter:
		s.filtering = true
	case keymap.ImagesAdd:
		return s.startAdding()
	case keymap.ImagesMark:
		s.mark()
	case keymap.ImagesChoose:
		return s.choose()
	case keymap.ImagesInspect:
		return s.inspect()
	case keymap.ImagesSort:
		s.nextOrder()
	case keymap.ImagesRemove:
		return s.askRemove()
	case keymap.Back:
		s.back() // and never out: who presses esc once too often stays
	case keymap.Quit:
		if !s.back() {
			return screen.Say(screen.Leave{})
		}
	}
	return screen.Out{}
}

// back takes back, one at a time: the failed imports, the filter, the
// selection. It reports whether there was anything.
func (s *Screen) back() bool {
	switch {
	case s.forgetFailures():
	case !s.query.Empty() || s.filter.Value() != "":
		s.setFilter("")
	case len(s.marked) > 0:
		clear(s.marked)
	default:
		return false
	}
	return true
}

func (s *Screen) paste(content string) screen.Out {
	switch {
	case s.adding:
		s.path.Insert(content)
		return screen.Do(s.path.Refresh())
	case s.filtering:
		s.filter.Insert(content)
		s.setFilter(s.filter.Value())
	}
	return screen.Out{}
}

// current is the image under the cursor.
func (s *Screen) current() (engine.Entry, bool) {
	i := s.table.Cursor()
	if i < 0 {
		return engine.Entry{}, false
	}
	return s.all[s.rows[i]], true
}

// mark selects the image under the cursor, or no longer, and goes on to the
// next, so that holding the key selects many.
func (s *Screen) mark() {
	img, ok := s.current()
	if !ok {
		return
	}
	if s.marked[img.ID] {
		delete(s.marked, img.ID)
	} else {
		s.marked[img.ID] = true
	}
	s.table.Move(keymap.Down)
}

// choose wishes the selected images into the pod, or the one under the cursor
// if none is selected. What was searched for is found then: the next search
// begins with nothing.
func (s *Screen) choose() screen.Out {
	var chosen []engine.Entry
	for _, img := range s.all {
		if s.marked[img.ID] {
			chosen = append(chosen, img)
		}
	}
	if img, ok := s.current(); ok && len(chosen) == 0 {
		chosen = append(chosen, img)
	}
	if len(chosen) == 0 {
		return screen.Out{}
	}
	clear(s.marked)
	under, _ := s.current()
	s.setFilter("")
	s.selectID(under.ID)
	return screen.Say(Chosen{chosen})
}
