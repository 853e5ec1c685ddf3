package transfer

import (
	"context"
	"errors"
	"io"
	"net/url"
	"time"
)

// body is a response's body whose reads end after a time without a byte. The
// time that its reader takes between two reads doesn't count.
type body struct {
	stream io.ReadCloser
	ctx    context.Context // of this hop; it ends the connection
	cancel context.CancelCauseFunc
	timer  *time.Timer // one for all reads, stopped between them
	stall  time.Duration
	at     *url.URL
}

var errStalled = errors.New("stalled")

func (b *body) stalled() { b.cancel(errStalled) }

func (b *body) Read(p []byte) (int, error) {
	b.timer.Reset(b.stall)
	n, err := b.stream.Read(p)
	b.timer.Stop()
	if err != nil && err != io.EOF {
		err = b.explain(err)
	}
	return n, err
}

func (b *body) Close() error {
	b.timer.Stop()
	err := b.stream.Close()
	b.cancel(nil)
	return err
}

// explain makes the transport's error one of ours.
func (b *body) explain(err error) error {
	switch cause := context.Cause(b.ctx); {
	case cause == errStalled:
		return &StallError{URL: show(b.at), After: b.stall}
	case cause != nil:
		return cause
	}
	return connectError(b.at, err)
}

// drain reads what little there is of a body that nobody wants, so that the
// connection serves again, and closes it. It waits for no one.
func (b *body) drain() {
	const little = 8 << 10
	b.stall = min(b.stall, time.Second)
	io.CopyN(io.Discard, b, little) //nolint:errcheck // all it costs is a connection
	b.Close()
}
