package pods

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
)

// follow is one time that pods are followed. It stands between the engine, which
// must not wait, and the loop, which gets at most thirty messages a second: of a
// pod that changes more often than that only the last is told.
type follow struct {
	bell chan struct{} // something is there to be read

	mu    sync.Mutex
	next  changes
	ended bool
}

// changes is what has become of the pods since the last message.
type changes struct {
	from *follow
	all  bool // now is all there are
	now  map[string]poddir.Status
	gone map[string]bool
	more bool  // read again
	err  error // why nothing more comes
}

// Follow returns the work of following the pods of this host, for the list and
// for the count in the first line of the screen. It ends with the program.
func (s *Screen) Follow() tea.Cmd {
	f := &follow{bell: make(chan struct{}, 1)}
	f.next = f.none()
	s.feed = f
	work := func() tea.Msg {
		f.end(s.engine.FollowPods(s.ctx, f.put))
		return nil
	}
	return tea.Batch(work, f.read(s.ctx, true))
}

func (f *follow) none() changes {
	return changes{from: f, now: map[string]poddir.Status{}, gone: map[string]bool{}}
}

// put takes what the engine tells.
func (f *follow) put(c engine.PodsChange) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.All {
		f.next = f.none()
		f.next.all = true
	}
	for _, uuid := range c.Gone {
		delete(f.next.now, uuid)
		f.next.gone[uuid] = true
	}
	for _, p := range c.Changed {
		delete(f.next.gone, p.UUID)
		f.next.now[p.UUID] = p
	}
	f.ring()
	return nil
}

func (f *follow) end(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next.err, f.ended = err, true
	f.ring()
}

func (f *follow) ring() {
	select {
	case f.bell <- struct{}{}:
	default:
	}
}

// read is the work that waits for the next changes. All but the first wait a
// moment, which keeps the messages apart.
func (f *follow) read(ctx context.Context, first bool) tea.Cmd {
	return func() tea.Msg {
		if !first {
			pause(ctx, event.ProgressInterval)
		}
		select {
		case <-f.bell:
		case <-ctx.Done():
			return nil
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		next := f.next
		next.more = !f.ended
		f.next = f.none()
		return next
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
