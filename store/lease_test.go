package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func collect(t *testing.T, s *Store) Collected {
	t.Helper()
	c, err := s.GC(context.Background(), GCOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLeaseKeepsAnImageFromRemove(t *testing.T) {
	t.Parallel()
	s := open(t)
	img := add(t, s, named(t, "example.com/a"))
	for _, owner := range []string{"pod two", "pod/one"} {
		if err := s.Lease(owner, img.ID); err != nil {
			t.Fatal(err)
		}
	}
	err := s.Remove(img.ID)
	var inUse *InUseError
	if !errors.As(err, &inUse) || !slices.Equal(inUse.Owners, []string{"pod two", "pod/one"}) {
		t.Fatalf("got %v", err)
	}
	if want := "image " + img.ID[:19] + ": in use by pod two, pod/one"; err.Error() != want {
		t.Errorf("got %s", err)
	}
	for _, owner := range []string{"pod two", "pod/one"} {
		if err := s.Unlease(owner); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Remove(img.ID); err != nil {
		t.Error(err)
	}
	if _, err := s.Get(img.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
	collect(t, s)
	wantEmpty(t, s)
}

func TestLeaseOfAMissingImage(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, id := range []string{"", "sha512-../../etc", idPrefix + strings.Repeat("0", 128)} {
		if err := s.Lease("pod", id); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
	wantEmpty(t, s)
}

func TestOwnersMayHaveAnyName(t *testing.T) {
	t.Parallel()
	s := open(t)
	img := add(t, s, named(t, "example.com/a"))
	want := []string{".", "..", "../../x", "/", "a b", "é\x01", "pod%2F"}
	for _, owner := range want {
		if err := s.Lease(owner, img.ID); err != nil {
			t.Error(err)
		}
	}
	if got, err := s.Owners(); err != nil || !slices.Equal(got, sorted(want)) {
		t.Errorf("got %q, %v", got, err)
	}
	for _, owner := range want {
		if err := s.Unlease(owner); err != nil {
			t.Error(err)
		}
	}
	if got, _ := s.Owners(); len(got) != 0 {
		t.Errorf("got %q", got)
	}
	for _, owner := range []string{"", strings.Repeat("a", 300)} {
		if err := s.Lease(owner, img.ID); err == nil {
			t.Errorf("%q may lease", owner)
		}
	}
}

func sorted(s []string) []string { s = slices.Clone(s); slices.Sort(s); return s }

func TestLeaseCountsAsUse(t *testing.T) {
	t.Parallel()
	s := open(t)
	img := add(t, s, named(t, "example.com/a"))
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(s.path(imagesDir, img.ID), time.Time{}, old); err != nil {
		t.Fatal(err)
	}
	if err := s.Lease("pod", img.ID); err != nil {
		t.Fatal(err)
	}
	if img, _ := s.Get(img.ID); time.Since(img.Used) > time.Minute {
		t.Errorf("used %v", img.Used)
	}
}

func TestGCRemovesWhatIsUnused(t *testing.T) {
	t.Parallel()
	s := open(t)
	old, leased, young := add(t, s, named(t, "example.com/old")), add(t, s, named(t, "example.com/leased")), add(t, s, named(t, "example.com/young"))
	if err := s.Lease("pod", leased.ID); err != nil {
		t.Fatal(err)
	}
	for _, img := range []Image{old, leased} {
		if err := os.Chtimes(s.path(imagesDir, img.ID), time.Time{}, time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	c, err := s.GC(context.Background(), GCOptions{Unused: 30 * time.Minute})
	if err != nil || !slices.Equal(c.Images, []string{old.ID}) {
		t.Errorf("got %+v, %v", c, err)
	}
	for _, img := range []Image{leased, young} {
		if got := export(t, s, img.ID); len(got) == 0 {
			t.Error("an image is gone")
		}
	}
}

// Unused images go together: their layers are looked at once, when the last of
// them is out of sight, and not once for each. The collector dies there.
func TestUnusedImagesAreRemovedTogether(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, name := range []string{"a", "b", "c"} {
		add(t, s, named(t, "example.com/"+name))
	}
	die(t, spawn(s, "collect", "", swept))
	if list := mustList(t, s); len(list) > 0 {
		t.Errorf("%d images are left", len(list))
	}
	if left, err := readNames(s.path(layersDir)); err != nil || len(left) > 0 {
		t.Errorf("the layers %q are left, %v", left, err)
	}
	collect(t, s)
	wantEmpty(t, s)
}

// Whoever has a lease has the whole image, however Remove, GC and imports of it
// fall: each round an importer, a remover and a collector meet.
func TestLeasesHoldAgainstRemoveAndGC(t *testing.T) {
	t.Parallel()
	s := open(t)
	archive := build(t, "manifest\ndir rootfs mode=0755\nrepeat 20\nfile rootfs/f%d \"content of %d\"\n")
	ctx, stop := context.WithCancel(context.Background())
	var others sync.WaitGroup
	id := idPrefix + sum(archive)
	others.Go(func() {
		for ctx.Err() == nil {
			var inUse *InUseError
			if err := s.Remove(id); err != nil && !errors.As(err, &inUse) && !errors.Is(err, ErrNotFound) {
				t.Error(err)
			}
		}
	})
	others.Go(func() {
		for ctx.Err() == nil {
			if _, err := s.GC(ctx, GCOptions{Unused: time.Nanosecond}); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
	})
	var podsDone sync.WaitGroup
	for n := range 3 {
		podsDone.Go(func() {
			for i := range 15 {
				leaseAndRead(t, s, fmt.Sprint("pod-", n, "-", i), archive)
			}
		})
	}
	podsDone.Wait()
	stop()
	others.Wait()
	s.Remove(id)
	collect(t, s)
	wantEmpty(t, s)
}

func leaseAndRead(t *testing.T, s *Store, owner string, archive []byte) {
	for {
		img := add(t, s, archive)
		err := s.Lease(owner, img.ID)
		if errors.Is(err, ErrNotFound) { // removed in between
			continue
		}
		if err != nil {
			t.Error(err)
			return
		}
		if got := export(t, s, img.ID); len(got) != len(archive) {
			t.Errorf("%d bytes", len(got))
		}
		if err := s.Unlease(owner); err != nil {
			t.Error(err)
		}
		return
	}
}
