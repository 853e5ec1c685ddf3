package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/appc/spec/schema/types"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/store"
)

// Prepare takes a pod as far as it can be taken without running it, and returns
// its UUID: images fetched, verified and unpacked, everything decided, all of it
// on the disk itself. On an error nothing is left of the pod.
func (e *Engine) Prepare(ctx context.Context, pod spec.Pod, o RunOptions, sink event.Sink) (string, error) {
	run := e.newRun(poddir.NewUUID(), o, sink)
	return run.uuid, run.failed(run.onlyPrepare(ctx, pod))
}

func (r *run) onlyPrepare(ctx context.Context, pod spec.Pod) error {
	if err := r.check(ctx, pod); err != nil {
		return err
	}
	dir, err := r.begin(pod.Name)
	if err != nil {
		return err
	}
	if err = r.prepare(ctx, pod, dir); err == nil {
		err = keep(dir)
	}
	if err != nil {
		r.discard(dir, pod.Name)
		return err
	}
	dir.Unlock()
	return nil
}

// keep makes a pod that is being prepared one that waits to be run. Everything
// else is on the disk before its state says so.
func keep(dir *poddir.Dir) error {
	status, err := dir.Status()
	if err != nil {
		return err
	}
	record, err := dir.ReadRecord()
	if err != nil {
		return err
	}
	status.State = poddir.Prepared
	status.Networks, status.Ports = record.NetworkNames(), record.Resolved.Ports
	if err = dir.Sync(); err == nil {
		crash.Here("prepared but for its state")
		err = dir.WriteStatus(status)
	}
	if err == nil {
		err = dir.Sync()
	}
	if err != nil {
		return fmt.Errorf("pod folder: %w", err)
	}
	return nil
}

// prepare fills the pod's folder with everything that is decided before its
// start. The lease comes after the folder: a lease whose pod has no folder is a
// crash's.
func (r *run) prepare(ctx context.Context, pod spec.Pod, dir *poddir.Dir) error {
	images, err := r.images(ctx, pod)
	if err != nil {
		return err
	}
	if err := r.lease(images); err != nil { // what they are stacked on stays then
		return err
	}
	crash.Here("images leased")
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
	resolved, problems := pod.Resolve(specImages, r.around)
	problems = append(problems, checkIsolation(resolved)...)
	if len(problems) > 0 {
		return poddir.Record{}, &RefutedError{problems}
	}
	if problems := r.engine.checkPorts(pod, resolved.Ports); len(problems) > 0 {
		return poddir.Record{}, &RefutedError{problems}
	}
	r.warn(resolved)
	r.options.Relax.apply(&resolved)
	podImages, err := r.forPod(images)
	record := poddir.NewRecord(pod, resolved, podImages, r.around)
	record.Networks = r.networks
	return record, err
}

// warn tells what people may have meant otherwise.
func (r *run) warn(resolved spec.Resolved) {
	for _, app := range resolved.Apps {
		name := app.Name.Value
		for _, warning := range app.Warnings() {
			r.emit(event.Event{Type: event.Warning, App: name, Message: warning})
		}
		if warning := widenedWarning(app); warning != "" {
			r.emit(event.Event{Type: event.Warning, App: name, Message: warning})
		}
	}
	r.warnAll(slices.Concat(resolved.Warnings(), resolved.Unused(), capacity().exceededBy(resolved), r.warnings))
}

func (r *run) warnAll(messages []string) {
	for _, message := range messages {
		r.emit(event.Event{Type: event.Warning, Message: message})
	}
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
		list[i] = poddir.Image{ID: image.ID, Name: displayName(image), Layers: layers, Unverified: image.Verified == nil}
	}
	return list, nil
}

// displayName is an image as people know it.
func displayName(image store.Image) string {
	if version := image.Version(); version != "" {
		return image.Name() + ":" + version
	}
	return image.Name()
}

func (r *run) lease(images []store.Image) error {
	ids := make([]string, len(images))
	for i, image := range images {
		ids[i] = image.ID
	}
	return r.engine.store.Lease(r.uuid, ids...)
}

func (r *run) fill(dir *poddir.Dir, record poddir.Record) error {
	status := poddir.Status{Name: record.Pod.Name, State: poddir.Preparing, Created: time.Now(), Insecure: r.laxness()}
	for i, image := range record.Images {
		status.Apps = append(status.Apps, poddir.AppStatus{
			Name: record.Resolved.Apps[i].Name.Value, Image: image.Name, ImageID: image.ID, Unverified: image.Unverified,
		})
	}
	if err := dir.WriteStatus(status); err != nil {
		return err
	}
	crash.Here("state without a record")
	if err := dir.WriteRecord(record); err != nil {
		return err
	}
	crash.Here("record written")
	r.emit(event.Event{Type: event.PodPrepare, State: event.Done, Apps: decided(record.Resolved)})
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
