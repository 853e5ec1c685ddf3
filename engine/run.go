package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/appc/spec/schema/types"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/supervisor"
	"github.com/podtui/podtui/store"
)

// RunOptions say how a pod is run.
type RunOptions struct {
	// SkipVerify lets images run that nobody vouches for.
	SkipVerify bool

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

// ExitStatus is what a front end exits with after an error of Run.
func ExitStatus(err error) int {
	var start *StartError
	var invalid *InvalidError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &invalid):
		return 2
	case errors.As(err, &start):
		return start.Status
	}
	return StatusCannotRun
}

// run is one pod on its way.
type run struct {
	engine  *Engine
	options RunOptions
	uuid    string
	sink    event.Sink
	told    []event.Event // what the pod's folder is told once there is one
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

// emit tells the caller, and the pod's folder later.
func (r *run) emit(e event.Event) {
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	e.Pod = r.uuid
	if !e.Progress() {
		r.told = append(r.told, e)
	}
	r.sink.Emit(e)
}

// images brings every app's image into the store. An image of two apps is
// brought once.
func (r *run) images(ctx context.Context, pod spec.Pod) ([]store.Image, error) {
	images := make([]store.Image, len(pod.Apps))
	known := make(map[string]store.Image)
	for i, app := range pod.Apps {
		image, ok := known[app.Image]
		if !ok {
			var err error
			if image, err = r.engine.Fetch(ctx, app.Image, r.options.SkipVerify, r.emit); err != nil {
				return nil, err
			}
			known[app.Image] = image
		}
		images[i] = image
	}
	return images, nil
}

// checkHost finds what the host refutes, before anything is made.
func checkHost(pod spec.Pod) []spec.Problem {
	var problems []spec.Problem
	for i, volume := range pod.Volumes {
		if volume.Kind != spec.HostVolume {
			continue
		}
		if _, err := os.Stat(volume.Source); err != nil {
			problems = append(problems, spec.Problem{
				Path:    fmt.Sprintf("volumes[%d].source", i),
				Message: fmt.Sprintf("volume %q: %s", volume.Name, missing(volume.Source, err)),
			})
		}
	}
	return problems
}

func missing(path string, err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return path + " does not exist on the host"
	}
	return err.Error()
}

// prepare fills the pod's folder with everything that is decided before its
// start. The lease comes after the folder: a lease whose pod has no folder is a
// crash's.
func (r *run) prepare(ctx context.Context, pod spec.Pod, dir *poddir.Dir) error {
	images, err := r.images(ctx, pod)
	if err != nil {
		return err
	}
	record, err := r.decide(pod, images)
	if err != nil {
		return err
	}
	if err := r.fill(dir, record); err != nil {
		return fmt.Errorf("pod folder: %w", err)
	}
	return nil
}

// decide puts the pod's wishes and its images together.
func (r *run) decide(pod spec.Pod, images []store.Image) (poddir.Record, error) {
	specImages, err := forSpec(images)
	if err != nil {
		return poddir.Record{}, err
	}
	environ := r.engine.options.Environ
	resolved, problems := pod.Resolve(specImages, environ)
	problems = append(problems, checkBytes(resolved)...)
	if len(problems) > 0 {
		return poddir.Record{}, &RefutedError{problems}
	}
	for i, app := range resolved.Apps {
		for _, warning := range append(app.Warnings(), ignored(images[i])...) {
			r.emit(event.Event{Type: event.Warning, App: app.Name.Value, Message: warning})
		}
	}
	podImages, err := r.forPod(images)
	return poddir.NewRecord(pod, resolved, podImages, environ), err
}

// forSpec are images as spec knows them.
func forSpec(images []store.Image) ([]spec.Image, error) {
	list := make([]spec.Image, len(images))
	for i, image := range images {
		hash, err := types.NewHash(image.ID)
		if err != nil {
			return nil, err
		}
		list[i] = spec.Image{ID: *hash, Manifest: image.Manifest}
	}
	return list, nil
}

// forPod are images as a pod's record has them.
func (r *run) forPod(images []store.Image) ([]poddir.Image, error) {
	list := make([]poddir.Image, len(images))
	for i, image := range images {
		layers, err := r.engine.store.Layers(image)
		if err != nil {
			return nil, err
		}
		list[i] = poddir.Image{ID: image.ID, Name: displayName(image), Layers: layers}
	}
	return list, nil
}

// ignored tells what an image asks for that this version doesn't do.
func ignored(image store.Image) []string {
	app := image.Manifest.App
	if app == nil {
		return nil
	}
	var warnings []string
	if len(app.Isolators) > 0 {
		warnings = append(warnings, fmt.Sprintf("image %s: its isolators are not supported yet", displayName(image)))
	}
	if len(app.EventHandlers) > 0 {
		warnings = append(warnings, fmt.Sprintf("image %s: its event handlers are not supported yet", displayName(image)))
	}
	return warnings
}

// displayName is an image as people know it.
func displayName(image store.Image) string {
	if version := image.Version(); version != "" {
		return image.Name() + ":" + version
	}
	return image.Name()
}

func (r *run) fill(dir *poddir.Dir, record poddir.Record) error {
	status := poddir.Status{State: poddir.Preparing, Created: time.Now()}
	ids := make([]string, len(record.Images))
	for i, image := range record.Images {
		ids[i] = image.ID
		status.Apps = append(status.Apps, poddir.AppStatus{
			Name: record.Resolved.Apps[i].Name.Value, Image: image.Name, ImageID: image.ID,
		})
	}
	if err := dir.WriteStatus(status); err != nil {
		return err
	}
	if err := r.engine.store.Lease(r.uuid, ids...); err != nil {
		return err
	}
	if err := dir.WriteRecord(record); err != nil {
		return err
	}
	r.emit(event.Event{Type: event.PodPrepare, State: event.Done})
	return r.tell(dir)
}

// tell writes the story so far into the pod's folder. The supervisor goes on
// with it.
func (r *run) tell(dir *poddir.Dir) error {
	events, err := dir.AppendEvents()
	if err != nil {
		return err
	}
	defer events.Close()
	for i := range r.told {
		r.told[i].Pod = r.uuid
	}
	return events.Write(r.told...)
}

// discard removes a pod that did not start and that nobody owns any more. What
// can't be removed now is left to GC, which would find it in any case.
func (r *run) discard(dir *poddir.Dir) {
	if dir.LockDescriptor() == nil && dir.Lock() != nil {
		return
	}
	_ = r.engine.remove(dir)
}
