// Package pods is the screen that lists the pods of this host and leads to
// each of them. It reads the list again now and then while it is looked at,
// because other processes start and end pods too.
package pods

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/table"
)

// Engine is what the screen needs of it.
type Engine interface {
	Pods() ([]poddir.Status, error)
	StopPod(ctx context.Context, uuid string, o engine.StopOptions) error
}

// Open is the wish to watch a pod.
type Open struct {
	UUID      string
	Apps      []string
	Images    map[string]string // what to call the images, by ID
	Preparing bool
}

// StopStart is the wish to give up a start that is under way here.
type StopStart struct{ UUID string }

// Screen is the Pods screen.
type Screen struct {
	env    *screen.Env
	engine Engine
	ctx    context.Context

	all    []poddir.Status // the starts, then what was listed but for those
	listed []poddir.Status
	starts []poddir.Status
	table  table.Table
	loaded bool
	err    error
	load   int // the generation of the last listing that was asked for
	shown  bool
	want   string // the pod that the cursor goes to with the next listing
}

// New returns the screen; Show fills it.
func New(ctx context.Context, env *screen.Env, engine Engine) *Screen {
	return &Screen{env: env, engine: engine, ctx: ctx, table: table.Table{Columns: columns}}
}

// loaded is what pods there are.
type loaded struct {
	load int
	pods []poddir.Status
	err  error
}

// again is the time to look again.
type again struct{ load int }

// every is how often the list is read while it is on the screen.
const every = 2 * time.Second

// Show returns the work of listing the pods, now and as long as they are on
// the screen.
func (s *Screen) Show() tea.Cmd {
	s.shown = true
	return s.Load()
}

// Hide stops looking.
func (s *Screen) Hide() { s.shown = false }

// Load returns the work of listing the pods once, for the count in the first
// line of the screen. Of several that are under way only the last counts.
func (s *Screen) Load() tea.Cmd {
	s.load++
	load := s.load
	return func() tea.Msg {
		all, err := s.engine.Pods()
		return loaded{load, all, err}
	}
}

// Running is how many pods run.
func (s *Screen) Running() int {
	n := 0
	for _, p := range s.all {
		if p.State == poddir.Running {
			n++
		}
	}
	return n
}

// Update takes a message.
func (s *Screen) Update(msg tea.Msg) screen.Out {
	switch msg := msg.(type) {
	case loaded:
		return s.take(msg)
	case again:
		if msg.load == s.load && s.shown {
			return screen.Do(s.Load())
		}
	case stopAnswer:
		return screen.Do(s.stop(msg.uuid))
	case stopped:
		if msg.err != nil {
			s.env.Stop(msg.uuid, false)
			return screen.Say(screen.Notice{Text: msg.err.Error(), Wrong: true})
		}
		return screen.Do(s.Load())
	case tea.KeyPressMsg:
		return s.key(msg)
	}
	return screen.Out{}
}

// take replaces the list, and keeps the cursor on its pod.
func (s *Screen) take(l loaded) screen.Out {
	if l.load != s.load {
		return screen.Out{}
	}
	s.loaded, s.err = true, l.err
	if l.err == nil {
		s.listed = l.pods
		s.merge()
		s.want = ""
	}
	if !s.shown {
		return screen.Out{}
	}
	load := s.load
	return screen.Do(tea.Tick(every, func(time.Time) tea.Msg { return again{load} }))
}

// SetStarts says which pods are being started from here or could not be, the
// newest first: of the first the engine knows little, of the others nothing.
func (s *Screen) SetStarts(starts []poddir.Status) {
	if len(starts) > 0 || len(s.starts) > 0 {
		s.starts = starts
		s.merge()
	}
}

// merge puts the list together. The cursor stays on its pod; one that is in
// neither list at the moment, having just begun to run, gets it back.
func (s *Screen) merge() {
	want := s.want
	if under, had := s.current(); had && want == "" {
		want = under.UUID
	}
	s.all = slices.Clone(s.starts)
	for _, p := range s.listed {
		if !slices.ContainsFunc(s.starts, func(start poddir.Status) bool { return start.UUID == p.UUID }) {
			s.all = append(s.all, p)
		}
	}
	s.table.SetLen(len(s.all))
	if want != "" && !s.point(want) {
		s.want = want
	}
}

// start reports whether a pod is one of those that are started from here.
func (s *Screen) start(uuid string) bool {
	return slices.ContainsFunc(s.starts, func(p poddir.Status) bool { return p.UUID == uuid })
}

// Select puts the cursor on a pod, as soon as it is listed.
func (s *Screen) Select(uuid string) {
	s.point(uuid)
	s.want = uuid
}

func (s *Screen) point(uuid string) bool {
	i := slices.IndexFunc(s.all, func(p poddir.Status) bool { return p.UUID == uuid })
	if i >= 0 {
		s.table.Select(i)
	}
	return i >= 0
}

func (s *Screen) current() (poddir.Status, bool) {
	i := s.table.Cursor()
	if i < 0 {
		return poddir.Status{}, false
	}
	return s.all[i], true
}

func (s *Screen) key(k tea.KeyPressMsg) screen.Out {
	a := s.env.Keys.Action(k, keymap.Pods, keymap.List, keymap.Everywhere)
	if s.table.Move(a) {
		s.want = ""
		return screen.Out{}
	}
	switch a {
	case keymap.Back, keymap.Quit:
		return screen.Say(screen.Leave{})
	case keymap.PodsOpen:
		if p, ok := s.current(); ok {
			return screen.Say(Open{p.UUID, appNames(p), imageNames(p), p.State == poddir.Preparing})
		}
	case keymap.PodsStop:
		return s.askStop()
	}
	return screen.Out{}
}

// stopAnswer is the user's yes.
type stopAnswer struct{ uuid string }

// stopped is the engine's answer.
type stopped struct {
	uuid string
	err  error
}

func (s *Screen) askStop() screen.Out {
	p, ok := s.current()
	switch {
	case !ok:
		return screen.Out{}
	case p.State == poddir.Preparing && s.start(p.UUID):
		return screen.Say(StopStart{p.UUID})
	case p.State != poddir.Running:
		return screen.Say(screen.Notice{Text: name(p) + " does not run"})
	}
	return screen.Say(screen.Ask{Dialog: dialog.NewConfirm(s.env.Now(),
		"Stop "+name(p)+" ("+p.UUID[:min(len(p.UUID), 8)]+")?", "stop", stopAnswer{p.UUID},
		"Its apps are asked to end, and killed after 10 s. Its logs stay.")})
}

func (s *Screen) stop(uuid string) tea.Cmd {
	s.env.Stop(uuid, true)
	return func() tea.Msg { return stopped{uuid, s.engine.StopPod(s.ctx, uuid, engine.StopOptions{})} }
}

func imageNames(p poddir.Status) map[string]string {
	names := make(map[string]string, len(p.Apps))
	for _, a := range p.Apps {
		names[a.ImageID] = a.Image
	}
	return names
}

// name is what a pod is called: by its apps, as long as pods have no names.
func name(p poddir.Status) string { return strings.Join(appNames(p), "+") }

func appNames(p poddir.Status) []string {
	names := make([]string, len(p.Apps))
	for i, a := range p.Apps {
		names[i] = a.Name
	}
	return names
}
