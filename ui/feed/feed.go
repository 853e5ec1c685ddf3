// Package feed carries what the engine says into the loop of the screen. The
// engine is never kept waiting, nothing but outdated progress is lost, and the
// loop gets at most thirty messages a second.
package feed

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/event"
)

// Interval is the least time between two messages of one feed.
const Interval = 33 * time.Millisecond

// Feed is one stream of events, from one operation of the engine to one
// screen. It ends with Close.
type Feed struct {
	mu      sync.Mutex
	pending []event.Event
	closed  bool
	wake    chan struct{} // holds at most one
}

// New returns an open feed.
func New() *Feed { return &Feed{wake: make(chan struct{}, 1)} }

// Sink is what the engine gets.
func (f *Feed) Sink() event.Sink {
	return func(e event.Event) {
		f.mu.Lock()
		f.add(e)
		f.mu.Unlock()
		f.signal()
	}
}

// add appends an event; progress takes the place of progress of the same step
// that nobody has seen yet.
func (f *Feed) add(e event.Event) {
	if e.Progress() {
		for i := len(f.pending) - 1; i >= 0; i-- {
			old := f.pending[i]
			if old.Type != e.Type || old.Image != e.Image || old.ID != e.ID {
				continue
			}
			if old.Progress() {
				f.pending[i] = e
				return
			}
			break
		}
	}
	f.pending = append(f.pending, e)
}

// Close ends the feed: what is pending is still delivered.
func (f *Feed) Close() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.signal()
}

func (f *Feed) signal() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Next waits for events and returns them all; more is false when these are the
// last, or the context has ended.
func (f *Feed) Next(ctx context.Context) (events []event.Event, more bool) {
	for {
		select {
		case <-ctx.Done():
			return nil, false
		case <-f.wake:
		}
		f.mu.Lock()
		events, closed := f.pending, f.closed
		f.pending = nil
		f.mu.Unlock()
		if closed {
			return events, false
		}
		if len(events) > 0 {
			return events, true
		}
	}
}

// Events is the message that Read leads to.
type Events struct {
	From   *Feed
	Events []event.Event
	More   bool // ask again
}

// Read is the work that waits for the next events. After the first call pace
// keeps two messages apart.
func (f *Feed) Read(ctx context.Context, first bool) tea.Cmd {
	return func() tea.Msg {
		if !first {
			pause(ctx, Interval)
		}
		events, more := f.Next(ctx)
		return Events{f, events, more}
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
