package images

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/feed"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
)

// fetching is an image on its way into the store.
type fetching struct {
	reference string
	operation string // what its events say they are of: each time it goes on, another
	state     fetchState
	stages    stages.Stages // drawn from what the engine says
	cancel    context.CancelFunc
	from      int64 // bytes that had come before it went on
	err       error // it failed; the row stays until it is put away

	believe    map[string][]engine.KeyInfo // keys for one image alone, as somebody said
	unverified bool                        // likewise: it comes though nobody vouches for it
}

type fetchState int

const (
	running fetchState = iota
	stopping
	stopped // here; what came is kept
	failed
)

func (f *fetching) under() bool { return f.state == running || f.state == stopping }

// file reports whether the image is read from this host.
func (f *fetching) file() bool { return isPath(f.reference) || strings.HasPrefix(f.reference, "file:") }

// fetches are all of them, and the cursor among them.
type fetches struct {
	list   []*fetching // the oldest first
	begun  int         // counts operations
	feed   *feed.Feed  // of all of them; nil until there is one
	cursor int
	focus  bool // the keys are for them, and not for the list
	open   bool // the one under the cursor has the whole screen
	beats  bool // a beat is on its way

	at, first, rows int // the row where they were drawn, from which one on, and how many
}

// current is the fetch under the cursor, nil if there is none.
func (f *fetches) current() *fetching {
	if len(f.list) == 0 {
		return nil
	}
	f.cursor = max(min(f.cursor, len(f.list)-1), 0)
	return f.list[f.cursor]
}

func (f *fetches) of(reference string) *fetching {
	for _, one := range f.list {
		if one.reference == reference {
			return one
		}
	}
	return nil
}

// running counts those that are under way.
func (f *fetches) running() int {
	n := 0
	for _, one := range f.list {
		if one.under() {
			n++
		}
	}
	return n
}

// remove takes one from the list. The keys go back to the images with the last.
func (f *fetches) remove(one *fetching) {
	i := slices.Index(f.list, one)
	if i < 0 {
		return
	}
	f.list = slices.Delete(f.list, i, i+1)
	if f.cursor > i {
		f.cursor--
	} else if f.cursor == i {
		f.open = false
	}
	if len(f.list) == 0 {
		f.focus, f.open = false, false
	}
}

// fetched ends a fetch.
type fetched struct {
	of        *fetching
	operation string
	image     engine.Image
	err       error
}

// fetch begins a fetch, or goes on with one. Who asks again for what is under
// way wants to see it.
func (s *Screen) fetch(reference string) screen.Out {
	one := s.fetches.of(reference)
	switch {
	case one == nil:
		one = &fetching{reference: reference}
		s.fetches.list = append(s.fetches.list, one)
		if !s.fetches.focus {
			s.fetches.cursor = len(s.fetches.list) - 1
		}
	case one.under():
		s.fetches.cursor = slices.Index(s.fetches.list, one)
		s.fetches.focus, s.fetches.open = true, true
		return screen.Out{}
	}
	return screen.Do(s.begin(one))
}

// begin starts the work. An image that carries no signature only comes into the
// store; whether it may run is asked when it shall. One whose signature is not
// believed does not come at all. Its source is asked though an older one is here:
// who fetches wants what there is now.
func (s *Screen) begin(one *fetching) tea.Cmd {
	ctx, cancel := context.WithCancel(s.ctx)
	s.fetches.begun++
	if one.state != running && !one.file() {
		one.from = one.stages.Kept()
	}
	one.operation, one.cancel = strconv.Itoa(s.fetches.begun), cancel
	one.state, one.err, one.stages = running, nil, stages.Stages{}
	var read tea.Cmd
	if s.fetches.feed == nil {
		s.fetches.feed = feed.New()
		read = s.fetches.feed.Read(s.ctx, true)
	}
	sink := s.fetches.feed.SinkAs(one.operation)
	m := fetched{of: one, operation: one.operation}
	return join(func() tea.Msg {
		defer cancel()
		m.image, m.err = s.engine.Fetch(ctx, one.reference, engine.FetchOptions{
			SkipVerify: one.unverified, AllowUnsigned: true, Believe: one.believe, Pull: spec.PullUpdate,
		}, sink)
		return m
	}, read)
}

// takeEvents gives events to the fetches that they are of.
func (s *Screen) takeEvents(m feed.Events) screen.Out {
	if m.From != s.fetches.feed {
		return screen.Out{}
	}
	for _, e := range m.Events {
		for _, one := range s.fetches.list {
			if one.operation == e.Pod {
				e.Pod = ""
				one.stages.Add(e)
				break
			}
		}
	}
	if !m.More {
		s.fetches.feed = nil
		return screen.Out{}
	}
	return screen.Do(m.From.Read(s.ctx, false))
}

// takeFetched ends a fetch: a new image is put into the list, a failure stays
// with its cause.
func (s *Screen) takeFetched(m fetched) screen.Out {
	one := m.of
	if m.operation != one.operation {
		return screen.Out{}
	}
	switch {
	case m.err == nil:
		return s.arrived(one, m.image.Entry())
	case one.state == stopping:
		one.state = stopped
		return screen.Out{} // its row says what was kept
	}
	one.state, one.err = failed, m.err
	return s.review(one, true)
}

// beat lets a second pass while something is fetched: a rate that no byte confirms
// any more has to go, and no event says so.
type beat struct{}

func (s *Screen) pulse() tea.Cmd {
	if s.fetches.beats || s.fetches.running() == 0 {
		return nil
	}
	s.fetches.beats = true
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return beat{} })
}

// brief is the fetch in one word and a number, beside what is fetched.
func (f *fetching) brief() string {
	switch f.state {
	case stopping, stopped:
		return "– stopped"
	case failed:
		if err := f.refused(); err != nil {
			return "✗ " + err.Refusal.Kind.String()
		}
		return "✗ failed"
	}
	return strings.TrimSpace("fetching " + f.stages.Percent())
}

// now tells what is being done in so many cells, at first what it goes on from.
func (f *fetching) now(now time.Time, room int) string {
	if f.from > 0 && f.stages.Kept() == 0 {
		return f.goingOn()
	}
	return f.stages.Summary(now, room)
}

func (f *fetching) goingOn() string { return "goes on from " + text.Bytes(f.from) }

// kept tells what a stopped fetch goes on from.
func (f *fetching) kept() string {
	if n := f.stages.Kept(); n > 0 && !f.file() {
		return "stopped, kept: goes on from " + text.Bytes(n)
	}
	return "stopped"
}

// arrived puts a new image into the list. It gets the cursor if it was looked at,
// and nothing else is being searched for or fetched: who begins one fetch after
// the other must not have the rows moved away under the keys, and who is at the
// fetches stays there as long as there are any. Its host is asked again for what
// it refused before: credentials may be there now.
func (s *Screen) arrived(one *fetching, img engine.Entry) screen.Out {
	o, _ := s.offered()
	looked := o.reference == one.reference || s.filter.Value() == ""
	if s.fetches.focus {
		looked = s.fetches.current() == one
	}
	s.fetches.remove(one)
	s.place(img)
	if looked && !s.fetches.focus && s.fetches.running() == 0 {
		if !s.selectID(img.ID) && !s.filtering {
			s.search("")
			s.selectID(img.ID)
		}
	}
	words := "fetched "
	if one.file() {
		words = "imported "
	}
	words += label(img)
	switch {
	case img.VerifiedBy != "":
	case one.unverified: // as somebody has said, who was told why
		words += " · not verified"
	default: // nothing else comes without being asked about
		words += " · not verified: no signature"
	}
	return screen.Out{Cmd: join(s.Load(), s.askAgain(one.reference)), Wish: screen.Notice{Text: words}}
}

// place puts a new image into the list at once; the listing that follows says
// the same.
func (s *Screen) place(img engine.Entry) {
	if slices.ContainsFunc(s.all, func(i engine.Entry) bool { return i.ID == img.ID }) {
		return
	}
	key := s.rowKey()
	s.all = append(s.all, img)
	s.sort.apply(s.all)
	s.replaceList(s.all, s.looksOf())
	s.stay(key)
}

// CancelFetch stops the fetch under the cursor, or the one that was begun last,
// if one is under way.
func (s *Screen) CancelFetch() bool {
	if one := s.fetches.current(); s.fetches.focus && one.state == running {
		one.stop()
		return true
	}
	for _, one := range slices.Backward(s.fetches.list) {
		if one.state == running {
			one.stop()
			return true
		}
	}
	return false
}

func (f *fetching) stop() {
	f.state = stopping
	f.stages.Stop() // what ends now is no failure
	f.cancel()
}

// Fetching is how many fetches are under way.
func (s *Screen) Fetching() int { return s.fetches.running() }

// forgetEnded puts away what failed or was stopped.
func (s *Screen) forgetEnded() bool {
	n := len(s.fetches.list)
	for _, one := range slices.Clone(s.fetches.list) {
		if !one.under() {
			s.fetches.remove(one)
		}
	}
	return len(s.fetches.list) < n
}

// actOnFetch does what an action says while the fetches have the focus.
func (s *Screen) actOnFetch(a keymap.Action) screen.Out {
	f, one := &s.fetches, s.fetches.current()
	switch a {
	case keymap.Up, keymap.PageUp, keymap.Down, keymap.PageDown, keymap.Home, keymap.End:
		f.move(a)
	case keymap.FetchesOpen:
		f.open = !f.open
	case keymap.FetchesStop:
		if one.state == running {
			one.stop()
		}
	case keymap.FetchesAgain:
		if !one.under() {
			return screen.Do(s.begin(one))
		}
	case keymap.FetchesReview:
		return s.review(one, false)
	case keymap.FetchesUnverified:
		return s.askUnverified(one)
	case keymap.FetchesSearch:
		f.focus, f.open = false, false
		s.filtering = true
		work := s.search(one.reference)
		return screen.Do(join(work, s.askAgain(one.reference)))
	case keymap.FetchesRemove:
		if !one.under() {
			f.remove(one)
		}
	case keymap.FetchesLeave:
		f.focus, f.open = false, false
	case keymap.Back, keymap.Quit:
		f.focus, f.open = f.open, false
	}
	return screen.Out{}
}

// move moves the cursor among the fetches; above the first are the images.
func (f *fetches) move(a keymap.Action) {
	const page = 5
	switch a {
	case keymap.Up:
		if f.cursor == 0 && !f.open {
			f.focus = false
		}
		f.cursor--
	case keymap.Down:
		f.cursor++
	case keymap.PageUp:
		f.cursor -= page
	case keymap.PageDown:
		f.cursor += page
	case keymap.Home:
		f.cursor = 0
	case keymap.End:
		f.cursor = len(f.list)
	}
	f.current()
}
