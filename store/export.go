package store

import (
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/podtui/podtui/store/union"
)

// Export writes the image as an archive, uncompressed, and returns the ID that
// it has: of an ACI the identical bytes that were imported, of an image with
// dependencies its own alone. An image of a registry never was an archive: its
// merged root is packed as one, always with the same bytes, and who imports them
// gets an image of the returned ID with the same root.
//
// The bytes are hashed on the way: if files in the store were changed it is a
// *DamagedError, and what was written must be thrown away.
func (s *Store) Export(ctx context.Context, id string, w io.Writer) (newID string, err error) {
	img, err := s.Get(id)
	if err != nil {
		return "", err
	}
	if img.Kind == KindRegistry {
		return s.exportFlat(ctx, img, w)
	}
	newID, err = s.exportOwn(ctx, img, w)
	if err == nil && newID != id {
		err = &DamagedError{ID: id, What: "its files are not those that were imported"}
	}
	return newID, err
}

// errFile is trouble with what is in the store, not with the writer.
var errFile = errors.New("in the store")

// exportOwn puts the image's own archive together again.
func (s *Store) exportOwn(ctx context.Context, img Image, w io.Writer) (newID string, err error) {
	damaged := func(what string) error { return &DamagedError{ID: img.ID, What: what} }
	a, err := assemble(s.path(layersDir, img.ID), func(path, what string) error {
		return damaged(fmt.Sprintf("file %q %s", path, what))
	})
	if err != nil {
		return "", inStore(img.ID, err)
	}
	defer a.close()
	hash := sha512.New()
	err = a.stream(ctx, func(int) {},
		func(c *chunks) error {
			_, err := hashAll(hash, c)
			return err
		},
		func(c *chunks) error { return writeAll(w, c) })
	if errors.Is(err, errSkeleton) {
		return "", damaged(err.Error())
	}
	return idPrefix + hex.EncodeToString(hash.Sum(nil)), err
}

func writeAll(w io.Writer, c *chunks) error {
	for {
		p, err := c.next(chunkSize)
		if err == io.EOF {
			return nil
		}
		if err == nil {
			_, err = w.Write(p)
		}
		if err != nil {
			return err
		}
	}
}

// exportFlat packs the merged root.
func (s *Store) exportFlat(ctx context.Context, img Image, w io.Writer) (newID string, err error) {
	manifest, err := s.ManifestJSON(img.ID)
	if err != nil {
		return "", err
	}
	v, err := s.merged(img)
	if err != nil {
		return "", err
	}
	defer v.Close()
	newID, err = packView(ctx, w, manifest, v, func(union.Entry) bool { return true })
	if errors.Is(err, errFile) {
		err = &DamagedError{ID: img.ID, What: err.Error()}
	}
	return newID, err
}

// merged opens the root that the image runs on. Lease the image before.
func (s *Store) merged(img Image) (*union.View, error) {
	dirs, err := s.Layers(img)
	if err != nil {
		return nil, err
	}
	return union.Open(dirs)
}
