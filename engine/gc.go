package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/network"
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
// behind. It is safe beside everything else: what somebody owns is left alone,
// and what another one began to remove is finished.
func (e *Engine) GC(ctx context.Context, o GCOptions) (Collected, error) {
	var c Collected
	uuids, err := poddir.List(e.pods())
	if err != nil {
		return c, fmt.Errorf("pods: %w", err)
	}
	errs := []error{poddir.Sweep(e.pods())}
	for _, uuid := range uuids {
		if ctx.Err() != nil {
			return c, ctx.Err()
		}
		removed, err := e.collect(ctx, uuid, o)
		if removed {
			c.Pods = append(c.Pods, uuid)
		}
		errs = append(errs, err)
	}
	errs = append(errs, poddir.SweepNames(e.pods()), poddir.SweepIDs(e.pods()), poddir.SweepAddresses(e.pods()), poddir.SweepHostNames(e.pods()), network.SweepPorts(ctx), e.unleaseLost(), sandbox.SweepLost(e.isPod))
	images, err := e.store.GC(ctx, store.GCOptions{Grace: keptDownloads})
	c.Imports = images.Staged
	for _, damaged := range images.Damaged {
		errs = append(errs, damaged)
	}
	return c, errors.Join(append(errs, err)...)
}

// isPod reports whether a pod has a folder here, whatever its state.
func (e *Engine) isPod(uuid string) bool {
	_, err := os.Lstat(poddir.Open(e.pods(), uuid).Path)
	return err == nil
}

// RemovePod removes a pod that does not run.
func (e *Engine) RemovePod(word string) error {
	dir, err := e.find(word)
	if err != nil {
		return err
	}
	if err := ownIdle(context.Background(), dir); err != nil {
		return err
	}
	defer dir.Unlock()
	status, err := dir.Settle()
	if err != nil {
		return err
	}
	return e.remove(context.Background(), dir, status.Name)
}

// collect takes away what a pod has left on the host, and the pod itself if it
// has been over for long enough.
func (e *Engine) collect(ctx context.Context, uuid string, o GCOptions) (removed bool, err error) {
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
	status, err := settle(ctx, dir)
	if errors.Is(err, poddir.ErrNotFound) { // another gc was faster
		return false, nil
	}
	if err != nil || o.MarkOnly || !o.expired(dir, status) {
		return false, err
	}
	return true, e.remove(ctx, dir, status.Name)
}

// expired reports whether nobody is to have the pod any longer. One that was
// killed before its record was written is nobody's.
func (o GCOptions) expired(dir *poddir.Dir, status poddir.Status) bool {
	since := time.Since(status.LastChange())
	switch {
	case status.State == poddir.Prepared:
		return o.ExpirePrepared > 0 && since >= o.ExpirePrepared
	case status.State == poddir.Failed && !hasRecord(dir):
		return true
	}
	return since >= o.Grace
}

func hasRecord(dir *poddir.Dir) bool {
	_, err := dir.ReadRecord()
	return err == nil
}

// remove removes a pod that we own: first what the kernel has of it, and what its
// networks do, then its folder, by a rename, then its IDs and name, and its leases last: an image must not go
// before what needs it. GC finds what a crash leaves in between.
func (e *Engine) remove(ctx context.Context, dir *poddir.Dir, name string) error {
	if err := sandbox.Sweep(dir.UUID); err != nil {
		return err
	}
	if err := takeNetwork(ctx, dir); err != nil {
		return err
	}
	ids, _ := dir.IDs() // if it doesn't say which, gc finds them
	if err := dir.Remove(); err != nil {
		return err
	}
	crash.Here("folder removed")
	if err := poddir.ReleaseIDs(e.pods(), dir.UUID, ids); err != nil {
		return err
	}
	if name != "" {
		if err := poddir.Release(e.pods(), name, dir.UUID); err != nil {
			return err
		}
	}
	crash.Here("name released")
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
