package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/podtui/podtui/store"
)

// Damage is something of the store that is not what was stored.
type Damage = store.Damage

// VerifyImage checks every stored byte of an image. Progress may be nil.
func (e *Engine) VerifyImage(ctx context.Context, id string, progress func(done, total int64)) (damage []Damage, err error) {
	err = e.holding(id, func() (err error) {
		damage, err = e.store.Verify(ctx, id, progress)
		return err
	})
	return damage, err
}

// holding does something with an image that is not removed meanwhile. One whose
// record or layers are not what they were can't be held, and need not be.
func (e *Engine) holding(id string, do func() error) error {
	image, err := e.store.Get(id)
	if err == nil {
		release, holdErr := e.store.Hold(image)
		if holdErr == nil {
			defer func() { _ = release() }() // GC does it otherwise
		}
	}
	if errors.Is(err, store.ErrNotFound) {
		return err
	}
	return do()
}

// VerifyStore checks what the store keeps beside its images.
func (e *Engine) VerifyStore(ctx context.Context) ([]Damage, error) { return e.store.VerifyRest(ctx) }

// ExportImage writes an image as an ACI, and returns the ID that it has then:
// its own, unless it came from a registry.
func (e *Engine) ExportImage(ctx context.Context, id string, w io.Writer) (exported string, err error) {
	err = e.holding(id, func() (err error) {
		exported, err = e.store.Export(ctx, id, w)
		return err
	})
	return exported, err
}

// keptDownloads is for how long a download that was cut off waits for somebody
// to go on with it.
const keptDownloads = 24 * time.Hour

// CollectedImages is what GCImages removed.
type CollectedImages struct {
	Images   []string // IDs
	Layers   int
	Partials int // downloads that did not end
	Staged   int // what crashes left
}

// GCImages removes images that no pod has and that nobody has used for so long,
// and what belongs to none.
func (e *Engine) GCImages(ctx context.Context, grace time.Duration) (CollectedImages, error) {
	if err := e.unleaseLost(); err != nil {
		return CollectedImages{}, err
	}
	c, err := e.store.GC(ctx, store.GCOptions{Unused: max(grace, 1), Grace: grace})
	errs := []error{err}
	for _, damaged := range c.Damaged {
		errs = append(errs, damaged)
	}
	return CollectedImages{c.Images, len(c.Layers), c.Partials, c.Staged}, errors.Join(errs...)
}

// verified checks every byte of the images of a pod that wants it.
func (e *Engine) verified(ctx context.Context, reference string, image Image) error {
	damage, err := e.VerifyImage(ctx, image.ID, nil)
	if err == nil && len(damage) > 0 {
		err = fmt.Errorf("damaged: %s: %s", damage[0].File, damage[0].What)
	}
	if err != nil {
		return &ImageError{Image: reference, Err: err}
	}
	return nil
}
