package event

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// ProgressInterval is the least time between two batches with progress: more
// than 30 a second no eye tells apart.
const ProgressInterval = time.Second / 30

// Broker takes events as fast as the engine has them, and hands them out as
// fast as a reader takes them. Put never waits. Of what only says that a step
// goes on, a reader gets the latest, and that at most 30 times a second;
// everything else it gets whole and in order.
//
// A Broker has no goroutine: time passes in Next. Put is for any number of
// goroutines, Next for one.
type Broker struct {
	mu       sync.Mutex
	queue    []entry // what must arrive, in order
	progress []entry // what may be replaced, the latest of each step, in order
	next     uint64  // the number of the next event
	closed   bool
	paid     time.Time // when progress was last handed out

	logLimit int // app.log events kept for a slow reader; 0: all
	logs     int // app.log events in queue

	wake chan struct{} // holds a token if something has changed since Next looked
}

type entry struct {
	Event
	order   uint64
	skipped int // this entry stands for so many lines that were dropped
}

// NewBroker makes a broker. Lines of output beyond logLimit that nobody has
// read push out the oldest, with a Warning in their place that counts them: a
// screen shows only the last ones anyway. With 0 none is ever dropped, and
// memory is what a slow reader costs.
func NewBroker(logLimit int) *Broker {
	return &Broker{logLimit: logLimit, wake: make(chan struct{}, 1)}
}

// Put takes an event. It is a Sink. After Close it drops them.
func (b *Broker) Put(e Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	b.progress = slices.DeleteFunc(b.progress, func(p entry) bool { return outdates(e, p.Event) })
	added := entry{Event: e, order: b.next}
	b.next++
	if e.Progress() {
		b.progress = append(b.progress, added)
	} else {
		b.queue = append(b.queue, added)
		b.countLog(e)
	}
	b.signal()
}

// Close says that no more events come. Next hands out what there is, and then
// io.EOF.
func (b *Broker) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.signal()
}

// Next waits until there is something to read, and returns all of it, oldest
// first. The error is io.EOF after Close, or the context's.
func (b *Broker) Next(ctx context.Context) ([]Event, error) {
	for {
		batch, wait, err := b.take(time.Now())
		if len(batch) > 0 || err != nil {
			return batch, err
		}
		if err := b.sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// sleep waits for a change, or for the time when held-back progress is due; a
// negative time never comes.
func (b *Broker) sleep(ctx context.Context, wait time.Duration) error {
	var due <-chan time.Time
	if wait >= 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-b.wake:
	case <-due:
	}
	return nil
}

// take hands out what is due now, or says how long until something is.
func (b *Broker) take(now time.Time) (batch []Event, wait time.Duration, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	due := b.queue
	b.queue, b.logs = nil, 0
	wait = -1
	if len(b.progress) > 0 {
		wait = max(0, b.paid.Add(ProgressInterval).Sub(now))
	}
	if wait == 0 || b.closed {
		due = merge(due, b.progress)
		if len(b.progress) > 0 {
			b.paid = now
		}
		b.progress = nil
	}
	if len(due) == 0 && b.closed {
		return nil, 0, io.EOF
	}
	for _, e := range due {
		batch = append(batch, e.Event)
	}
	return batch, wait, nil
}

func (b *Broker) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// outdates reports whether nobody needs the progress p once e has happened: e
// is of the same step, or the end of what p belongs to.
func outdates(e, p Event) bool {
	switch e.Type {
	case AppLog:
		return false
	case Error:
		return e.Pod == p.Pod && (e.Image == "" || e.Image == p.Image)
	case PodExit:
		return e.Pod == p.Pod
	}
	return e.Type == p.Type && e.Image == p.Image && e.ID == p.ID && e.Layer == p.Layer && e.App == p.App && e.Pod == p.Pod
}

// merge puts two ordered lists in the order in which their events came.
func merge(a, b []entry) []entry {
	list := slices.Concat(a, b)
	slices.SortStableFunc(list, func(x, y entry) int {
		switch {
		case x.order < y.order:
			return -1
		case x.order > y.order:
			return 1
		}
		return 0
	})
	return list
}

// countLog drops the oldest half of the lines once there are twice as many as
// are kept, so that each line is looked at a bounded number of times.
func (b *Broker) countLog(e Event) {
	if e.Type != AppLog {
		return
	}
	b.logs++
	if b.logLimit > 0 && b.logs >= 2*b.logLimit {
		b.dropLogs(b.logs - b.logLimit)
	}
}

// dropLogs removes the n oldest lines and leaves a word of it where the last of
// them stood.
func (b *Broker) dropLogs(n int) {
	var kept []entry
	skipped := 0
	for _, e := range b.queue {
		switch {
		case e.skipped > 0 && n > 0:
			skipped += e.skipped
			continue
		case e.Type == AppLog && n > 0:
			n--
			skipped++
			b.logs--
			if n == 0 {
				kept = append(kept, skippedLines(e, skipped))
			}
			continue
		}
		kept = append(kept, e)
	}
	b.queue = kept
}

// skippedLines is what a reader sees in place of lines.
func skippedLines(last entry, n int) entry {
	return entry{order: last.order, skipped: n, Event: Event{
		Time: last.Time, Type: Warning, Pod: last.Pod,
		Message: fmt.Sprintf("%d lines of output came too fast to show; the logs have them", n),
	}}
}
