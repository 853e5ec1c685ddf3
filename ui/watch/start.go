package watch

import (
	"context"
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/feed"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
)

// NotStarted tells that a start has ended without a pod. It has no cause if it
// was stopped from here.
type NotStarted struct {
	Cause  string
	Review dialog.Dialog // of a key that would let it go on; nil: none would
}

// started is how a start ended.
type started struct {
	of   *Screen
	uuid string
	err  error
}

// Start runs a pod. The work ends when every app has been executed, or
// something was in the way. The names of images are by reference.
func (s *Screen) Start(pod spec.Pod, apps []string, images map[string]string, o engine.RunOptions) tea.Cmd {
	s.call(apps)
	s.here, s.pod, s.options = true, pod, o
	s.stages.Names = images
	for _, app := range pod.Apps {
		s.references = append(s.references, app.Image)
	}
	return s.begin()
}

// begin begins the start, or begins it anew.
func (s *Screen) begin() tea.Cmd {
	s.starting, s.ended, s.halted, s.err, s.began = true, false, false, nil, s.env.Now()
	s.stages = stages.Stages{Names: s.stages.Names}
	for _, reference := range s.references {
		s.await(reference)
	}
	pod, o := s.pod, s.options
	f := feed.New()
	s.feed = f
	ctx, cancel := context.WithCancel(s.ctx)
	s.giveUp = cancel
	work := func() tea.Msg {
		defer cancel()
		running, err := s.engine.Run(ctx, pod, o, f.Sink())
		f.Close()
		if err != nil {
			return started{of: s, err: err}
		}
		return started{of: s, uuid: running.UUID}
	}
	return tea.Batch(work, f.Read(s.ctx, true))
}

// await shows an image that nothing has been said of yet: images come one after
// the other, and the last is as much a part of the pod as the first.
func (s *Screen) await(reference string) {
	known := func(img *stages.Image) bool { return img.Ref == reference }
	if !slices.ContainsFunc(s.stages.Images, known) {
		s.stages.Images = append(s.stages.Images, &stages.Image{Ref: reference})
	}
}

// begun forgets who is still waited for once everything is there: nobody is.
func (s *Screen) begun() {
	if s.stages.Prepare.State == event.Done {
		s.stages.Images = slices.DeleteFunc(s.stages.Images, waits)
	}
}

func waits(img *stages.Image) bool { return img.Search.State == "" && img.Fetch.State == "" }

func (s *Screen) takeStarted(m started) screen.Out {
	s.starting = false
	if m.err != nil {
		s.ended = true
		if !s.halted {
			s.err = m.err
		}
		return screen.Say(NotStarted{s.cause(), s.reviewOf()})
	}
	s.uuid = m.uuid
	follow := s.follow()
	if s.halted { // too late: it runs
		s.halted = false
		follow = tea.Batch(follow, s.stop(false).Cmd)
	}
	return screen.Out{Cmd: follow, Wish: Changed{}}
}

// Halt gives up a start that is under way, and reports whether there was one.
// What came of its images is kept.
func (s *Screen) Halt() bool {
	if !s.starting || s.halted {
		return false
	}
	s.halted = true
	s.giveUp()
	return true
}

// Starting reports whether the pod is being started from here: leaving podtui
// now would end that.
func (s *Screen) Starting() bool { return s.starting }

// Failed reports whether the pod was to be started from here and something was
// in the way.
func (s *Screen) Failed() bool { return s.here && s.uuid == "" && s.err != nil }

// cause is why the pod did not start, where there is room for one line: which
// image it is comes second.
func (s *Screen) cause() string {
	if s.err == nil {
		return ""
	}
	cause := s.err.Error()
	if err := s.refused(); err != nil {
		return err.Refusal.Error()
	}
	if image := (*engine.ImageError)(nil); errors.As(s.err, &image) {
		cause = strings.TrimPrefix(cause, "image "+image.Image+": ")
	}
	return cause
}

// problemPath is the field of a pod that an error is about, or "".
func problemPath(err error) string {
	var refuted *engine.RefutedError
	var invalid *engine.InvalidError
	switch {
	case errors.As(err, &refuted) && len(refuted.Problems) > 0:
		return refuted.Problems[0].Path
	case errors.As(err, &invalid) && len(invalid.Problems) > 0:
		return invalid.Problems[0].Path
	}
	return ""
}

// Status is the pod where pods are listed, as long as nobody else can tell more:
// while it starts, and when that failed, which leaves nothing of it.
func (s *Screen) Status() poddir.Status {
	const room = 40
	p := poddir.Status{UUID: s.UUID(), Name: s.pod.Name, State: poddir.Preparing, Created: s.began, Cause: s.stages.Summary(s.env.Now(), room)}
	switch {
	case s.err != nil:
		p.State, p.Cause = poddir.Failed, s.cause()
	case s.halted:
		p.Cause = "stopping"
	}
	for i, name := range s.apps {
		app := poddir.AppStatus{Name: name}
		if i < len(s.references) {
			app.Image = s.imageName(s.references[i])
		}
		p.Apps = append(p.Apps, app)
	}
	return p
}

// Progress adds how far the images of a start are that is under way.
func (s *Screen) Progress(p *stages.Progress) {
	if s.starting {
		p.Add(&s.stages)
	}
}
