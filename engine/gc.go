package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/store"
)

// Collected is what GC removed.
type Collected struct {
	Pods    []string // UUIDs
	Imports int      // half-made ones
}

// GCOptions say what GC removes.
type GCOptions struct {
	Grace          time.Duration // pods that ended longer ago go
	ExpirePrepared time.Duration // prepared pods that have waited longer go; 0: none
	MarkOnly       bool          // write down that pods have ended whose supervisor could not, and remove none
}

// GC removes pods that ended a while ago, and everything that a crash can leave
// behind. It is safe beside everything else: what somebody owns is left alone.
func (e *Engine) GC(ctx context.Context, o GCOptions) (Collected, error) {
	var c Collected
	grace := o.Grace
	uuids, err := poddir.List(e.pods())
	if err != nil {
		return c, fmt.Errorf("pods: %w", err)
	}
	errs := []error{poddir.Sweep(e.pods())}
	for _, uuid := range uuids {
		if ctx.Err() != nil {
			return c, ctx.Err()
		}
		removed, err := e.collect(uuid, grace)
		if removed {
			c.Pods = append(c.Pods, uuid)
		}
		errs = append(errs, err)
	}
	errs = append(errs, e.unleaseLost())
	images, err := e.store.GC(ctx, store.GCOptions{Grace: keptDownloads})
	c.Imports = images.Staged
	for _, damaged := range images.Damaged {
		errs = append(errs, damaged)
	}
	return c, errors.Join(append(errs, err)...)
}

// RemovePod removes a pod that does not run.
func (e *Engine) RemovePod(prefix string) error {
	dir, err := e.find(prefix)
	if err != nil {
		return err
	}
	if err := dir.Lock(); err != nil {
		return fmt.Errorf("pod %s: %w", dir.UUID, err)
	}
	return e.remove(dir)
}

// collect takes away what a pod has left on the host, and the pod itself if it
// has been over for long enough.
func (e *Engine) collect(uuid string, grace time.Duration) (removed bool, err error) {
	dir := poddir.Open(e.pods(), uuid)
	err = dir.Lock()
	if errors.Is(err, poddir.ErrBusy) || errors.Is(err, poddir.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer dir.Unlock()
	if err := sandbox.Sweep(uuid); err != nil {
		return false, err
	}
	status, err := dir.OwnStatus()
	if errors.Is(err, poddir.ErrNotFound) { // another gc was faster
		return false, nil
	}
	if err != nil {
		return false, err
	}
	halfMade := status.State == poddir.Failed && status.Ended.IsZero()
	if !halfMade && time.Since(status.LastChange()) < grace {
		return false, nil
	}
	return true, e.remove(dir)
}

// remove removes a pod that we own, its leases last: an image must not go
// before what needs it.
func (e *Engine) remove(dir *poddir.Dir) error {
	if err := sandbox.Sweep(dir.UUID); err != nil {
		return err
	}
	if err := dir.Remove(); err != nil {
		return err
	}
	return e.store.Unlease(dir.UUID)
}

// unleaseLost gives back the leases of pods that have no folder. A folder is
// made before its lease.
func (e *Engine) unleaseLost() error {
	owners, err := e.store.Owners()
	if err != nil {
		return err
	}
	uuids, err := poddir.List(e.pods())
	if err != nil {
		return err
	}
	there := make(map[string]bool, len(uuids))
	for _, uuid := range uuids {
		there[uuid] = true
	}
	var errs []error
	for _, owner := range owners {
		if !there[owner] {
			errs = append(errs, e.store.Unlease(owner))
		}
	}
	return errors.Join(errs...)
}
