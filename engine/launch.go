package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/engine/supervisor"
	"github.com/podtui/podtui/engine/trust/refusal"
)

// RunPrepared is Run for a pod that was prepared (StateError if it was run since).
// On an error the pod is still prepared, or failed if an app could not be started.
func (e *Engine) RunPrepared(ctx context.Context, word string, o RunOptions, sink event.Sink) (*Running, error) {
	return e.runAgain(ctx, word, o, sink, []poddir.State{poddir.Prepared})
}

// RestartPod stops a pod if it runs, as stop says, and runs it once more: the
// same pod, with clean roots and the same volumes.
func (e *Engine) RestartPod(ctx context.Context, word string, stop StopOptions, o RunOptions, sink event.Sink) (*Running, error) {
	status, err := e.Pod(word)
	if err == nil && status.State == poddir.Running {
		err = e.StopPod(ctx, status.UUID, stop)
	}
	if err != nil {
		return nil, err
	}
	return e.runAgain(ctx, status.UUID, o, sink, []poddir.State{poddir.Exited, poddir.Failed, poddir.Prepared})
}

// StateError says that a pod is not what it has to be for what was asked.
type StateError struct {
	UUID  string
	State poddir.State
}

func (e *StateError) Error() string { return fmt.Sprintf("pod %s is %s", e.UUID, e.State) }

// runAgain runs a pod whose folder is there, if it is in one of these states.
func (e *Engine) runAgain(ctx context.Context, word string, o RunOptions, sink event.Sink, from []poddir.State) (*Running, error) {
	defer e.warm()()
	dir, err := e.find(word)
	if err != nil {
		return nil, err
	}
	run := e.newRun(dir.UUID, o, sink)
	running, err := run.again(ctx, dir, from)
	return running, run.failed(err)
}

// warm has the kernel get ready for a start, beside what comes before it.
func (e *Engine) warm() (wait func()) {
	warmed := make(chan struct{})
	go func() {
		defer close(warmed)
		sandbox.Warm()
	}()
	return func() { <-warmed }
}

func (r *run) again(ctx context.Context, dir *poddir.Dir, from []poddir.State) (*Running, error) {
	if err := ownIdle(ctx, dir); err != nil {
		return nil, err
	}
	defer dir.Unlock() // the supervisor holds it on
	status, err := settle(ctx, dir)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(from, status.State) {
		return nil, &StateError{dir.UUID, status.State}
	}
	record, err := dir.ReadRecord()
	if err != nil {
		return nil, err
	}
	r.options.settleInput(record.Pod)
	if err := r.believe(ctx, record); err != nil {
		return nil, err
	}
	problems := slices.Concat(checkHost(record.Pod), checkRanges(record.Networks), r.engine.checkPorts(record.Pod, record.Resolved.Ports))
	if len(problems) > 0 {
		return nil, &RefutedError{problems}
	}
	return r.launch(ctx, dir, status, record)
}

// ownIdle owns a pod that does not run. Somebody may have it for a moment, who
// collects, copies out of it or is its supervisor on the way out; who runs it, or
// prepares it, has it for longer than anybody waits.
func ownIdle(ctx context.Context, dir *poddir.Dir) error {
	status, err := dir.Status()
	if err != nil {
		return err
	}
	if status.State == poddir.Running || status.State == poddir.Preparing {
		return fmt.Errorf("pod %s is %s: %w", dir.UUID, status.State, poddir.ErrBusy)
	}
	return own(ctx, dir)
}

// believe holds the images of a pod that is there against today's keys. What was
// let through when the pod was made was let through by its ID, for this pod, and
// is what it was.
func (r *run) believe(ctx context.Context, record poddir.Record) error {
	for i, image := range record.Images {
		o := r.fetchOptions(record.Pod, record.Pod.Apps[i])
		o.Signature, o.SkipVerify = "", o.SkipVerify || image.Unverified
		now, err := r.engine.Fetch(ctx, image.ID, o, nil)
		if err != nil {
			return err
		}
		if now.Verified == nil && !o.SkipVerify && len(r.options.Unverified) == 0 {
			return &UnverifiedError{Image: record.Pod.Apps[i].Image, Name: now.Name(), Refusal: &refusal.Error{Kind: refusal.NoSignature}}
		}
	}
	return nil
}

// launch starts a supervisor for a pod that we own and that was how status says.
// Until the supervisor says that the pod runs, a crash makes it that again.
func (r *run) launch(ctx context.Context, dir *poddir.Dir, status poddir.Status, record poddir.Record) (*Running, error) {
	next := status
	next.State, next.Before = poddir.Preparing, status.State
	if err := dir.WriteStatus(next); err != nil {
		return nil, fmt.Errorf("pod folder: %w", err)
	}
	crash.Here("being started again")
	front, err := r.spawnAgain(record, dir)
	if err != nil {
		return nil, errors.Join(err, dir.WriteStatus(status))
	}
	return r.start(ctx, dir, front, len(record.Pod.Apps))
}

// spawnAgain gives the apps clean roots, and the pod a supervisor.
func (r *run) spawnAgain(record poddir.Record, dir *poddir.Dir) (*supervisor.Front, error) {
	if err := dir.ClearApps(); err != nil {
		return nil, fmt.Errorf("pod folder: %w", err)
	}
	crash.Here("apps cleared")
	r.emit(event.Event{Type: event.PodPrepare, State: event.Done, Message: "again", Apps: decided(record.Resolved)})
	if err := r.tell(dir); err != nil {
		return nil, fmt.Errorf("pod folder: %w", err)
	}
	return r.spawn(record.Pod, dir)
}
