package engine

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/podtui/podtui/engine/poddir"
)

// PodsChange is what FollowPods tells.
type PodsChange struct {
	All     bool            // Changed is all pods there are, newest first
	Changed []poddir.Status // how they are now
	Gone    []string        // UUIDs
}

// followPace is the least time between two tells: who draws pods can't use more.
const followPace = 100 * time.Millisecond

// FollowPods tells what pods there are, and from then on what changes of them,
// whoever changes it, until the context ends or tell returns an error. Changes
// that come close together are told together.
func (e *Engine) FollowPods(ctx context.Context, tell func(PodsChange) error) error {
	watch, err := poddir.WatchPods(e.pods())
	if err != nil {
		return err
	}
	defer watch.Close()
	f := &followed{pods: e.pods(), known: make(map[string]poddir.Status)}
	change, err := f.all()
	for err == nil {
		f.told = time.Now()
		if err := tell(change); err != nil {
			return err
		}
		watch.Running(f.owned())
		change, err = f.next(ctx, watch)
	}
	return err
}

// followed are the pods as they were last told.
type followed struct {
	pods  string
	known map[string]poddir.Status
	told  time.Time
}

// all looks at every pod.
func (f *followed) all() (PodsChange, error) {
	pods, err := poddir.All(f.pods)
	if err != nil {
		return PodsChange{}, fmt.Errorf("pods: %w", err)
	}
	clear(f.known)
	for _, pod := range pods {
		f.known[pod.UUID] = pod
	}
	return PodsChange{All: true, Changed: pods}, nil
}

// next waits for a change that shows. Changes gather in the kernel for as long as
// the last tell is recent.
func (f *followed) next(ctx context.Context, watch *poddir.PodsWatch) (PodsChange, error) {
	for {
		if err := sleep(ctx, time.Until(f.told.Add(followPace))); err != nil {
			return PodsChange{}, err
		}
		uuids, overflow, err := watch.Wait(ctx)
		if err != nil {
			return PodsChange{}, err
		}
		if overflow {
			return f.all()
		}
		change, err := f.look(uuids)
		if err != nil || len(change.Changed)+len(change.Gone) > 0 {
			return change, err
		}
	}
}

// look looks at pods that may have changed.
func (f *followed) look(uuids []string) (change PodsChange, err error) {
	pods, err := poddir.Some(f.pods, uuids)
	if err != nil {
		return PodsChange{}, fmt.Errorf("pods: %w", err)
	}
	there := make(map[string]bool, len(uuids))
	for _, pod := range pods {
		there[pod.UUID] = true
		if known, ok := f.known[pod.UUID]; !ok || !reflect.DeepEqual(pod, known) {
			f.known[pod.UUID] = pod
			change.Changed = append(change.Changed, pod)
		}
	}
	for _, uuid := range uuids {
		if _, ok := f.known[uuid]; ok && !there[uuid] {
			delete(f.known, uuid)
			change.Gone = append(change.Gone, uuid)
		}
	}
	return change, nil
}

// owned are the pods that somebody owns, as far as was told.
func (f *followed) owned() (uuids []string) {
	for uuid, pod := range f.known {
		if pod.State == poddir.Running || pod.State == poddir.Preparing {
			uuids = append(uuids, uuid)
		}
	}
	return uuids
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
