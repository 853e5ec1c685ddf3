package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// truncate damages the record of an image.
func truncate(t *testing.T, s *Store, img Image) {
	t.Helper()
	if err := os.Truncate(s.path(imagesDir, img.ID), 40); err != nil {
		t.Fatal(err)
	}
}

func TestCollectionGoesOnBesideADamagedImage(t *testing.T) {
	t.Parallel()
	s := open(t)
	bad, good := add(t, s, named(t, "example.com/bad")), add(t, s, named(t, "example.com/good"))
	truncate(t, s, bad)
	if err := os.Mkdir(s.path(tmpDir, "left"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, indexed := range []bool{true, false} {
		if !indexed {
			if err := os.Remove(s.path(indexFile)); err != nil {
				t.Fatal(err)
			}
		}
		c, err := s.GC(context.Background(), GCOptions{Unused: 1})
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Damaged) != 1 || c.Damaged[0].ID != bad.ID {
			t.Errorf("told as damaged: %v", c.Damaged)
		}
		if indexed && (c.Staged != 1 || !slices.Equal(c.Images, []string{good.ID})) {
			t.Errorf("removed %+v", c)
		}
		if len(c.Layers) > 0 {
			t.Errorf("layers went of which nobody knows whose they are: %q", c.Layers)
		}
		if _, err := s.List(); err != nil {
			t.Errorf("and nothing is listed: %v", err)
		}
	}
	if err := s.Remove(bad.ID); err != nil {
		t.Fatal(err)
	}
	collect(t, s)
	wantEmpty(t, s)
}

func TestImageIsRemovedBesideADamagedOne(t *testing.T) {
	t.Parallel()
	s := open(t)
	bad, good := add(t, s, named(t, "example.com/bad")), add(t, s, named(t, "example.com/good"))
	truncate(t, s, bad)
	if err := s.Remove(good.ID); err != nil {
		t.Error(err)
	}
	if _, err := s.Get(good.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("it is still there: %v", err)
	}
	var inUse *InUseError
	if err := s.Lease("pod", bad.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove(bad.ID); !errors.As(err, &inUse) {
		t.Errorf("a damaged image was removed under its pod: %v", err)
	}
}

func TestSameArchiveMendsADamagedImage(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(*Store, Image) error{
		"record cut":  func(s *Store, img Image) error { return os.Truncate(s.path(imagesDir, img.ID), 40) },
		"layer gone":  func(s *Store, img Image) error { return os.RemoveAll(s.path(layersDir, img.ID)) },
		"rootfs gone": func(s *Store, img Image) error { return os.RemoveAll(s.path(layersDir, img.ID, rootfsDir)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			archive := named(t, "example.com/a")
			img := add(t, s, archive)
			if err := harm(s, img); err != nil {
				t.Fatal(err)
			}
			_, fresh, err := s.Import(context.Background(), bytes.NewReader(archive), ImportOptions{})
			if err != nil || !fresh {
				t.Fatalf("fresh %v, %v", fresh, err)
			}
			img, err = s.Get(img.ID)
			if err == nil {
				_, err = s.Layers(img)
			}
			if err != nil {
				t.Error(err)
			}
			if list, err := s.List(); err != nil || len(list) != 1 {
				t.Errorf("listed %v, %v", list, err)
			}
		})
	}
}

// A damaged layer is told for each image that has it, goes with the last of
// them, and comes whole again with the next.
func TestSharedLayerIsMendedByRemovingWhatHasIt(t *testing.T) {
	t.Parallel()
	s := open(t)
	shared, own := build(t, "dir a\nfile a/f sound\n"), build(t, "file own x\n")
	both := [][][]byte{{shared}, {shared, own}}
	var ids []string
	for _, layers := range both {
		img, _ := fetched(t, s, layers...)
		ids = append(ids, img.ID)
	}
	if err := os.WriteFile(filepath.Join(layerDir(t, s, shared), rootfsDir, "a/f"), []byte("harm!"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if damages, err := s.Verify(t.Context(), id, nil); err != nil || len(damages) == 0 {
			t.Errorf("%s: %v, %v", short(id), damages, err)
		}
	}
	for _, id := range ids {
		if err := s.Remove(id); err != nil {
			t.Fatal(err)
		}
	}
	for _, layers := range both {
		img, fresh := fetched(t, s, layers...)
		if damages, err := s.Verify(t.Context(), img.ID, nil); err != nil || len(damages) > 0 || !fresh {
			t.Errorf("%s: %v, %v, fresh %v", short(img.ID), damages, err, fresh)
		}
	}
}
