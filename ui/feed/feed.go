// Package feed carries what the engine says into the loop of the screen: an
// event.Broker, read by one piece of work after the other, so that the engine
// never waits and the loop gets at most thirty messages a second.
package feed

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/event"
)

// lines is how many lines of output a broker keeps: none are drawn from it,
// the screen reads windows of the log.
const lines = 1

// Feed is one stream of events, from one operation of the engine to one
// screen. It ends with Close.
type Feed struct{ broker *event.Broker }

// New returns an open feed.
func New() *Feed { return &Feed{event.NewBroker(lines)} }

// Sink is what the engine gets.
func (f *Feed) Sink() event.Sink {
	return func(e event.Event) {
		if e.Type != event.AppLog {
			f.broker.Put(e)
		}
	}
}

// SinkAs is what the engine gets where several operations share a feed: the
// screen takes all their events with one message, however many there are. Which
// of them an event is of, it says in the place of a pod; fetching knows none.
func (f *Feed) SinkAs(operation string) event.Sink {
	return func(e event.Event) {
		e.Pod = operation
		f.broker.Put(e)
	}
}

// Close ends the feed: what is pending is still delivered.
func (f *Feed) Close() { f.broker.Close() }

// Events is the message that Read leads to.
type Events struct {
	From   *Feed
	Events []event.Event
	More   bool // read again
}

// Read is the work that waits for the next events. All but the first call of a
// feed wait a moment, which keeps its messages apart.
func (f *Feed) Read(ctx context.Context, first bool) tea.Cmd {
	return func() tea.Msg {
		if !first {
			pause(ctx, event.ProgressInterval)
		}
		events, err := f.broker.Next(ctx)
		return Events{From: f, Events: events, More: err == nil}
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
