package engine

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
)

// Watch replays the pod's events from its first and follows them until the pod
// has ended, or until the context does. It works for ended pods as well. Of a pod
// that was run more than once it tells of each time.
func (e *Engine) Watch(ctx context.Context, prefix string, sink event.Sink) error {
	dir, err := e.find(prefix)
	if err != nil {
		return err
	}
	changes, err := dir.Watch()
	if err != nil {
		return err
	}
	defer changes.Close()
	story := &story{dir: dir}
	defer story.close()
	for {
		// Asked before the events are read: what an ended pod had to say is there.
		status, err := dir.Status()
		if err != nil {
			return err
		}
		if err := story.replay(sink); err != nil {
			return err
		}
		if over(status.State) {
			if !story.ended {
				sink.Emit(lastWord(status))
			}
			return nil
		}
		if err := changes.Wait(ctx); err != nil {
			return err
		}
	}
}

// story is what a pod has said so far. A pod that is being prepared has said
// nothing yet.
type story struct {
	dir    *poddir.Dir
	events *poddir.EventReader
	ended  bool // what it said last was the end, of that time
}

func (s *story) close() {
	if s.events != nil {
		s.events.Close()
	}
}

// replay hands out what has been written since the last time.
func (s *story) replay(sink event.Sink) error {
	if s.events == nil {
		events, err := s.dir.OpenEvents()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		s.events = events
	}
	for {
		e, err := s.events.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		sink.Emit(e)
		s.ended = e.Type == event.PodExit || e.Type == event.Error
	}
}

func over(s poddir.State) bool { return s == poddir.Exited || s == poddir.Failed }

// lastWord is the end of a pod that could not write it itself.
func lastWord(s poddir.Status) event.Event {
	return event.Event{Time: s.Ended, Type: event.PodExit, State: event.Failed, Pod: s.UUID, Status: s.Exit, Message: s.Cause}
}
