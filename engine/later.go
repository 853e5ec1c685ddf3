package engine

import (
	"context"
	"errors"
	"io"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// The doors of issue 6 whose rooms are being built. This file gets shorter with
// each, and goes.

var errLater = errors.New("not there yet")

// Prepare takes a pod as far as it can be taken without running it, and returns
// its UUID: images fetched, verified and unpacked, everything decided, on disk.
func (e *Engine) Prepare(ctx context.Context, pod spec.Pod, o RunOptions, sink event.Sink) (string, error) {
	return "", errLater
}

// RunPrepared is Run for a pod that was prepared.
func (e *Engine) RunPrepared(ctx context.Context, word string, o RunOptions, sink event.Sink) (*Running, error) {
	return nil, errLater
}

// RestartPod stops a pod if it runs, as stop says, and runs it once more: the
// same pod, with clean roots and the same volumes.
func (e *Engine) RestartPod(ctx context.Context, word string, stop StopOptions, o RunOptions, sink event.Sink) (*Running, error) {
	return nil, errLater
}

// WaitPod returns how a pod is once it has ended, or failed.
func (e *Engine) WaitPod(ctx context.Context, word string) (poddir.Status, error) {
	return poddir.Status{}, errLater
}

// PodsChange is what FollowPods tells.
type PodsChange struct {
	All     bool            // Changed is all pods there are, newest first
	Changed []poddir.Status // how they are now
	Gone    []string        // UUIDs
}

// FollowPods tells what pods there are, and from then on what changes of them,
// whoever changes it, until the context ends or tell returns an error. Changes
// that come close together are told together.
func (e *Engine) FollowPods(ctx context.Context, tell func(PodsChange) error) error { return errLater }

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
	Pod, App string
	Terminal bool // the app has a terminal
}

// Attach attaches to a running app, however it was started. With Input the app
// must have been started with an input (NoInputError).
func (e *Engine) Attach(ctx context.Context, word string, o AttachOptions) (*Attachment, error) {
	return nil, errLater
}

// Write gives the app input, and waits until it was taken or the app has ended.
func (a *Attachment) Write(p []byte) (int, error) { return 0, errLater }

// CloseInput ends the app's input, unless it has a terminal.
func (a *Attachment) CloseInput() error { return errLater }

// Resize tells the app's terminal its size.
func (a *Attachment) Resize(rows, cols int) {}

// Wait waits until the app has ended, and returns its exit status; or until
// Close, with ErrDetached.
func (a *Attachment) Wait() (int, error) { return 0, errLater }

// Close lets go of the app, which goes on.
func (a *Attachment) Close() error { return nil }

// ErrDetached says that the attachment was closed and the app goes on.
var ErrDetached = errors.New("detached")

// NoInputError says that an app was started without an input.
type NoInputError struct{ App string }

func (e *NoInputError) Error() string {
	return "app " + e.App + " was started without an input"
}

// PodPath is a path in an app's root.
type PodPath struct {
	Pod, App string // App "": the pod's only one
	Path     string
}

// CopyFromPod copies a file or folder out of an app's root to a path of the host,
// as "cp -a" would, but for owners. No link of the app's leads out of its root,
// and nothing of the host is followed that the app could have named.
func (e *Engine) CopyFromPod(ctx context.Context, from PodPath, to string) error { return errLater }

// CopyToPod copies a file or folder of the host into a running app's root. What it
// makes belongs to the app's user.
func (e *Engine) CopyToPod(ctx context.Context, from string, to PodPath) error { return errLater }

// ExportPod writes the root of an app of a pod that does not run, with what it
// changed there, as an ACI. app may be "" where the pod has one.
func (e *Engine) ExportPod(ctx context.Context, word, app string, w io.Writer) error { return errLater }
