// Package engine is the one door to everything podtui does: it resolves images,
// prepares and runs pods, lists, logs, stops and collects them. The TUI and
// batch hold an Engine and nothing below it; both fill a spec.Pod and draw the
// events that come back.
//
// An Engine has no memory of its own and no daemon behind it: what it knows is
// in its data folder, and any number of processes may use one folder at once.
package engine

import (
	"context"
	"errors"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/store"
)

// Options are the facts an Engine can't find out by itself.
type Options struct {
	Dir       string // the data folder; made if it is missing
	ConfigDir string // keys, credentials, networks; need not exist

	// SkipVerify lets images run that nobody vouches for. Each use is reported
	// as a Warning event.
	SkipVerify bool

	// Pinned are the IDs of images that this very binary vouches for (its
	// demo's), each with the words that image.verify shows for it.
	Pinned map[string]string
}

// Engine runs pods out of one data folder.
type Engine struct {
	options Options
	store   *store.Store
}

// Open opens the data folder, making it if it is missing.
func Open(o Options) (*Engine, error) { return nil, errors.New("engine: not yet") }

// Close releases what Open took. Running pods go on.
func (e *Engine) Close() error { return nil }

// Images lists what the store has.
func (e *Engine) Images() ([]store.Image, error) { return nil, nil }

// Resolve finds the image that a reference means, importing the file it names
// if it must, and reports each step. It does not ask whether the image may run.
func (e *Engine) Resolve(ctx context.Context, reference string, sink event.Sink) (store.Image, error) {
	return store.Image{}, nil
}

// RemoveImage removes an image by its ID or an unambiguous prefix of it.
func (e *Engine) RemoveImage(id string) error { return nil }

// Unsupported lists what a pod asks for that this version cannot do, by flag.

// RunOptions say how a pod is run.
type RunOptions struct {
	// Attached makes the caller's process the pod's front end: output comes to
	// Output, whole and in order, and the app waits for it to be taken.
	// Otherwise the pod runs on its own and its logs tell.
	Output func(app int, stream string, p []byte)
}

// Run takes a pod the whole way: resolve, verify, unpack, prepare, and start
// every app. It returns once every app has been executed. On an error nothing
// half-made is left.
func (e *Engine) Run(ctx context.Context, pod spec.Pod, o RunOptions, sink event.Sink) (*Running, error) {
	return nil, nil
}

// Running is a pod that this process has started. The pod does not need it.
type Running struct{ UUID string }

// Wait waits for the pod's end and returns its exit status.
func (r *Running) Wait() (int, error) { return 0, nil }

// Stop asks for the stop sequence: SIGTERM to every app, SIGKILL after 10 s.
// Called again, or with now, it kills at once.
func (r *Running) Stop(now bool) {}

// Pods lists all pods, newest first.
func (e *Engine) Pods() ([]poddir.Status, error) { return nil, nil }

// Pod finds a pod by its UUID or an unambiguous prefix of it.
func (e *Engine) Pod(uuid string) (poddir.Status, error) { return poddir.Status{}, nil }

// Watch replays the pod's events from its first and follows them until
// pod.exit, or until the context ends. It works for ended pods as well.
func (e *Engine) Watch(ctx context.Context, uuid string, sink event.Sink) error { return nil }

// LogOptions choose log lines.
type LogOptions struct {
	App    string // "": all apps, in order of time
	Follow bool   // until the pod ends or the context does
}

// Logs hands the pod's log lines to out, in batches, oldest first. The slice is
// out's only during the call.
func (e *Engine) Logs(ctx context.Context, uuid string, o LogOptions, out func([]poddir.LogLine) error) error {
	return nil
}

// StopPod stops a running pod and returns when it has ended.
func (e *Engine) StopPod(ctx context.Context, uuid string, force bool) error { return nil }

// Collected is what GC removed, and what it would not touch.
type Collected struct {
	Pods   []string // UUIDs
	Images int      // half-made imports
}

// GC removes pods that ended longer than grace ago, and everything that a crash
// can leave behind.
func (e *Engine) GC(ctx context.Context, grace time.Duration) (Collected, error) {
	return Collected{}, nil
}
