package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/supervisor"
	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/store"
)

// RunOptions say how a pod is run.
type RunOptions struct {
	// SkipVerify lets images run that nobody vouches for.
	SkipVerify bool

	// Unverified and Believe are about single images: see FetchOptions.
	Unverified map[string]string
	Believe    map[string][]KeyInfo

	// Output takes the pod's output, whole and in order, and each app waits
	// until it was taken. p is valid during the call. Without it the output goes
	// to the logs alone.
	Output func(app int, stream string, p []byte)
}

// Run takes a pod the whole way: resolve, verify, unpack, prepare, and start
// every app. It returns once every app has been executed. On an error nothing
// is left of the pod.
func (e *Engine) Run(ctx context.Context, pod spec.Pod, o RunOptions, sink event.Sink) (*Running, error) {
	var warming sync.WaitGroup
	warming.Go(sandbox.Warm)
	defer warming.Wait()
	run := &run{engine: e, options: o, uuid: poddir.NewUUID(), sink: sink}
	running, err := run.run(ctx, pod)
	if err != nil {
		run.emit(event.Event{Type: event.Error, Message: err.Error(), Status: event.Status(ExitStatus(err))})
		return nil, err
	}
	return running, nil
}

// run is one pod on its way.
type run struct {
	engine  *Engine
	options RunOptions
	uuid    string
	sink    event.Sink

	mu   sync.Mutex
	told []event.Event // what the pod's folder is told once there is one
}

func (r *run) run(ctx context.Context, pod spec.Pod) (*Running, error) {
	if problems := pod.Check(); len(problems) > 0 {
		return nil, &InvalidError{problems}
	}
	if flags := pod.Unsupported(); len(flags) > 0 {
		return nil, &UnsupportedError{flags}
	}
	if problems := checkHost(pod); len(problems) > 0 {
		return nil, &RefutedError{problems}
	}
	dir, front, err := r.begin()
	if err != nil {
		return nil, err
	}
	running, err := r.bringUp(ctx, pod, dir, front)
	if err != nil {
		r.discard(dir)
		return nil, err
	}
	return running, nil
}

// begin makes the pod's folder and its supervisor, which gets ready while the
// rest is decided.
func (r *run) begin() (*poddir.Dir, *supervisor.Front, error) {
	dir, err := poddir.Create(r.engine.pods(), r.uuid)
	if err != nil {
		return nil, nil, fmt.Errorf("pod folder: %w", err)
	}
	front, err := supervisor.Spawn(dir, r.engine.pods(), r.engine.cache(), r.options.Output != nil)
	if err != nil {
		r.discard(dir)
		return nil, nil, err
	}
	return dir, front, nil
}

// bringUp takes the pod from nothing but its folder to running apps.
func (r *run) bringUp(ctx context.Context, pod spec.Pod, dir *poddir.Dir, front *supervisor.Front) (*Running, error) {
	if err := r.prepare(ctx, pod, dir); err != nil {
		front.Abandon()
		return nil, err
	}
	running := listenTo(front, r.uuid, len(pod.Apps), r.options.Output, r.sink)
	front.Go()
	if err := running.started(ctx); err != nil {
		running.Close()
		return nil, err
	}
	return running, nil
}

// emit tells the caller, and the pod's folder later. Layers come side by side, and
// each tells of itself.
func (r *run) emit(e event.Event) {
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	e.Pod = r.uuid
	if !e.Progress() {
		r.mu.Lock()
		r.told = append(r.told, e)
		r.mu.Unlock()
	}
	r.sink.Emit(e)
}

// images brings every app's image into the store. An image of two apps is
// brought once.
func (r *run) images(ctx context.Context, pod spec.Pod) ([]store.Image, error) {
	images := make([]store.Image, len(pod.Apps))
	known := make(map[[2]string]store.Image)
	for i, app := range pod.Apps {
		image, ok := known[[2]string{app.Image, app.Signature}]
		if !ok {
			var err error
			if image, err = r.engine.Fetch(ctx, app.Image, r.fetchOptions(pod, app), r.emit); err != nil {
				return nil, err
			}
			if image.Verified == nil && !r.options.SkipVerify && len(r.options.Unverified) == 0 {
				return nil, &UnverifiedError{Image: app.Image, Name: image.Name(), Refusal: &refusal.Error{Kind: refusal.NoSignature}}
			}
			if pod.VerifyImage {
				if err := r.engine.verified(ctx, app.Image, image); err != nil {
					return nil, err
				}
			}
			known[[2]string{app.Image, app.Signature}] = image
		}
		images[i] = image
	}
	return images, nil
}

func (r *run) fetchOptions(pod spec.Pod, app spec.App) FetchOptions {
	return FetchOptions{
		SkipVerify: r.options.SkipVerify, Unverified: r.options.Unverified,
		Signature: app.Signature, Pull: pod.Pull, Believe: r.options.Believe,
	}
}

// laxness is what this start is not strict about, in the words of
// --insecure-options.
func (r *run) laxness() (words []string) {
	o := r.engine.options.Insecure
	for _, laxity := range []struct {
		on   bool
		word string
	}{
		{r.options.SkipVerify, "image"}, {o.TLS, "tls"}, {o.HTTP, "http"}, {o.Keys, "pubkey"},
	} {
		if laxity.on {
			words = append(words, laxity.word)
		}
	}
	return words
}

// discard removes a pod that did not start and that nobody owns any more. What
// can't be removed now is left to GC, which would find it in any case.
func (r *run) discard(dir *poddir.Dir) {
	if dir.LockDescriptor() == nil && dir.Lock() != nil {
		return
	}
	_ = r.engine.remove(dir)
}
