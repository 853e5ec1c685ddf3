package engine

import (
	"context"
	"errors"
	"io"
	"time"
)

// Damage is what Verify found wrong with a stored image.
type Damage struct {
	Image string // its ID
	Layer string // "": of no layer
	File  string // the path in the image, or the store's own file
	What  string
}

// VerifyImage checks every stored byte of an image. Progress may be nil.
func (e *Engine) VerifyImage(ctx context.Context, id string, progress func(done, total int64)) ([]Damage, error) {
	return nil, errors.New("not supported yet")
}

// VerifyStore checks what the store keeps beside its images.
func (e *Engine) VerifyStore(ctx context.Context) ([]Damage, error) {
	return nil, errors.New("not supported yet")
}

// ExportImage writes an image as an ACI, and returns the ID that it has then:
// its own, unless it came from a registry.
func (e *Engine) ExportImage(ctx context.Context, id string, w io.Writer) (string, error) {
	return "", errors.New("not supported yet")
}

// ExtractOptions say what of an image becomes a folder.
type ExtractOptions struct {
	Render    bool // the root as a pod gets it, dependencies and all, and nothing beside it
	Rootfs    bool // without Render: the rootfs alone, at the top
	Overwrite bool // what is at the target goes
}

// ExtractImage copies an image's files into a folder.
func (e *Engine) ExtractImage(ctx context.Context, id, dir string, o ExtractOptions) error {
	return errors.New("not supported yet")
}

// CollectedImages is what GCImages removed.
type CollectedImages struct {
	Images   []string // IDs
	Layers   int
	Partials int // downloads that did not end
	Staged   int // what crashes left
}

// GCImages removes images that nobody has used for so long, and what belongs to
// none.
func (e *Engine) GCImages(ctx context.Context, grace time.Duration) (CollectedImages, error) {
	return CollectedImages{}, errors.New("not supported yet")
}
