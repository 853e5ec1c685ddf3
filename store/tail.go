package store

import (
	"context"
	"errors"
	"io"
)

// ErrRestarted is what a Tail ends with when the bytes it has read so far were
// thrown away.
var ErrRestarted = errors.New("the download began anew")

// Tail reads from the first byte on, and waits for what has not come yet. It
// ends with what Finish is told, with its context, or with ErrRestarted. The
// download must stay open while it is read.
func (p *Partial) Tail(ctx context.Context) io.Reader {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &tail{p: p, ctx: ctx, restarts: p.restarts}
}

type tail struct {
	p        *Partial
	ctx      context.Context
	restarts int
	off      int64
}

func (t *tail) Read(b []byte) (int, error) {
	for {
		here, news, err := t.p.after(t.off, t.restarts)
		if err != nil {
			return 0, err
		}
		if here > 0 {
			n, err := t.p.data.ReadAt(b[:min(int64(len(b)), here)], t.off)
			t.off += int64(n)
			if err == io.EOF { // cut under us: what comes next says so
				err = nil
			}
			return n, err
		}
		select {
		case <-news:
		case <-t.ctx.Done():
			return 0, context.Cause(t.ctx)
		}
	}
}

// after is how many bytes are there after an offset; if there are none, how it
// ended, or what tells that something has changed.
func (p *Partial) after(off int64, restarts int) (here int64, news <-chan struct{}, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.restarts != restarts:
		return 0, nil, ErrRestarted
	case p.size > off:
		return p.size - off, nil, nil
	case p.finished && p.finishErr != nil:
		return 0, nil, p.finishErr
	case p.finished:
		return 0, nil, io.EOF
	}
	return 0, p.news, nil
}
