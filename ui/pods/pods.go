// Package pods is the screen that lists the pods of this host, whoever started
// them, and does what can be done to them: for itself, and for whoever else shows
// one. It knows of the pods what the engine tells by itself; nothing is polled but
// what running pods use, and that only of those in view.
package pods

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/console"
	"github.com/podtui/podtui/ui/feed"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/match"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/table"
)

// Engine is what the screen needs of it.
type Engine interface {
	FollowPods(ctx context.Context, tell func(engine.PodsChange) error) error
	PodUsage(uuid string) ([]engine.Usage, error)
	Logs(ctx context.Context, uuid string, o engine.LogOptions, out func([]poddir.LogLine) error) error
	StopPod(ctx context.Context, uuid string, o engine.StopOptions) error
	RestartPod(ctx context.Context, uuid string, stop engine.StopOptions, o engine.RunOptions, sink event.Sink) (*engine.Running, error)
	RunPrepared(ctx context.Context, uuid string, o engine.RunOptions, sink event.Sink) (*engine.Running, error)
	RemovePod(uuid string) error
	GC(ctx context.Context, o engine.GCOptions) (engine.Collected, error)
	Roots
	console.Attacher
	console.Enterer
}

// Open is the wish to watch a pod.
type Open struct {
	UUID      string
	Apps      []string
	Images    map[string]string // what to call the images, by ID
	Preparing bool
}

// Inspect is the wish to see a pod's page.
type Inspect struct{ UUID string }

// StopStart is the wish to give up a start that is under way here.
type StopStart struct{ UUID string }

// Changed tells that pods are not what they were.
type Changed struct {
	Begun []string // the UUIDs of those that are run or restarted from here
}

// Screen is the Pods screen.
type Screen struct {
	env    *screen.Env
	engine Engine
	ctx    context.Context // ends with the program

	feed    *follow
	known   map[string]*pod // those that the engine told of
	starts  []*pod          // those that are started from here, or could not be
	all     []*pod          // of both, in the order of sort
	rows    []*pod          // as they are shown
	sort    order
	turned  bool // the other way round
	running int  // how many of all, and how many of them are selected
	marks   int
	loaded  bool
	err     error // why nothing more is told
	table   table.Table
	listAt  int               // the row where the table was drawn
	widths  [len(columns)]int // that the words of all pods take
	want    string            // the pod that the cursor goes to as soon as it is there

	filtering bool
	filter    field.Line
	before    string // what was searched for when the line was opened
	query     match.Query
	ranking   match.Ranking
	folded    []string // of all: side by side, they are looked through faster

	peek  peek
	shown bool
	look  int           // the generation of looks at what pods use
	turns chan struct{} // how many pods something is done to at once
}

// pod is one of the list.
type pod struct {
	poddir.Status
	start  bool // it is not the engine's yet: its screen here tells of it
	marked bool
	load   stages.Load
	past   *stages.History // of it; nil: nobody has looked yet

	doing   string // what is being done to it: "stopping"
	trouble string // why the last of that did not work

	words words
}

// New returns the screen; Follow fills it.
func New(ctx context.Context, env *screen.Env, engine Engine) *Screen {
	const atOnce = 8
	return &Screen{
		env: env, engine: engine, ctx: ctx, known: map[string]*pod{},
		table: table.Table{Columns: slices.Clone(columns[:])}, turns: make(chan struct{}, atOnce),
	}
}

// Show returns the work of looking at what the pods use, as long as they are on
// the screen, and of following them again if that has failed.
func (s *Screen) Show() tea.Cmd {
	s.shown = true
	s.look++
	cmds := []tea.Cmd{s.measure(0)}
	if s.err != nil {
		s.err = nil
		cmds = append(cmds, s.Follow())
	}
	return tea.Batch(cmds...)
}

// Hide stops looking.
func (s *Screen) Hide() {
	s.shown = false
	s.endPeek()
}

// Typing reports whether letters go into a field.
func (s *Screen) Typing() bool { return s.filtering }

// Running is how many pods run.
func (s *Screen) Running() int { return s.running }

// Pod tells how a pod is, what is being done to it, and why the last of that did
// not work.
func (s *Screen) Pod(uuid string) (p poddir.Status, doing, trouble string, ok bool) {
	if p := s.find(uuid); p != nil {
		return p.Status, p.doing, p.trouble, true
	}
	return p, "", "", false
}

// History is what a running pod used in the last minutes, as far as it was looked at.
// Nil: there is no such pod.
func (s *Screen) History(uuid string) *stages.History {
	p := s.known[uuid]
	if p == nil || p.State != poddir.Running {
		return nil
	}
	if p.past == nil {
		p.past = &stages.History{}
	}
	return p.past
}

// Listed reports whether the engine has told of a pod.
func (s *Screen) Listed(uuid string) bool { return s.known[uuid] != nil }

// Update takes a message.
func (s *Screen) Update(msg tea.Msg) screen.Out { return s.peeked(s.update(msg)) }

func (s *Screen) update(msg tea.Msg) screen.Out {
	switch msg := msg.(type) {
	case peekAt:
		return s.readPeek(msg)
	case feed.Output:
		return s.takePeek(msg)
	case changes:
		return s.take(msg)
	case looked:
		return s.takeLooks(msg)
	case again:
		if msg.look == s.look && s.shown {
			return screen.Do(s.measure(msg.n))
		}
	case answer:
		return s.agreed(msg)
	case collectAnswer:
		return screen.Do(s.collect(msg))
	case done:
		return s.takeDone(msg)
	case collected:
		return s.takeCollected(msg)
	case appAnswer:
		return s.takeApp(msg)
	case commandAnswer:
		return s.takeCommand(msg)
	case rootOf:
		return s.takeRoot(msg)
	case savePath:
		return s.takeSavePath(msg)
	case rootSaved:
		return s.takeRootSaved(msg)
	case left:
		return s.takeLeft(msg)
	case tea.PasteMsg:
		if s.filtering {
			s.filter.Insert(oneLine(msg.Content))
			s.search(s.filter.Value())
		}
	case tea.KeyPressMsg:
		return s.key(msg)
	case screen.Click:
		if s.table.Click(msg.Y - s.listAt) {
			s.filtering, s.want = false, ""
		}
	case screen.Wheel:
		s.table.Select(s.table.Place() + msg.By)
		s.want = ""
	}
	return screen.Out{}
}

// take puts what has changed into the list.
func (s *Screen) take(c changes) screen.Out {
	if c.from != s.feed {
		return screen.Out{}
	}
	if c.err != nil {
		if s.ctx.Err() == nil {
			s.err = c.err
		}
		return screen.Out{}
	}
	if c.all {
		for uuid := range s.known {
			if _, still := c.now[uuid]; !still {
				delete(s.known, uuid)
			}
		}
	}
	for uuid := range c.gone {
		delete(s.known, uuid)
	}
	for uuid, status := range c.now {
		p := s.known[uuid]
		if p == nil {
			p = &pod{}
			s.known[uuid] = p
		}
		s.set(p, status)
	}
	s.loaded = s.loaded || c.all
	s.merge()
	out := screen.Say(Changed{})
	if c.more {
		out.Cmd = c.from.read(s.ctx, false)
	}
	return out
}

// set gives a pod its new status.
func (s *Screen) set(p *pod, status poddir.Status) {
	if status.Runs != p.Runs && p.Runs > 0 { // what was asked of the run before says nothing of this one
		s.env.Stop(status.UUID, false)
	}
	if status.State != poddir.Running || status.Runs != p.Runs {
		p.load, p.past = stages.Load{}, nil
	}
	if status.State != p.State {
		p.trouble = ""
	}
	p.Status = status
	p.words = wordsOf(status)
}
