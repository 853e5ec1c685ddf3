package engine

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// ExtractOptions say what of an image becomes a folder.
type ExtractOptions struct {
	Render    bool // the root as a pod gets it, dependencies and all, and nothing beside it
	Rootfs    bool // without Render: the rootfs alone, at the top
	Overwrite bool // a folder that is at the target goes
}

// ExtractImage copies an image's files into a folder, which is whole or not
// there. Without Overwrite nothing may be there before.
func (e *Engine) ExtractImage(ctx context.Context, id, dir string, o ExtractOptions) error {
	extract := e.store.Extract
	if o.Render {
		extract, o.Rootfs = e.store.Render, true
	}
	return e.holding(id, func() error {
		if _, err := os.Lstat(dir); !o.Overwrite || errors.Is(err, fs.ErrNotExist) {
			return extract(ctx, id, dir, o.Rootfs)
		}
		return replace(dir, func(made string) error { return extract(ctx, id, made, o.Rootfs) })
	})
}

// replace puts a folder that is made beside it in the place of another, in one
// step: whoever looks sees the old folder or the new one.
func replace(dir string, fill func(made string) error) error {
	dir = filepath.Clean(dir)
	made := filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+".podtui")
	if err := os.RemoveAll(made); err != nil { // what a crash left
		return err
	}
	if err := fill(made); err != nil {
		return err
	}
	err := unix.Renameat2(unix.AT_FDCWD, made, unix.AT_FDCWD, dir, unix.RENAME_EXCHANGE)
	if err != nil {
		err = &os.LinkError{Op: "replace", Old: dir, New: made, Err: err}
	}
	return errors.Join(err, os.RemoveAll(made))
}
