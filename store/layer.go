package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
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
// into the store, where other drafts find it at once. A layer that is damaged or
// hostile, or another than was asked for, is an *ArchiveError. Whatever goes
// wrong, nothing of it is left. The context ends it as it does Import.
func (d *Draft) ReadLayer(ctx context.Context, r io.Reader, o LayerOptions) error {
	id, err := layerID(o.DiffID)
	if err != nil {
		return err
	}
	// Or a GC could take it for one that nobody has.
	if _, err := d.s.keep(d.st, id); err != nil {
		return err
	}
	work, err := d.work()
	if err != nil {
		return err
	}
	if err := readLayer(ctx, r, work, o); err != nil {
		return also(err, os.RemoveAll(work))
	}
	if err := markFresh(work); err != nil {
		return also(err, os.RemoveAll(work))
	}
	at(layerRead)
	return d.putLayer(id, work)
}

// putLayer renames a layer that is whole to where it is seen, unless somebody
// else's is there.
func (d *Draft) putLayer(id, work string) error {
	unlock, err := d.s.lock(commitLock, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	if err := d.s.putLayer(d.st, id, work); err != nil {
		return err
	}
	at(layerPut)
	return nil
}

// readLayer reads a layer in one pass, as readACI does, into a folder.
func readLayer(ctx context.Context, r io.Reader, layer string, o LayerOptions) error {
	size, entries := bounds(o.MaxSize, o.MaxEntries)
	d, err := decompress(ctx, &progressReader{r: r, ctx: ctx, report: o.Progress, total: o.Size})
	if err != nil {
		return err
	}
	defer d.Close()
	hash := sha256.New()
	err = pump(ctx, d, size,
		func(c *chunks) error {
			_, err := hashAll(hash, c)
			return err
		},
		func(c *chunks) error { return unpackOCI(c, layer, limits{size, entries}) })
	if err != nil {
		return err
	}
	if got := diffIDPrefix + hex.EncodeToString(hash.Sum(nil)); got != o.DiffID {
		return &ArchiveError{Reason: fmt.Sprintf("has the diff ID %s, not %s", got, o.DiffID)}
	}
	return nil
}
