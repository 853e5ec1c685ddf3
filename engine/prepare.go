package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/appc/spec/schema/types"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/store"
)

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
	for _, warning := range resolved.Unused() {
		r.emit(event.Event{Type: event.Warning, Message: warning})
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
		list[i] = poddir.Image{ID: image.ID, Name: displayName(image), Layers: layers, Unverified: image.Verified == nil}
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

func (r *run) lease(images []store.Image) error {
	ids := make([]string, len(images))
	for i, image := range images {
		ids[i] = image.ID
	}
	return r.engine.store.Lease(r.uuid, ids...)
}

func (r *run) fill(dir *poddir.Dir, record poddir.Record) error {
	status := poddir.Status{State: poddir.Preparing, Created: time.Now(), Insecure: r.laxness()}
	for i, image := range record.Images {
		status.Apps = append(status.Apps, poddir.AppStatus{
			Name: record.Resolved.Apps[i].Name.Value, Image: image.Name, ImageID: image.ID, Unverified: image.Unverified,
		})
	}
	if err := dir.WriteStatus(status); err != nil {
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
