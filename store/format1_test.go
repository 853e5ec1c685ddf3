package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Folders behind symlinks are told by their own paths, as they are where a layer
// has its file.
func TestImpliedFoldersOfFormat1BehindSymlinks(t *testing.T) {
	t.Parallel()
	s := open(t)
	img := add(t, s, build(t, "manifest\ndir rootfs\ndir rootfs/usr\nsymlink rootfs/bin usr\nsymlink rootfs/x bin/a\nfile rootfs/bin/a/f x\ndir rootfs/bin/c\nfile rootfs/x/b/f x\nfile rootfs/usr/c/f x\n"))
	dir := s.path(layersDir, img.ID)
	want, err := readAbout(dir)
	if err == nil {
		err = os.Remove(filepath.Join(dir, aboutFile))
	}
	if err != nil {
		t.Fatal(err)
	}
	got, err := readAbout(dir)
	slices.Sort(want.Implicit)
	if err != nil || !slices.Equal(got.Implicit, want.Implicit) || !slices.Equal(got.Implicit, []string{"usr/a", "usr/a/b"}) {
		t.Errorf("%q, %v, want %q", got.Implicit, err, want.Implicit)
	}
	if found := verify(t, s, img.ID); len(found) > 0 {
		t.Errorf("damaged: %v", found)
	}
}

// A layer of a registry image or a derived one has lost its file where it has
// none, and is no image archive.
func TestLayerThatLostItsRecordIsNoneOfFormat1(t *testing.T) {
	t.Parallel()
	needRoot(t)
	s := open(t)
	img := addLayers(t, s, "dir a\nfile a/.wh.x\nfile a/f y\n")
	dir := s.path(layersDir, img.layers[0])
	if err := os.Remove(filepath.Join(dir, aboutFile)); err != nil {
		t.Fatal(err)
	}
	var damaged *DamagedError
	if a, err := readAbout(dir); !errors.As(err, &damaged) {
		t.Errorf("%+v, %v", a, err)
	}
	found, err := s.Verify(context.Background(), img.ID, nil)
	if err != nil || len(found) != 1 || !strings.HasSuffix(found[0].File, aboutFile) {
		t.Errorf("found %v, %v", found, err)
	}
}
