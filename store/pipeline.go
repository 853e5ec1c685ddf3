package store

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// A pipeline reads a stream once and lets several consumers have all of it at
// the same time, each at its pace, a bounded number of chunks apart.

const (
	chunkSize  = 128 << 10 // fits the second-level cache together with its like
	chunkCount = 16        // how far reading may be ahead of the slowest consumer
)

// chunk is a piece of the stream that goes back once every consumer let it go.
type chunk struct {
	data  []byte
	users atomic.Int32
	free  chan<- *chunk
}

func (c *chunk) release() {
	if c.users.Add(-1) == 0 {
		c.free <- c // has room for all chunks there are
	}
}

// consumer gets the stream in order. It returns once chunks has ended, or with
// an error, which ends the pipeline.
type consumer func(*chunks) error

// pump reads r to its end, at most limit bytes, and feeds the consumers. It
// returns when all of them have, with the first error there was.
func pump(ctx context.Context, r io.Reader, limit int64, consumers ...consumer) error {
	group, ctx := errgroup.WithContext(ctx)
	free := make(chan *chunk, chunkCount)
	for range chunkCount {
		free <- &chunk{free: free}
	}
	feeds := make([]chan *chunk, len(consumers))
	end := new(error)
	for i, consume := range consumers {
		feeds[i] = make(chan *chunk, chunkCount)
		group.Go(func() error { return consume(&chunks{ctx: ctx, feed: feeds[i], end: end}) })
	}
	group.Go(func() error {
		*end = produce(ctx, r, limit, free, feeds)
		for _, feed := range feeds {
			close(feed)
		}
		return *end
	})
	return group.Wait()
}

func produce(ctx context.Context, r io.Reader, limit int64, free <-chan *chunk, feeds []chan *chunk) error {
	for total := int64(0); ; {
		var c *chunk
		select {
		case c = <-free:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if c.data == nil {
			c.data = make([]byte, chunkSize)
		}
		n, err := io.ReadFull(r, c.data[:chunkSize])
		if total += int64(n); total > limit {
			return tooLarge(limit)
		}
		if n > 0 {
			c.data = c.data[:n]
			c.users.Store(int32(len(feeds)))
			for _, feed := range feeds {
				feed <- c // has room for all chunks there are
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func tooLarge(limit int64) error {
	return &ArchiveError{Reason: fmt.Sprintf("is larger than %d bytes unpacked", limit)}
}

// chunks is one consumer's view of the stream.
type chunks struct {
	ctx  context.Context
	feed <-chan *chunk
	end  *error // why the stream ended, once feed is closed
	last *chunk
	rest []byte // of last
}

// next returns the next bytes of the stream, at most limit and at least one,
// or the error that ended it. They are valid until the following call.
func (c *chunks) next(limit int) ([]byte, error) {
	if len(c.rest) == 0 {
		if err := c.advance(); err != nil {
			return nil, err
		}
	}
	p := c.rest[:min(limit, len(c.rest))]
	c.rest = c.rest[len(p):]
	return p, nil
}

func (c *chunks) advance() error {
	if c.last != nil {
		c.last.release()
		c.last = nil
	}
	select {
	case got, ok := <-c.feed:
		if ok {
			c.last, c.rest = got, got.data
			return nil
		}
	case <-c.ctx.Done():
		return context.Cause(c.ctx)
	}
	if *c.end != nil {
		return *c.end
	}
	return io.EOF
}
