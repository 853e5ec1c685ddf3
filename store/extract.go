package store

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/store/rootcopy"
	"github.com/podtui/podtui/store/union"
)

// Extract writes what the image's own archive has into dir, which must not
// exist: its manifest and its rootfs, or with rootfsOnly what is in rootfs alone.
// An image of a registry has no archive; its root is the merged one.
//
// Everything is exact, owners, times, links and attributes included. The folder
// is filled under another name beside it, so dir is whole or is not there.
func (s *Store) Extract(ctx context.Context, id, dir string, rootfsOnly bool) error {
	return s.extract(ctx, id, dir, rootfsOnly, func(img Image) (*union.View, error) {
		if img.Kind == KindRegistry {
			return s.merged(img)
		}
		return union.Open([]string{s.path(layersDir, img.ID, rootfsDir)})
	})
}

// Render is Extract of the root that apps of the image run on: with all that it
// depends on, and without what its pathWhitelist leaves out.
func (s *Store) Render(ctx context.Context, id, dir string, rootfsOnly bool) error {
	return s.extract(ctx, id, dir, rootfsOnly, s.merged)
}

func (s *Store) extract(ctx context.Context, id, dir string, rootfsOnly bool, open func(Image) (*union.View, error)) error {
	img, err := s.Get(id)
	if err != nil {
		return err
	}
	manifest, err := s.ManifestJSON(id)
	if err != nil {
		return err
	}
	v, err := open(img)
	if err != nil {
		return inStore(id, err)
	}
	defer v.Close()
	return aside(dir, func(made string) error {
		if rootfsOnly {
			return rootcopy.CopyView(ctx, v, made)
		}
		if err := os.WriteFile(filepath.Join(made, "manifest"), manifest, 0o644); err != nil {
			return err
		}
		root := filepath.Join(made, rootfsDir)
		if err := os.Mkdir(root, 0o700); err != nil {
			return err
		}
		if err := rootcopy.CopyView(ctx, v, root); err != nil {
			return err
		}
		return os.Chmod(made, 0o755)
	})
}

// aside makes a folder whole or not at all. It is hidden while it is filled.
func aside(dir string, fill func(made string) error) (err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = &fs.PathError{Op: "make", Path: dir, Err: fs.ErrExist}
		}
		return err
	}
	made := filepath.Join(filepath.Dir(dir), ".podtui-"+rand.Text())
	if err := os.Mkdir(made, 0o700); err != nil {
		return err
	}
	if err := fill(made); err != nil {
		return also(err, os.RemoveAll(made))
	}
	// Not over an empty folder that somebody has made since.
	err = unix.Renameat2(unix.AT_FDCWD, made, unix.AT_FDCWD, dir, unix.RENAME_NOREPLACE)
	if err == unix.EINVAL { // some filesystems can't
		err = unix.Rename(made, dir)
	}
	if err != nil {
		return also(&os.LinkError{Op: "rename", Old: made, New: dir, Err: err}, os.RemoveAll(made))
	}
	return nil
}
