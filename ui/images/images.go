// Package images is the screen of what the store has and of what could be in it:
// both are found by typing. Images are looked at, selected for a pod, removed;
// what is elsewhere is fetched, several at once, and its way is shown.
//
// The screen fills no pod and runs nothing; what was chosen is a wish to the root.
// Nothing is asked beyond the host but for what a search names: plan.go says whom.
package images

import (
	"context"
	"slices"
	"strings"

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
	RemoveImage(id string) error
	Fetch(ctx context.Context, reference string, o engine.FetchOptions, sink event.Sink) (engine.Image, error)
	Trust(prefix string, key engine.KeyInfo) (engine.TrustChange, error)

	Discover(ctx context.Context, name string) (engine.Discovered, error)
	Tags(ctx context.Context, reference, after string) (engine.Page, error)
	Repositories(ctx context.Context, host, after string) (engine.Page, error)
	ImageFiles(ctx context.Context, folder string, found func(engine.ImageFile) bool) error
}

// Chosen is the wish to put images into the pod.
type Chosen struct{ Images []engine.Entry }

// Referred is the wish to put what a reference means into the pod, to be fetched
// when that runs.
type Referred struct{ Reference string }

// Screen is the Images screen.
type Screen struct {
	env    *screen.Env
	engine Engine
	ctx    context.Context // ends with the program, and with it the fetches

	all    []engine.Entry    // in the order of sort
	looks  []look            // for each of all
	labels map[string]string // by ID, once they were read
	rows   []int             // indices into all, as they are shown
	table  table.Table
	listAt int             // the row where the table was drawn
	marked map[string]bool // IDs
	sort   sorting
	err    error // why there is no list
	loaded bool
	load   int // the generation of the last listing that was asked for
	under  details

	// Welcome draws what stands there while there is nothing yet, "" where it doesn't;
	// Demo is whether it offers one. Both are the root's to say.
	Welcome func(w, h int) string
	Demo    bool

	filtering bool
	filter    field.Line
	query     match.Query
	ranking   match.Ranking
	finder    finder
	trail     []step // the repositories that were looked into

	adding  bool
	path    field.Path
	fetches fetches
}

// step is a place that was looked into, and what was searched for before.
type step struct{ inside, from string }

// New returns the screen; Load fills it.
func New(ctx context.Context, env *screen.Env, engine Engine) *Screen {
	s := &Screen{
		env: env, engine: engine, ctx: ctx,
		finder: finder{ctx: ctx, engine: engine},
		marked: map[string]bool{},
	}
	s.table = table.Table{Columns: slices.Clone(columns), Fixed: s.fixed}
	return s
}

// Typing reports whether letters go into a field.
func (s *Screen) Typing() bool { return s.filtering || s.adding }

// Update takes a message, and follows the cursor to another image.
func (s *Screen) Update(msg tea.Msg) screen.Out { return s.after(s.update(msg)) }

// Act does what an action says, whatever it came by.
func (s *Screen) Act(a keymap.Action) screen.Out { return s.after(s.act(a)) }

func (s *Screen) after(out screen.Out) screen.Out {
	out.Cmd = join(join(out.Cmd, s.follow()), s.pulse())
	if s.finder.rows > 0 {
		out.Cmd = join(out.Cmd, s.finder.more(s.table.Cursor()-s.above()))
		s.resize()
	}
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
		return screen.Do(s.take(msg))
	case indexed:
		s.takeIndex(msg)
	case field.Listing:
		return screen.Say(screen.Typed(s.path.Take(msg)))
	case feed.Events:
		return s.takeEvents(msg)
	case fetched:
		return s.takeFetched(msg)
	case reviewed:
		return s.takeReview(msg)
	case trusted:
		return s.takeTrusted(msg)
	case unverifiedAnswer:
		return s.takeUnverified(msg)
	case beat:
		s.fetches.beats = false
	case answered:
		s.takeAnswer(msg)
	case found:
		if s.takeAnswer(msg.answered) && !msg.last {
			return screen.Do(msg.more)
		}
	case removeAnswer:
		return screen.Do(s.remove(msg.images))
	case removed:
		return s.takeRemoved(msg)
	case followed:
		return s.takeDetails(msg)
	case tea.PasteMsg:
		return s.paste(msg.Content)
	case tea.KeyPressMsg:
		return s.key(msg)
	case screen.Click:
		return s.click(msg)
	case screen.Wheel:
		return s.wheel(msg)
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
	case s.fetches.focus:
		return s.act(s.env.Keys.Action(k, keymap.Fetches, keymap.List, keymap.Everywhere))
	}
	return s.act(s.env.Keys.Action(k, s.scopes()...))
}

// Scopes are those that the help tells of, but for what works on every screen.
func (s *Screen) Scopes() []keymap.Scope {
	scopes := make([]keymap.Scope, 0, 6) // with room for those of the root: each key asks
	if s.fetches.focus {
		return append(scopes, keymap.Fetches)
	}
	return append(scopes, keymap.Images, keymap.Offer, keymap.Inside, keymap.Edit)
}

// scopes are those whose keys work in the list: enter takes what is under the
// cursor, whatever that is.
func (s *Screen) scopes() []keymap.Scope {
	scopes := []keymap.Scope{keymap.Inside, keymap.Offer, keymap.Images, keymap.List, keymap.Everywhere}
	switch o, ok := s.offered(); {
	case !ok:
		return scopes[2:]
	case o.inside == "":
		return scopes[1:]
	}
	return scopes
}

func (s *Screen) act(a keymap.Action) screen.Out {
	switch {
	case s.fetches.focus:
		return s.actOnFetch(a)
	case s.table.Move(a):
		return screen.Out{}
	}
	switch a {
	case keymap.ImagesFilter:
		s.filtering = true
	case keymap.ImagesAdd:
		return s.startAdding()
	case keymap.ImagesMark:
		s.mark()
	case keymap.ImagesMarkAll:
		s.markAll()
	case keymap.ImagesInvert:
		s.invert()
	case keymap.ImagesChoose:
		return s.choose()
	case keymap.ImagesInspect:
		return s.inspect()
	case keymap.ImagesSort:
		s.nextOrder()
	case keymap.ImagesReverse:
		s.reverse()
	case keymap.ImagesRemove:
		return s.askRemove()
	case keymap.ImagesFetches:
		s.fetches.focus = len(s.fetches.list) > 0
	case keymap.OfferFetch, keymap.OfferInto, keymap.OfferTags:
		return s.actOnOffer(a)
	case keymap.Back:
		work, _ := s.back() // and never out: who presses esc once too often stays
		return screen.Do(work)
	case keymap.Quit:
		work, any := s.back()
		if !any {
			return screen.Say(screen.Leave{})
		}
		return screen.Do(work)
	}
	return screen.Out{}
}

// actOnOffer does what a key says to what could be fetched.
func (s *Screen) actOnOffer(a keymap.Action) screen.Out {
	o, _ := s.offered()
	switch {
	case o.more != nil:
		return screen.Do(s.finder.readOn(o.more))
	case a == keymap.OfferTags && o.guess:
		return s.notYet()
	case a == keymap.OfferTags:
		return screen.Do(s.lookInto(o.inside))
	case a == keymap.OfferInto:
		return screen.Say(Referred{o.reference})
	}
	return s.fetch(o.reference)
}

// notYet says why nothing is taken, if that is for want of an answer. It stays
// true when the answer comes: the words do not go before the next key.
func (s *Screen) notYet() screen.Out {
	who := s.finder.asked()
	if len(who) == 0 {
		return screen.Out{}
	}
	return screen.Say(screen.Notice{Text: "nothing taken: " + strings.Join(who, ", ") + " had not answered yet"})
}

// lookInto searches for what is inside of something that was found.
func (s *Screen) lookInto(inside string) tea.Cmd {
	s.trail = append(s.trail, step{inside, s.filter.Value()})
	return s.search(inside)
}

// comeOut goes back to what was searched for before a repository was looked into.
func (s *Screen) comeOut() (work tea.Cmd, any bool) {
	for len(s.trail) > 0 {
		last := s.trail[len(s.trail)-1]
		s.trail = s.trail[:len(s.trail)-1]
		if strings.HasPrefix(s.filter.Value(), last.inside) {
			return s.search(last.from), true
		}
	}
	return nil, false
}

// back takes back, one at a time: a repository that was looked into, the search,
// the selection, what is left of fetches. It reports whether there was anything.
func (s *Screen) back() (work tea.Cmd, any bool) {
	if work, any = s.comeOut(); any {
		return work, true
	}
	switch {
	case s.filter.Value() != "":
		return s.search(""), true
	case len(s.marked) > 0:
		clear(s.marked)
		return nil, true
	}
	return nil, s.forgetEnded()
}

// paste puts text where it is typed. A reference that is pasted while nothing is
// typed is searched for.
func (s *Screen) paste(content string) screen.Out {
	content = strings.TrimRight(content, "\r\n")
	switch {
	case s.adding:
		if s.path.Hold(tea.PasteMsg{Content: content}, false) {
			return screen.Out{}
		}
		s.path.Insert(content)
		return screen.Do(s.path.Refresh())
	case s.filtering:
		s.filter.Insert(content)
		return screen.Do(s.search(s.filter.Value()))
	}
	s.fetches.focus, s.fetches.open = false, false
	s.filtering = true
	return screen.Do(s.search(strings.TrimSpace(content)))
}

// current is the image under the cursor.
func (s *Screen) current() (engine.Entry, bool) {
	i := s.table.Cursor()
	if i < 0 || i >= len(s.rows) {
		return engine.Entry{}, false
	}
	return s.all[s.rows[i]], true
}

// offered is what could be fetched, if that is under the cursor.
func (s *Screen) offered() (offer, bool) {
	row := s.table.Cursor() - s.above()
	if row < 0 || row >= s.finder.rows {
		return offer{}, false
	}
	p, i := s.finder.at(row)
	return p.offer(i, s.finder.plan.direct), true
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
		return s.notYet()
	}
	clear(s.marked)
	under, _ := s.current()
	s.search("")
	s.selectID(under.ID)
	return screen.Say(Chosen{chosen})
}
