package engine

import (
	"context"
	"errors"
	"io"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/supervisor"
)

// Running is a pod that this process has started. The pod does not need it.
type Running struct {
	UUID string

	front  *supervisor.Front
	output func(app int, stream string, p []byte)
	sink   event.Sink

	up    chan struct{} // closed when every app has been executed
	ended chan struct{} // closed when the supervisor has said its last

	// Written by listen before it closes ended.
	exit    int
	failure error // why the pod did not start, or was lost
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
		if message.Event.Type == event.AppStart {
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

// broken is the end of what the supervisor says: after its last word, or in the
// middle.
func (r *Running) broken(err error) {
	if !errors.Is(err, io.EOF) && r.failure == nil {
		r.exit, r.failure = 128+9, errors.New("the pod's supervisor was killed")
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
	order := supervisor.OrderStop
	if now {
		order = supervisor.OrderKill
	}
	r.front.Order(order)
}

// Close lets go of the pod, which goes on.
func (r *Running) Close() error {
	err := r.front.Close()
	<-r.ended
	return err
}
