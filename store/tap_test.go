package store

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"testing"
)

// A file of holes alone takes no byte of the stream, so it is the one that has to
// look whether it is still wanted.
func TestHolesEndWithTheContext(t *testing.T) {
	t.Parallel()
	layer := build(t, "pax GNU.sparse.numblocks 1\npax GNU.sparse.map 0,0\npax GNU.sparse.size 68719476736\nfile hole\n")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	hole := &content{tap: &tap{chunks: &chunks{ctx: ctx}}, tar: tar.NewReader(bytes.NewReader(layer)), buf: make([]byte, chunkSize)}
	if h, err := hole.tar.Next(); err != nil || h.Size != 64<<30 {
		t.Fatalf("%+v, %v", h, err)
	}
	if p, err := hole.Next(); err != nil || len(p) != chunkSize {
		t.Fatalf("%d bytes, %v", len(p), err)
	}
	cancel()
	if _, err := hole.Next(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
