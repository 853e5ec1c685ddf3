package store

import (
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// Export writes the image's archive, uncompressed, as the identical bytes that
// were imported. They are hashed on the way: if files in the store were changed
// it is a *DamagedError, and what was written must be thrown away.
func (s *Store) Export(ctx context.Context, id string, w io.Writer) error {
	img, err := s.Get(id)
	if err != nil {
		return err
	}
	hash := sha512.New()
	if err := s.assemble(ctx, img, io.MultiWriter(w, hash)); err != nil {
		return err
	}
	if got := idPrefix + hex.EncodeToString(hash.Sum(nil)); got != id {
		return &DamagedError{ID: id, What: "its files are not those that were imported"}
	}
	return nil
}

// assemble joins the skeleton and the contents of files.
func (s *Store) assemble(ctx context.Context, img Image, w io.Writer) error {
	dirs, err := s.Layers(img)
	if err != nil {
		return err
	}
	root, err := os.OpenFile(dirs[0], os.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer root.Close()
	file, err := os.Open(s.path(layersDir, img.layers[0], archiveFile))
	if err != nil {
		return &DamagedError{ID: img.ID, What: err.Error()}
	}
	defer file.Close()
	skeleton, err := newSkeletonReader(file)
	if err != nil {
		return err
	}
	defer skeleton.close()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := skeleton.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return &DamagedError{ID: img.ID, What: "its archive record: " + err.Error()}
		}
		if err := p.writeTo(w, root); err != nil {
			return damage(img.ID, err)
		}
	}
}

// errFile is trouble with what is in the store, not with the writer.
var errFile = errors.New("in the store")

func damage(id string, err error) error {
	if errors.Is(err, errFile) {
		return &DamagedError{ID: id, What: err.Error()}
	}
	return err
}

func (p part) writeTo(w io.Writer, root *os.File) error {
	from := p.literal
	if from == nil {
		f, err := openBeneath(root, p.path)
		if err != nil {
			return fmt.Errorf("file %q %w: %v", p.path, errFile, err)
		}
		defer f.Close()
		from = f
	}
	n, err := io.Copy(w, io.LimitReader(from, p.length))
	if err == nil && n < p.length {
		err = fmt.Errorf("file %q %w: too short", p.path, errFile)
	}
	return err
}

// openBeneath opens a regular file of a layer by a path that may be forged. It
// does not block on a fifo, and does not leave the layer.
func openBeneath(root *os.File, path string) (*os.File, error) {
	fd, err := unix.Openat2(int(root.Fd()), path, &unix.OpenHow{
		Flags:   unix.O_RDONLY | unix.O_CLOEXEC | unix.O_NOFOLLOW | unix.O_NONBLOCK,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS,
	})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), path), nil
}
