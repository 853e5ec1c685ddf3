package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/supervisor"
)

// Pods lists all pods, newest first.
func (e *Engine) Pods() ([]poddir.Status, error) {
	pods, err := poddir.All(e.pods())
	if err != nil {
		return nil, fmt.Errorf("pods: %w", err)
	}
	return pods, nil
}

// Pod finds a pod by its name, its UUID or an unambiguous prefix of that.
func (e *Engine) Pod(prefix string) (poddir.Status, error) {
	dir, err := e.find(prefix)
	if err != nil {
		return poddir.Status{}, err
	}
	return dir.Status()
}

// PodSpec is the pod as it was asked for.
func (e *Engine) PodSpec(prefix string) (spec.Pod, error) {
	dir, err := e.find(prefix)
	if err != nil {
		return spec.Pod{}, err
	}
	record, err := dir.ReadRecord()
	return record.Pod, err
}

// PodManifestJSON is the pod as an appc pod manifest. Its images are leased, so
// their manifests are there for as long as the pod is.
func (e *Engine) PodManifestJSON(prefix string) ([]byte, error) {
	dir, err := e.find(prefix)
	if err != nil {
		return nil, err
	}
	record, err := dir.ReadRecord()
	if err != nil {
		return nil, err
	}
	images := make([]Image, len(record.Images))
	for i, image := range record.Images {
		if images[i], err = e.store.Get(image.ID); err != nil {
			return nil, err
		}
	}
	specImages, err := forSpec(images)
	if err != nil {
		return nil, err
	}
	manifest, err := record.Pod.Manifest(specImages, record.Around())
	if err != nil {
		return nil, fmt.Errorf("pod %s: %w", dir.UUID, err)
	}
	return manifest.MarshalJSON()
}

// StopOptions say how a pod is stopped.
type StopOptions struct {
	Force   bool           // SIGKILL at once
	Timeout *time.Duration // between the stop signal and SIGKILL, in place of each app's own
}

// StopPod stops a running pod and returns when it has ended. It is no error if
// it has ended already. Apps are not started again, whatever their policy.
func (e *Engine) StopPod(ctx context.Context, prefix string, o StopOptions) error {
	dir, err := e.find(prefix)
	if err != nil {
		return err
	}
	err = supervisor.Stop(ctx, dir, o.Force, o.Timeout)
	if !errors.Is(err, supervisor.ErrNotRunning) {
		return err
	}
	status, err := dir.Status()
	switch {
	case err != nil:
		return err
	case status.State == poddir.Exited:
		return nil
	case status.State == poddir.Running: // it can't be asked
		return supervisor.Signal(ctx, dir, o.Force)
	}
	return &StateError{dir.UUID, status.State}
}

// WaitPod returns how a pod is once it has ended, or failed. One that is prepared
// may yet be run.
func (e *Engine) WaitPod(ctx context.Context, word string) (poddir.Status, error) {
	dir, err := e.find(word)
	if err != nil {
		return poddir.Status{}, err
	}
	changes, err := dir.Watch()
	if err != nil {
		return poddir.Status{}, err
	}
	defer changes.Close()
	for {
		status, err := dir.Status()
		if err != nil || over(status.State) {
			return status, err
		}
		if err := changes.Wait(ctx); err != nil {
			return status, err
		}
	}
}

func (e *Engine) find(prefix string) (*poddir.Dir, error) {
	uuid, err := poddir.Find(e.pods(), prefix)
	if err != nil {
		return nil, err
	}
	return poddir.Open(e.pods(), uuid), nil
}
