package store

import (
	"context"
	"errors"
	"io"
)

// LayerOptions say which layer of a registry image is read.
type LayerOptions struct {
	DiffID   string // "sha256:" and 64 digits: the SHA-256 of the uncompressed tar, which it must have
	Size     int64  // bytes to be read, compressed as they are; 0: unknown
	Progress Progress

	// Bounds on what the layer may cost. 0 stands for the default.
	MaxSize    int64
	MaxEntries int
}

// ReadLayer reads a layer to the end of r, whatever its compression, and puts it
// into the store, where other drafts find it at once.
func (d *Draft) ReadLayer(ctx context.Context, r io.Reader, o LayerOptions) error {
	return errors.New("not there yet")
}

func aboutArchive(layer string) (about, error) { return about{Kind: layerOfACI}, nil }
