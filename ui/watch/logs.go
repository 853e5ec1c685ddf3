package watch

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/logview"
)

// logs carries lines of output into the loop: in batches, at most thirty a
// second, and no more at a time than the screen takes. Who reads the log of a
// pod that writes faster waits; the pod does not.
type logs struct {
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

// lines is a batch. It is the last one if more is false.
type lines struct {
	from  *logs
	lines []poddir.LogLine
	more  bool
	err   error
}

func newLogs(ctx context.Context, cancel context.CancelFunc) *logs {
	l := &logs{ctx: ctx, cancel: cancel}
	l.changed = sync.NewCond(&l.mu)
	context.AfterFunc(ctx, func() {
		l.mu.Lock()
		l.ended = true
		l.mu.Unlock()
		l.changed.Broadcast()
	})
	return l
}

// put takes lines from the engine; the slice is the engine's.
func (l *logs) put(batch []poddir.LogLine) error {
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
func (l *logs) end(err error) {
	l.mu.Lock()
	l.ended, l.err = true, err
	l.mu.Unlock()
	l.changed.Broadcast()
}

// read is the work that waits for the next batch.
func (l *logs) read(first bool) tea.Cmd {
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
		return lines{l, batch, !l.ended, l.err}
	}
}

// readLogs reads what the pod's apps have written, from the time that one wants,
// and goes on with what they write. What was read before is forgotten.
func (s *Screen) readLogs() tea.Cmd {
	if s.logs != nil {
		s.logs.cancel()
	}
	ctx, cancel := context.WithCancel(s.ctx)
	l := newLogs(ctx, cancel)
	s.logs = l
	o := engine.LogOptions{Follow: true, Since: s.since, Last: logview.Kept}
	read := func() tea.Msg {
		defer cancel()
		l.end(s.engine.Logs(ctx, s.uuid, o, l.put))
		return nil
	}
	return tea.Batch(read, l.read(true))
}
