// Package pod is the page of one pod: all that is known of it, in sections. It
// shows how the pod is, as it is told by the root, and what was decided about it
// when it was made; what is done to the pod is wished for, and done elsewhere.
package pod

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/feed"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/table"
)

// Engine is what the page needs of it.
type Engine interface {
	PodSpec(uuid string) (spec.Pod, error)
	PodManifestJSON(uuid string) ([]byte, error)
	PodUsage(uuid string) ([]engine.Usage, error)
	PodTraffic(uuid string) ([]engine.Traffic, error)
	Watch(ctx context.Context, uuid string, sink event.Sink) error
}

// State is how a pod is.
type State struct {
	Status  poddir.Status
	Doing   string // what is being done to it: "stopping"
	Trouble string // why the last of that did not work
	Gone    bool   // it is not there any more; the rest is as it was

	History *stages.History // of what it uses; nil: it does not run
}

// Act is the wish to do something to the pod, or to one of its apps.
type Act struct {
	Action keymap.Action
	UUID   string
	App    string // that the cursor is on; "": none
}

// Logs is the wish to see what the apps write, or one of them.
type Logs struct {
	UUID string
	App  string // that the cursor is on; "": none
}

// section is a part of the page.
type section int

const (
	apps section = iota
	network
	volumes
	events
	manifest
	command
	sections
)

// Screen is the page.
type Screen struct {
	env    *screen.Env
	engine Engine
	ctx    context.Context
	cancel context.CancelFunc
	called []string // podtui, as it was called

	state State
	load  stages.Load

	traffic, earlier []engine.Traffic // at the last look, and at the one before
	pick             int              // which of the published ports is chosen

	at     section
	table  table.Table     // of the apps
	tabs   draw.Tabs       // the sections
	appsAt int             // the row where the table was drawn
	tops   [sections]int   // the first row in view
	pages  [sections]int   // rows in view at the last drawing
	rows   [sections][]row // of the sections that are read only
	why    [sections]error // why a section has nothing

	pod  spec.Pod
	json string

	feed  *feed.Feed
	story []event.Event

	shown bool
	look  int
}

// New returns a page; Set and Load fill it.
func New(ctx context.Context, env *screen.Env, engine Engine, called []string) *Screen {
	ctx, cancel := context.WithCancel(ctx)
	if len(called) == 0 {
		called = []string{"podtui"}
	}
	return &Screen{env: env, engine: engine, ctx: ctx, cancel: cancel, called: called, table: table.Table{Columns: columns}}
}

// Close ends what the page reads.
func (s *Screen) Close() { s.cancel() }

// UUID is the pod's.
func (s *Screen) UUID() string { return s.state.Status.UUID }

// Name is what the pod is called on the screen.
func (s *Screen) Name() string { return stages.PodLabel(s.state.Status) }

// Problem is why the last thing that was done to the pod did not work.
func (s *Screen) Problem() string { return s.state.Trouble }

// Set says how the pod is now.
func (s *Screen) Set(state State) {
	if state.Gone {
		s.state.Gone, s.state.Doing = true, ""
		return
	}
	again := state.Status.Runs != s.state.Status.Runs
	s.state = state
	if again {
		s.load = stages.Load{}
	}
	if again || state.Status.State != poddir.Running {
		s.traffic, s.earlier = nil, nil
	}
	s.table.SetLen(len(state.Status.Apps))
	s.connect()
}

// Load returns the work of reading what was decided about the pod, and of following
// its story.
func (s *Screen) Load() tea.Cmd {
	uuid, f := s.UUID(), feed.New()
	s.feed = f
	read := func() tea.Msg {
		pod, specErr := s.engine.PodSpec(uuid)
		manifest, manifestErr := s.engine.PodManifestJSON(uuid)
		return loaded{s, pod, specErr, manifest, manifestErr}
	}
	watch := func() tea.Msg {
		err := s.engine.Watch(s.ctx, uuid, f.Sink())
		f.Close()
		return watched{s, err}
	}
	return tea.Batch(read, watch, f.Read(s.ctx, true))
}

// loaded is what was decided about the pod.
type loaded struct {
	of          *Screen
	pod         spec.Pod
	specErr     error
	manifest    []byte
	manifestErr error
}

// watched is how reading the story ended.
type watched struct {
	of  *Screen
	err error
}

// Update takes a message. What belongs to another page is not taken.
func (s *Screen) Update(msg tea.Msg) screen.Out {
	switch msg := msg.(type) {
	case loaded:
		if msg.of == s {
			s.takeLoaded(msg)
		}
	case watched:
		if msg.of == s && s.ctx.Err() == nil {
			s.why[events] = msg.err
		}
	case feed.Events:
		if msg.From == s.feed {
			return s.takeEvents(msg)
		}
	case looked:
		if msg.of == s && msg.look == s.look && s.shown {
			s.load.Add(msg.uses)
			if h := s.state.History; h != nil {
				h.AddLoad(&s.load)
				h.AddTraffic(msg.traffic)
			}
			s.earlier, s.traffic = s.traffic, msg.traffic
			s.connect()
			return s.wait(msg.n)
		}
	case again:
		if msg.of == s && msg.look == s.look && s.shown {
			return screen.Do(s.measure(msg.n))
		}
	case screen.Click:
		if i := s.tabs.At(msg.X, msg.Y); i >= 0 {
			s.at = section(i)
		} else if s.at == apps {
			s.table.Click(msg.Y - s.appsAt)
		}
	case screen.Wheel:
		s.wheel(msg.By)
	case tea.KeyPressMsg:
		return s.key(msg)
	}
	return screen.Out{}
}

func (s *Screen) takeEvents(m feed.Events) screen.Out {
	const most = 5000 // a pod that is started again and again has a long story
	for _, e := range m.Events {
		if !e.Progress() && e.Type != event.AppLog {
			s.story = append(s.story, e)
		}
	}
	if len(s.story) > most {
		s.story = append(s.story[:0], s.story[len(s.story)-most:]...)
	}
	s.tell()
	if m.More {
		return screen.Do(m.From.Read(s.ctx, false))
	}
	return screen.Out{}
}
