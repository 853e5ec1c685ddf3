package registry

import (
	"context"
	"sync"
)

// flights let those who need the same thing at the same time ask for it once:
// eight layers that start together need one token.
type flights struct {
	mu      sync.Mutex
	running map[string]*flight
}

type flight struct {
	landed    chan struct{}
	err       error
	abandoned bool // whoever did it was cancelled: that says nothing to others
}

// do does the work, or waits for who is at the work of the same key and returns
// the same error.
func (f *flights) do(ctx context.Context, key string, work func(context.Context) error) error {
	for {
		other := f.begin(key)
		if other == nil {
			return f.end(ctx, key, work(ctx))
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-other.landed:
		}
		if !other.abandoned {
			return other.err
		}
	}
}

// begin returns who is at it, or nil if it is now the caller's.
func (f *flights) begin(key string) *flight {
	f.mu.Lock()
	defer f.mu.Unlock()
	if other := f.running[key]; other != nil {
		return other
	}
	if f.running == nil {
		f.running = map[string]*flight{}
	}
	f.running[key] = &flight{landed: make(chan struct{})}
	return nil
}

func (f *flights) end(ctx context.Context, key string, err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	mine := f.running[key]
	delete(f.running, key)
	mine.err, mine.abandoned = err, err != nil && ctx.Err() != nil
	close(mine.landed)
	return err
}
