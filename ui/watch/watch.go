// Package watch is the screen of one pod: how far it is while it starts, what
// its apps write, and how it ended. It draws what events and logs say and
// nothing else; leaving it changes nothing for the pod.
package watch

import (
	"cmp"
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/feed"
	"github.com/podtui/podtui/ui/logview"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
)

// Engine is what the screen needs of it.
type Engine interface {
	Run(ctx context.Context, pod spec.Pod, o engine.RunOptions, sink event.Sink) (*engine.Running, error)
	Watch(ctx context.Context, uuid string, sink event.Sink) error
	Logs(ctx context.Context, uuid string, o engine.LogOptions, out func([]poddir.LogLine) error) error
	StopPod(ctx context.Context, uuid string, o engine.StopOptions) error
	Trust(prefix string, key engine.KeyInfo) (engine.TrustChange, error)
	Approve(pin, note string) (engine.TrustChange, error)
}

// Changed tells that the pod runs now, or has ended.
type Changed struct{}

// ToForm is the wish to go back to the form that the pod came from.
type ToForm struct {
	Notice screen.Notice
	Field  string // that the start has failed for; "": none, or nobody knows
}

// Screen is the Watch screen of one pod.
type Screen struct {
	env    *screen.Env
	engine Engine
	ctx    context.Context
	cancel context.CancelFunc

	name       string        // what the pod is called where it has no name: its apps
	status     poddir.Status // as the list has it
	apps       []string
	pod        spec.Pod // that was started here
	options    engine.RunOptions
	references []string // of its images, one an app
	guessed    bool     // an app was not called what it is
	uuid       string   // once it runs

	here   bool // it was started from the form
	began  time.Time
	giveUp context.CancelFunc // ends its start
	stages stages.Stages
	feed   *feed.Feed
	logs   *feed.Lines
	output logview.View
	panes  panes // the output once more, an app each
	tabs   draw.Tabs
	since  time.Time // output from here on; zero: all that is kept
	find   finder

	preparing bool // somebody else starts it
	starting  bool
	halted    bool // its start was stopped from here
	stopping  bool
	ended     bool // its events are all there
	gone      bool // it was removed
	err       error
	logErr    error
}

// New returns a screen; Start or Attach gives it a pod.
func New(ctx context.Context, env *screen.Env, engine Engine) *Screen {
	ctx, cancel := context.WithCancel(ctx)
	return &Screen{env: env, engine: engine, ctx: ctx, cancel: cancel, output: logview.New()}
}

// Close ends what the screen reads, and a start that is under way. A pod that
// runs goes on.
func (s *Screen) Close() { s.cancel() }

// watched is how reading a pod's events ended.
type watched struct {
	of  *Screen
	err error
}

// stopped is how stopping a pod ended.
type stopped struct {
	of  *Screen
	err error
}

// Attach shows a pod that is there, from its first event on. The names of images
// are by ID. Of one that is only being prepared nothing may be known yet.
func (s *Screen) Attach(uuid string, apps []string, images map[string]string, preparing bool) tea.Cmd {
	s.call(apps)
	s.preparing = preparing
	s.uuid, s.stages.Names = uuid, images
	return s.follow()
}

// follow reads a pod's events and logs.
func (s *Screen) follow() tea.Cmd {
	f := feed.New()
	s.feed = f
	watch := func() tea.Msg {
		err := s.engine.Watch(s.ctx, s.uuid, f.Sink())
		f.Close()
		return watched{s, err}
	}
	return tea.Batch(watch, f.Read(s.ctx, true), s.readLogs())
}

// Update takes a message. What belongs to another pod is not taken.
func (s *Screen) Update(msg tea.Msg) screen.Out {
	switch msg := msg.(type) {
	case feed.Events:
		if msg.From == s.feed {
			return s.takeEvents(msg)
		}
	case feed.Output:
		if msg.From == s.logs {
			return s.takeLines(msg)
		}
	case started:
		if msg.of == s {
			return s.takeStarted(msg)
		}
	case watched:
		if msg.of == s {
			s.ended, s.preparing = true, false
			s.err = notCancelled(msg.err)
			return screen.Say(Changed{})
		}
	case stopped:
		if msg.of == s {
			return s.takeStopped(msg)
		}
	case reviewed:
		if msg.of == s {
			return s.takeReview(msg.decision)
		}
	case trusted:
		if msg.of == s {
			return s.takeTrusted(msg)
		}
	case approved:
		if msg.of == s {
			return s.takeApproved(msg)
		}
	case unverifiedAnswer:
		if msg.of == s {
			return s.takeUnverified(msg)
		}
	case sinceAnswer:
		if msg.of == s {
			return s.takeSince(msg)
		}
	case saveAnswer:
		if msg.of == s {
			return s.save(msg.path)
		}
	case saved:
		if msg.of == s {
			return s.takeSaved(msg)
		}
	case tea.PasteMsg:
		s.paste(msg.Content)
	case stopAnswer:
		if msg.of == s {
			return s.stop(msg.force)
		}
	case screen.Click:
		if i := s.tabs.At(msg.X, msg.Y); i >= 0 {
			s.showTab(i)
		} else if i := s.panes.at(msg.X, msg.Y); i >= 0 {
			s.panes.focus = i
		}
	case screen.Wheel:
		if i := s.panes.at(msg.X, msg.Y); i >= 0 {
			s.panes.list[i].Scroll(msg.By)
		} else {
			s.window().Scroll(msg.By)
		}
	case tea.KeyPressMsg:
		return s.key(msg)
	}
	return screen.Out{}
}

func (s *Screen) takeEvents(m feed.Events) screen.Out {
	s.stages.Add(m.Events...)
	s.stages.Asked = s.env.Stopped(s.uuid)
	s.begun()
	s.learn()
	s.preparing = s.preparing && len(s.stages.Apps) == 0 && s.stages.Exit == nil
	if m.More {
		return screen.Do(m.From.Read(s.ctx, false))
	}
	return screen.Out{}
}

func (s *Screen) takeLines(m feed.Output) screen.Out {
	s.output.Add(m.Lines)
	s.hear()
	if m.More {
		return screen.Do(m.From.Read(false))
	}
	s.logErr = notCancelled(m.Err)
	return screen.Out{}
}

func (s *Screen) takeStopped(m stopped) screen.Out {
	s.stopping = false
	if err := notCancelled(m.err); err != nil {
		s.env.Stop(s.uuid, false)
		return screen.Say(screen.Notice{Text: err.Error(), Wrong: true})
	}
	return screen.Out{}
}

func notCancelled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// key does what a keystroke says.
func (s *Screen) key(k tea.KeyPressMsg) screen.Out {
	if s.find.open {
		s.findKey(k)
		return screen.Out{}
	}
	return s.Act(s.env.Keys.Action(k, keymap.Watch, keymap.List, keymap.Everywhere))
}

// Act does what an action says, whatever it came by.
func (s *Screen) Act(a keymap.Action) screen.Out {
	if s.window().Move(a) {
		return screen.Out{}
	}
	switch a {
	case keymap.WatchStop:
		return s.AskStop()
	case keymap.WatchForm:
		if s.here {
			return screen.Say(ToForm{Field: s.field()})
		}
	case keymap.WatchRun: // of a pod that there is, the root does it
		if s.here && s.uuid == "" && s.ended {
			return screen.Do(s.begin())
		}
	case keymap.WatchReview:
		if d := s.reviewOf(); d != nil {
			return screen.Say(screen.Ask{Dialog: d})
		}
	case keymap.WatchUnverified:
		return s.askUnverified()
	case keymap.WatchWrap:
		wrap := !s.window().Wrap
		for _, v := range s.windows() {
			v.Wrap = wrap
		}
	case keymap.WatchTimes:
		times := !s.window().Times
		for _, v := range s.windows() {
			v.Times = times
		}
	case keymap.WatchNextApp:
		s.turn(1)
	case keymap.WatchPrevApp:
		s.turn(-1)
	case keymap.WatchSplit:
		s.nextSplit()
	case keymap.WatchCopy:
		return s.copyLines()
	case keymap.WatchSearch:
		s.openFinder()
	case keymap.WatchNext:
		s.window().NextMatch(1)
	case keymap.WatchPrev:
		s.window().NextMatch(-1)
	case keymap.WatchSince:
		return s.askSince()
	case keymap.WatchSave:
		return s.askSave()
	case keymap.Back, keymap.Quit:
		if s.window().Searched() != "" { // one level
			s.search("")
			return screen.Out{}
		}
		return screen.Say(screen.Leave{})
	}
	return screen.Out{}
}

// Here reports whether the pod was started from here.
func (s *Screen) Here() bool { return s.here }

// UUID is the pod's, "" before it has one. While it starts, its events know it.
func (s *Screen) UUID() string {
	if s.uuid == "" {
		return s.stages.Pod
	}
	return s.uuid
}

// Show shows what one app writes.
func (s *Screen) Show(app string) {
	s.output.Show(app)
	s.openPanes(app)
}

// Set says how the pod is now: what its events don't tell.
func (s *Screen) Set(status poddir.Status) { s.status = status }

// Missing says that the pod is not listed any more, if it ever was.
func (s *Screen) Missing() { s.gone = s.status.UUID != "" && s.ended }

// Prepared reports whether the pod is there and nobody has run it yet.
func (s *Screen) Prepared() bool { return s.status.State == poddir.Prepared && !s.ended }

// Name is what the pod is called on the screen: by its name, or its apps.
func (s *Screen) Name() string { return cmp.Or(s.status.Name, s.pod.Name, s.name) }

// Moving reports whether time changes what is shown.
func (s *Screen) Moving() bool { return !s.ended }
