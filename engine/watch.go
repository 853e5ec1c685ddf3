package engine

import (
	"context"
	"errors"
	"io"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
)

// Watch replays the pod's events from its first and follows them until
// pod.exit, or until the context ends. It works for ended pods as well.
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
	events, err := dir.OpenEvents()
	if err != nil {
		return err
	}
	defer events.Close()
	for {
		// Asked before the events are read: what an ended pod had to say is there.
		status, err := dir.Status()
		if err != nil {
			return err
		}
		ended, err := replay(events, sink)
		if err != nil || ended {
			return err
		}
		if over(status.State) {
			sink.Emit(lastWord(status))
			return nil
		}
		if err := changes.Wait(ctx); err != nil {
			return err
		}
	}
}

// replay hands out what has been written since the last time, and reports
// whether it was the end.
func replay(events *poddir.EventReader, sink event.Sink) (ended bool, err error) {
	for {
		e, err := events.Next()
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		sink.Emit(e)
		if e.Type == event.PodExit || e.Type == event.Error {
			return true, nil
		}
	}
}

func over(s poddir.State) bool { return s == poddir.Exited || s == poddir.Failed }

// lastWord is the end of a pod that could not write it itself.
func lastWord(s poddir.Status) event.Event {
	return event.Event{Time: s.Ended, Type: event.PodExit, State: event.Failed, Pod: s.UUID, Status: s.Exit, Message: s.Cause}
}
