package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
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

	// Relax leaves apps without some of what keeps them apart from the host. What a
	// pod was prepared with stays.
	Relax Relax

	// Around is what LookAround has found for the pod; nil: nobody has looked yet.
	Around *spec.Surroundings

	// Output takes the pod's output, whole and in order, and each app waits
	// until it was taken. p is valid during the call. Without it the output goes
	// to the logs alone.
	Output func(app int, stream string, p []byte)

	// Input is what the app of an interactive pod gets (Running.Write), and the size
	// of its terminal. Without any it has a terminal, for those that attach.
	Input      Input
	Rows, Cols int
}

// Run takes a pod the whole way: resolve, verify, unpack, prepare, and start
// every app. It returns once every app has been executed. On an error nothing
// is left of the pod; only one whose supervisor was killed when its apps may have
// run has exited, and what they said is in its logs.
func (e *Engine) Run(ctx context.Context, pod spec.Pod, o RunOptions, sink event.Sink) (*Running, error) {
	defer e.warm()()
	run := e.newRun(poddir.NewUUID(), o, sink)
	running, err := run.run(ctx, pod)
	return running, run.failed(err)
}

// run is one pod on its way.
type run struct {
	engine  *Engine
	options RunOptions
	uuid    string
	sink    event.Sink
	around  spec.Surroundings
	stored  bool // what isn't in the store is not to be had

	networks []Network // the pod's own
	warnings []string  // of how networks are configured here

	mu   sync.Mutex
	told []event.Event // what the pod's folder is told once there is one
}

func (e *Engine) newRun(uuid string, o RunOptions, sink event.Sink) *run {
	return &run{engine: e, options: o, uuid: uuid, sink: sink}
}

// failed tells the caller's sink of an error, and returns it.
func (r *run) failed(err error) error {
	if err != nil {
		r.emit(event.Event{Type: event.Error, Message: err.Error(), Status: event.Status(ExitStatus(err))})
	}
	return err
}

func (r *run) run(ctx context.Context, pod spec.Pod) (*Running, error) {
	if err := r.check(ctx, pod); err != nil {
		return nil, err
	}
	r.options.settleInput(pod)
	dir, err := r.begin(pod.Name)
	if err != nil {
		return nil, err
	}
	running, err := r.bringUp(ctx, pod, dir)
	if err == nil {
		return running, nil
	}
	if !errors.Is(err, errLost) || !ran(dir) {
		r.discard(dir, pod.Name)
	}
	return nil, err
}

// ran reports whether a pod whose supervisor was killed may have run, and notes
// its end then. What others have been shown of it stays.
func ran(dir *poddir.Dir) bool {
	if err := dir.Lock(); err != nil {
		return true // another is at it already
	}
	defer dir.Unlock()
	status, err := settle(context.Background(), dir) // else gc takes what is left
	return err == nil && status.State == poddir.Exited
}

// check finds what is wrong with a pod before anything is made, and looks at what
// is around it.
func (r *run) check(ctx context.Context, pod spec.Pod) error {
	if problems := pod.Check(); len(problems) > 0 {
		return &InvalidError{problems}
	}
	own := ownWords(pod)
	if problems := checkSeccomp(own); len(problems) > 0 {
		return &InvalidError{problems}
	}
	problems := append(checkSysctls(own), checkHost(pod)...)
	var unconnected []spec.Problem
	r.networks, r.warnings, unconnected = r.engine.chooseNetworks(pod)
	if problems = append(problems, unconnected...); len(problems) > 0 {
		return &RefutedError{problems}
	}
	if r.options.Around != nil {
		r.around = *r.options.Around
		return nil
	}
	around, err := r.engine.Surroundings(ctx, pod)
	r.around = around
	return err
}

// LookAround finds what Run finds wrong with a pod before it makes anything, and
// needs no data folder. What it finds around the pod is for RunOptions: a file of
// variables may be a pipe, which can be read once.
func LookAround(ctx context.Context, pod spec.Pod, o Options, sink event.Sink) (*spec.Surroundings, error) {
	run := (&Engine{options: Options{ConfigDir: o.ConfigDir, Environ: o.Environ}}).newRun("", RunOptions{}, sink)
	err := run.check(ctx, pod)
	return &run.around, run.failed(err)
}

// begin makes the pod's folder, and then claims its name: a name whose pod has no
// folder is a crash's.
func (r *run) begin(name string) (*poddir.Dir, error) {
	dir, err := poddir.Create(r.engine.pods(), r.uuid)
	if err != nil {
		return nil, fmt.Errorf("pod folder: %w", err)
	}
	crash.Here("folder made")
	if name == "" {
		return dir, nil
	}
	if err := poddir.Claim(r.engine.pods(), name, r.uuid); err != nil {
		r.discard(dir, "")
		return nil, err
	}
	crash.Here("name claimed")
	return dir, nil
}

// bringUp takes the pod from nothing but its folder to running apps. Its
// supervisor gets ready while the rest is decided.
func (r *run) bringUp(ctx context.Context, pod spec.Pod, dir *poddir.Dir) (*Running, error) {
	front, err := r.spawn(pod, dir)
	if err != nil {
		return nil, err
	}
	if err := r.prepare(ctx, pod, dir); err != nil {
		front.Abandon()
		return nil, err
	}
	return r.start(ctx, dir, front, len(pod.Apps))
}

func (r *run) spawn(pod spec.Pod, dir *poddir.Dir) (*supervisor.Front, error) {
	front, err := supervisor.Spawn(dir, r.engine.pods(), r.engine.cache(), r.options.spawn(pod, r.engine.program()))
	if err == nil {
		crash.Here("supervisor spawned")
	}
	return front, err
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
		Signature: app.Signature, Pull: pod.Pull, Stored: r.stored, Believe: r.options.Believe,
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
		{r.options.Relax.Capabilities, "capabilities"}, {r.options.Relax.Seccomp, "seccomp"}, {r.options.Relax.Paths, "paths"},
	} {
		if laxity.on {
			words = append(words, laxity.word)
		}
	}
	return words
}

// discard removes a pod that did not start and that nobody owns any more. What
// can't be removed now is left to GC, which would find it in any case.
func (r *run) discard(dir *poddir.Dir, name string) {
	if dir.LockDescriptor() == nil && dir.Lock() != nil {
		return
	}
	_ = r.engine.remove(context.Background(), dir, name)
}
