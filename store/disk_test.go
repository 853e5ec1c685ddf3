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

// A disk that fills up is the host's trouble and no fault of the archive.
// Nothing is left, and once there is room the import succeeds.
func TestFullDiskLeavesNothing(t *testing.T) {
	t.Parallel()
	needRoot(t)
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("NOT TESTED: a small disk can't be made: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	s, err := Open(filepath.Join(dir, "store"))
	if err != nil {
		t.Fatal(err)
	}
	archive := build(t, "manifest\ndir rootfs\nfile rootfs/a $MUCH\n", "MUCH", strings.Repeat("x", 4<<20))

	_, _, err = s.Import(context.Background(), bytes.NewReader(archive), ImportOptions{})
	var refused *ArchiveError
	if !errors.Is(err, unix.ENOSPC) || errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
	wantEmpty(t, s)

	if err := unix.Mount("tmpfs", dir, "tmpfs", unix.MS_REMOUNT, "size=20m"); err != nil {
		t.Fatal(err)
	}
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
	if err := unix.Mount(s.dir, s.dir, "", unix.MS_BIND, ""); err != nil {
		t.Skipf("NOT TESTED: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(s.dir, unix.MNT_DETACH) })
	if err := unix.Mount("", s.dir, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Skipf("NOT TESTED: %v", err)
	}
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
