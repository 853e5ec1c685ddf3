package console

import (
	"context"
	"io"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

// Runner is what Run needs of *engine.Engine.
type Runner interface {
	Run(ctx context.Context, pod spec.Pod, o engine.RunOptions, sink event.Sink) (*engine.Running, error)
}

// Run runs a pod of one interactive app on the terminal, until it has ended, and
// returns its UUID and exit status. The pod ends with the context: it is nobody's but
// this terminal's.
func (t Terminal) Run(ctx context.Context, e Runner, pod spec.Pod, o engine.RunOptions) (uuid string, status int, err error) {
	console, err := Open(t.In, t.Out)
	if err != nil {
		return "", 0, err
	}
	defer console.Close()
	o.Input = engine.TerminalInput
	o.Rows, o.Cols = console.Size()
	o.Output = func(_ int, _ string, p []byte) { _, _ = console.Write(p) }
	running, err := e.Run(ctx, pod, o, nil)
	if err != nil {
		return "", 0, err
	}
	defer context.AfterFunc(ctx, func() { running.Stop(true) })()
	go console.Resized(running.Resize)
	running.Resize(console.Size()) // it may have changed since
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		_, _ = io.CopyBuffer(running, struct{ io.Reader }{console}, make([]byte, 32<<10))
	}()
	status, err = running.Wait()
	_ = running.Close()
	console.Close()
	<-fed
	if err == nil {
		err = ctx.Err()
	}
	return running.UUID, status, err
}
