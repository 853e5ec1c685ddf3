package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// onSmallDisk opens a store on a disk of its own.
func onSmallDisk(t *testing.T, size string) *Store {
	t.Helper()
	needRoot(t)
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("NOT TESTED: a small disk can't be made: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	s, err := Open(filepath.Join(dir, "store"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// grow makes the disk of a store larger.
func grow(t *testing.T, s *Store, size string) {
	t.Helper()
	if err := unix.Mount("tmpfs", filepath.Dir(s.dir), "tmpfs", unix.MS_REMOUNT, "size="+size); err != nil {
		t.Fatal(err)
	}
}

// A disk that fills up is the host's trouble and no fault of the archive.
// Nothing is left, and once there is room the import succeeds.
func TestFullDiskLeavesNothing(t *testing.T) {
	t.Parallel()
	s := onSmallDisk(t, "1m")
	archive := build(t, "manifest\ndir rootfs\nfile rootfs/a $MUCH\n", "MUCH", strings.Repeat("x", 4<<20))

	_, _, err := s.Import(context.Background(), bytes.NewReader(archive), ImportOptions{})
	var refused *ArchiveError
	if !errors.Is(err, unix.ENOSPC) || errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
	wantEmpty(t, s)

	grow(t, s, "20m")
	img := add(t, s, archive)
	if got := export(t, s, img.ID); !bytes.Equal(got, archive) {
		t.Error("the export is another archive")
	}
}

// A folder that can't be written to is said to be so, and can be read.
func TestReadOnlyStoreCanBeRead(t *testing.T) {
	t.Parallel()
	needRoot(t)
	s := open(t)
	img := add(t, s, named(t, "example.com/a", "version=1"))
	readOnly(t, s)
	again, err := Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := again.List(); err != nil || len(list) != 1 {
		t.Errorf("%d images, %v", len(list), err)
	}
	export(t, again, img.ID)
	if _, err := again.FindName("example.com/a", nil); err != nil {
		t.Error(err)
	}
	for what, err := range map[string]error{
		"lease":  again.Lease("pod", img.ID),
		"remove": again.Remove(img.ID),
	} {
		if !errors.Is(err, unix.EROFS) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A layer that finds no room leaves its draft as it was, with the layers that it
// has, and the same draft goes on once there is.
func TestFullDiskUnderALayer(t *testing.T) {
	t.Parallel()
	s := onSmallDisk(t, "1m")
	small, large := build(t, "file a x\n"), build(t, "repeat 4\nfile f%d $MUCH\n", "MUCH", strings.Repeat("x", 1<<20))
	d := newDraft(t, s)
	read(t, d, small)
	o := LayerOptions{DiffID: diffID(large)}
	err := d.ReadLayer(context.Background(), bytes.NewReader(large), o)
	var refused *ArchiveError
	if !errors.Is(err, unix.ENOSPC) || errors.As(err, &refused) || err.Error() != `entry "f0": no space left on device` {
		t.Errorf("got %v", err)
	}
	if names, _ := readNames(d.st.dir); len(names) != 1 {
		t.Errorf("the draft has %q", names)
	}
	grow(t, s, "20m")
	read(t, d, large)
	if here, err := d.Keep(diffID(small)); !here || err != nil {
		t.Errorf("the first layer is gone, %v", err)
	}
}

func TestReadOnlyStoreTakesNothing(t *testing.T) {
	t.Parallel()
	needRoot(t)
	s := open(t)
	readOnly(t, s)
	_, draft := s.Draft()
	_, partial := s.Partial(context.Background(), "a", nil)
	_, turn := s.Turn(context.Background(), "a", nil)
	for what, err := range map[string]error{
		"draft": draft, "partial": partial, "turn": turn, "remember": s.Remember(Remembered{Reference: "a"}),
	} {
		if !errors.Is(err, unix.EROFS) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, ok, err := s.Recall("a"); ok || err != nil {
		t.Errorf("recall: %v", err)
	}
}

// A store of format 1 that can't be written to is read as it is.
func TestReadOnlyStoreOfFormat1(t *testing.T) {
	t.Parallel()
	needRoot(t)
	s := open(t)
	img := add(t, s, named(t, "example.com/a"))
	if err := os.WriteFile(s.path(versionFile), []byte("1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	readOnly(t, s)
	again, err := Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Get(img.ID); err != nil {
		t.Error(err)
	}
}

// readOnly makes a store's folder one that can't be written to.
func readOnly(t *testing.T, s *Store) {
	t.Helper()
	if err := unix.Mount(s.dir, s.dir, "", unix.MS_BIND, ""); err != nil {
		t.Skipf("NOT TESTED: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(s.dir, unix.MNT_DETACH) })
	if err := unix.Mount("", s.dir, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Skipf("NOT TESTED: %v", err)
	}
}
