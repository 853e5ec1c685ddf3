package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/supervisor"
)

// Input is where the input of an interactive pod's app comes from.
type Input = supervisor.Input

// The kinds of input.
const (
	NoInput       = supervisor.NoInput
	PipeInput     = supervisor.PipeInput
	TerminalInput = supervisor.TerminalInput
)

// settleInput decides what input a pod gets: an interactive one whose front end
// has none to give has a terminal, for those that attach later.
func (o *RunOptions) settleInput(pod spec.Pod) {
	switch {
	case !pod.Interactive:
		o.Input = NoInput
	case o.Input == NoInput:
		o.Input = TerminalInput
	}
	if o.Rows <= 0 || o.Cols <= 0 {
		o.Rows, o.Cols = 24, 80
	}
}

func (o *RunOptions) spawn(pod spec.Pod, program string) supervisor.SpawnOptions {
	return supervisor.SpawnOptions{
		Program: program,
		Output:  o.Output != nil, Input: o.Input, Rows: o.Rows, Cols: o.Cols,
		Hostname: pod.Hostname, PrivateUsers: pod.PrivateUsers, Network: pod.Network.Private(),
	}
}

// AttachOptions say what to attach to.
type AttachOptions struct {
	App   string // "": the pod's only one
	Input bool   // give it input; else only its output comes

	Rows, Cols int // of the terminal that Output is drawn on; 0: there is none

	// Output takes what the app writes from now on. It is called on one goroutine.
	// The app does not wait for it: what comes faster than it is taken is left out,
	// and counted. p is valid during the call.
	Output func(stream string, p []byte)
	Lost   func(bytes int64)
}

// Attachment is a hold on a running app's input and output. The app does not need
// it.
type Attachment struct {
	Pod string
	*supervisor.Attached
}

// ErrDetached says that the attachment was closed and the app goes on.
var ErrDetached = supervisor.ErrDetached

// NoInputError says that an app was started without an input.
type NoInputError = supervisor.NoInputError

// Attach attaches to a running app, however it was started. With Input the app
// must have been started with an input (NoInputError).
func (e *Engine) Attach(ctx context.Context, word string, o AttachOptions) (*Attachment, error) {
	dir, err := e.find(word)
	if err != nil {
		return nil, err
	}
	held, err := supervisor.Attach(ctx, dir, supervisor.AttachRequest{
		App: o.App, Input: o.Input, Rows: o.Rows, Cols: o.Cols, Output: o.Output, Lost: o.Lost,
	})
	var none *NoInputError
	switch {
	case errors.As(err, &none):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("pod %s: %w", dir.UUID, err)
	}
	return &Attachment{Pod: dir.UUID, Attached: held}, nil
}
