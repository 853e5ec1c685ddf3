package feed

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
)

// Lines carries lines of output into the loop: in batches, at most thirty a second,
// and no more at a time than the screen takes. Who reads the log of a pod that writes
// faster waits; the pod does not.
type Lines struct {
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	changed *sync.Cond
	pending []poddir.LogLine
	ended   bool
	err     error
}

// maxPending is how many lines wait for the screen: what it can be given in a
// second, thirty times a second, is a million.
const maxPending = 32_768

// Output is a batch. It is the last one if More is false.
type Output struct {
	From  *Lines
	Lines []poddir.LogLine
	More  bool
	Err   error
}

// NewLines returns the way of lines into the loop, until the context ends, or Stop.
func NewLines(ctx context.Context) *Lines {
	l := &Lines{}
	l.ctx, l.cancel = context.WithCancel(ctx)
	l.changed = sync.NewCond(&l.mu)
	context.AfterFunc(l.ctx, func() {
		l.mu.Lock()
		l.ended = true
		l.mu.Unlock()
		l.changed.Broadcast()
	})
	return l
}

// Stop ends it.
func (l *Lines) Stop() { l.cancel() }

// From is the work of reading lines from whoever has them, and of handing on the first.
func (l *Lines) From(read func(ctx context.Context, put func([]poddir.LogLine) error) error) tea.Cmd {
	work := func() tea.Msg {
		defer l.cancel()
		l.end(read(l.ctx, l.put))
		return nil
	}
	return tea.Batch(work, l.Read(true))
}

// put takes lines from the engine; the slice is the engine's.
func (l *Lines) put(batch []poddir.LogLine) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.pending) >= maxPending && !l.ended {
		l.changed.Wait()
	}
	if l.ended {
		return context.Cause(l.ctx)
	}
	l.pending = append(l.pending, batch...)
	l.changed.Broadcast()
	return nil
}

// end says that no more lines come, and why.
func (l *Lines) end(err error) {
	l.mu.Lock()
	l.ended, l.err = true, err
	l.mu.Unlock()
	l.changed.Broadcast()
}

// Read is the work that waits for the next batch.
func (l *Lines) Read(first bool) tea.Cmd {
	return func() tea.Msg {
		if !first {
			select {
			case <-time.After(event.ProgressInterval):
			case <-l.ctx.Done():
			}
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		for len(l.pending) == 0 && !l.ended {
			l.changed.Wait()
		}
		batch := l.pending
		l.pending = nil
		l.changed.Broadcast()
		return Output{l, batch, !l.ended, l.err}
	}
}
