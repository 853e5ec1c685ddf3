package engine

import (
	"context"
	"errors"
	"io"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/supervisor"
)

// Running is a pod that this process has started. The pod does not need it.
type Running struct {
	UUID string

	front  *supervisor.Front
	input  *supervisor.Attached // nil: the app has none, or ended at once
	output func(app int, stream string, p []byte)
	sink   event.Sink

	up    chan struct{} // closed when every app has been executed
	ended chan struct{} // closed when the supervisor has said its last

	// Written by listen before it closes ended.
	exit    int
	failure error // why the pod did not start, or was lost
}

// start starts a pod of so many apps, whose record is written, and returns once
// all of them have been executed. On an error, no process of the pod is left.
func (r *run) start(ctx context.Context, dir *poddir.Dir, front *supervisor.Front, apps int) (*Running, error) {
	running := listenTo(front, r.uuid, apps, r.options.Output, r.sink)
	front.Go()
	if err := running.started(ctx); err != nil {
		running.Close()
		return nil, err
	}
	if r.options.Input != NoInput {
		// A connection of its own: input that the app does not take must not hold up
		// an order. An app that has ended already takes none.
		running.input, _ = supervisor.Attach(ctx, dir, supervisor.AttachRequest{Input: true})
	}
	return running, nil
}

// listenTo hears the supervisor of a pod of so many apps.
func listenTo(front *supervisor.Front, uuid string, apps int, output func(int, string, []byte), sink event.Sink) *Running {
	r := &Running{
		UUID: uuid, front: front, output: output, sink: sink,
		up: make(chan struct{}), ended: make(chan struct{}),
	}
	go r.listen(apps)
	return r
}

// listen ends with the pod, or with Close.
func (r *Running) listen(apps int) {
	defer close(r.ended)
	for {
		message, err := r.front.Next()
		if err != nil {
			r.broken(err)
			return
		}
		if message.Event == nil {
			r.output(message.App, message.Stream, message.Output)
			continue
		}
		r.hear(*message.Event)
		if message.Event.Type == event.AppStart && message.Event.State == event.Done {
			if apps--; apps == 0 {
				close(r.up)
			}
		}
	}
}

func (r *Running) hear(e event.Event) {
	switch e.Type {
	case event.PodExit:
		r.exit = *e.Status
	case event.Error: // Run tells it, once nothing is left of the pod
		r.failure = &StartError{Message: e.Message, Status: *e.Status}
		return
	}
	r.sink.Emit(e)
}

// errLost is why a pod has ended whose supervisor did not say so.
var errLost = errors.New("the pod's supervisor was killed")

// broken is the end of what the supervisor says: after its last word, or in the
// middle.
func (r *Running) broken(err error) {
	if !errors.Is(err, io.EOF) && r.failure == nil {
		r.exit, r.failure = 128+9, errLost
	}
}

// started returns when all apps have been executed. On an error, no process of
// the pod is left when it returns. A start that is given up needs no answer from
// a supervisor that may hang: it is killed, and the kernel takes the pod with it.
// One that has succeeded can't be given up any more: the pod can be stopped.
func (r *Running) started(ctx context.Context) error {
	select {
	case <-r.up:
	case <-r.ended:
	case <-ctx.Done():
	}
	select {
	case <-r.up: // and ended already, or given up too late, perhaps
		return nil
	default:
	}
	if ctx.Err() != nil {
		r.front.Kill()
		<-r.ended
		return ctx.Err()
	}
	return r.failure
}

// Wait waits for the pod's end and returns its exit status. Nothing of the pod
// is left then but its folder.
func (r *Running) Wait() (int, error) {
	<-r.ended
	return r.exit, r.failure
}

// Stop asks for the stop sequence: SIGTERM to every app, SIGKILL after 10 s.
// Asked again, or with now, it kills at once.
func (r *Running) Stop(now bool) {
	r.front.Stop(now, nil)
}

// Close lets go of the pod, which goes on.
func (r *Running) Close() error {
	if r.input != nil {
		_ = r.input.Close()
	}
	err := r.front.Close()
	<-r.ended
	return err
}

// Write gives the app input, of a pod that was started with one, and waits until
// it was taken. The error says that there is nobody to take it any more.
func (r *Running) Write(p []byte) (int, error) {
	if r.input == nil {
		return 0, io.ErrClosedPipe
	}
	return r.input.Write(p)
}

// CloseInput ends the app's input, unless it has a terminal.
func (r *Running) CloseInput() error {
	if r.input == nil {
		return io.ErrClosedPipe
	}
	return r.input.CloseInput()
}

// Resize tells the app's terminal its size.
func (r *Running) Resize(rows, cols int) {
	if r.input != nil {
		r.input.Resize(rows, cols)
	}
}
