package store

import (
	"context"
	"crypto/sha512"
	"encoding/hex"
	"io"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/store/union"
)

// Pack writes a folder as the root of an image archive, uncompressed, and returns
// the ID that the image has. Left is told of what no archive can hold. Nobody may
// change the folder meanwhile.
func Pack(ctx context.Context, w io.Writer, manifest []byte, root string, left func(path string)) (id string, err error) {
	v, err := union.Open([]string{root})
	if err != nil {
		return "", err
	}
	defer v.Close()
	return packView(ctx, w, manifest, v, func(e union.Entry) bool {
		if e.Stat.Mode&unix.S_IFMT != unix.S_IFSOCK {
			return true
		}
		left("/" + e.Path)
		return false
	})
}

// packView writes an archive of what keep says of a view.
func packView(ctx context.Context, w io.Writer, manifest []byte, v *union.View, keep func(union.Entry) bool) (id string, err error) {
	hash := sha512.New()
	p := newPacker(io.MultiWriter(w, hash))
	if err := p.file("manifest", manifest); err != nil {
		return "", err
	}
	err = v.Walk(func(e union.Entry) error {
		if err := ctx.Err(); err != nil || !keep(e) {
			return err
		}
		return p.add(e)
	})
	if err == nil {
		err = p.tar.Close()
	}
	return idPrefix + hex.EncodeToString(hash.Sum(nil)), err
}
