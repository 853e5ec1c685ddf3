package store

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// wantSame compares two trees as tell tells them.
func wantSame(t testing.TB, got, want map[string]string) {
	t.Helper()
	if maps.Equal(got, want) {
		return
	}
	for path := range want {
		if got[path] != want[path] {
			t.Errorf("%s is %q, want %q", path, got[path], want[path])
		}
	}
	for path := range got {
		if _, ok := want[path]; !ok {
			t.Errorf("there is also %s", path)
		}
	}
}

func TestExtractIsExact(t *testing.T) {
	t.Parallel()
	needRoot(t)
	s := open(t)
	img := add(t, s, build(t, everything))
	for _, rootfsOnly := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "made")
		if err := s.Extract(context.Background(), img.ID, dir, rootfsOnly); err != nil {
			t.Fatal(err)
		}
		root := dir
		if !rootfsOnly {
			root = filepath.Join(dir, rootfsDir)
			manifest, err := os.ReadFile(filepath.Join(dir, "manifest"))
			want, _ := s.ManifestJSON(img.ID)
			if err != nil || !bytes.Equal(manifest, want) {
				t.Errorf("manifest %q, %v", manifest, err)
			}
		}
		wantSame(t, tell(t, root), tell(t, s.path(layersDir, img.ID, rootfsDir)))
		if names, _ := readNames(filepath.Dir(dir)); len(names) != 1 {
			t.Errorf("left beside it: %q", names)
		}
	}
}

func TestSparseFilesStaySparse(t *testing.T) {
	t.Parallel()
	tree := t.TempDir()
	gnuTree(t, tree)
	s := open(t)
	img := add(t, s, gnuTar(t, tree, "--format=gnu", "--sparse"))
	dir := filepath.Join(t.TempDir(), "made")
	if err := s.Extract(context.Background(), img.ID, dir, true); err != nil {
		t.Fatal(err)
	}
	holes(t, filepath.Join(dir, "sparse"), true)
	wantSame(t, tell(t, dir), tell(t, s.path(layersDir, img.ID, rootfsDir)))
}

// Extract gives the image's own files, render what its apps see.
func TestRenderHasDependenciesAndWhitelistApplied(t *testing.T) {
	t.Parallel()
	needRoot(t)
	s := open(t)
	base := addOn(t, s, manifestWith("example.com/base", 0), "dir rootfs\ndir rootfs/tmp mode=01777\nfile rootfs/a base\nfile rootfs/b base")
	top := addOn(t, s, manifestWith("example.com/top", 1, "/a", "/tmp/own"), "dir rootfs\nfile rootfs/tmp/own own\nfile rootfs/not own", base.ID)
	dir := t.TempDir()
	own, rendered := filepath.Join(dir, "own"), filepath.Join(dir, "rendered")
	if err := errors.Join(
		s.Extract(context.Background(), top.ID, own, true),
		s.Render(context.Background(), top.ID, rendered, true),
	); err != nil {
		t.Fatal(err)
	}
	if got := names(tell(t, own)); got != ". not tmp tmp/own" {
		t.Errorf("extracted %s", got)
	}
	wantSame(t, tell(t, rendered), look(t, s, top))
	if got := tell(t, rendered)["tmp"]; !strings.HasPrefix(got, "41777 ") {
		t.Errorf("tmp is %s", got)
	}
}

func TestExtractLeavesNothingHalfMade(t *testing.T) {
	t.Parallel()
	s := open(t)
	img := add(t, s, build(t, "manifest\ndir rootfs mode=0755\nfile rootfs/a x\nfile rootfs/b x\n"))
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for name, test := range map[string]struct {
		ctx  context.Context
		id   string
		dir  string // below a folder in which there is one "taken"
		want error
	}{
		"it exists":        {context.Background(), img.ID, "taken", fs.ErrExist},
		"cancelled":        {cancelled, img.ID, "new", context.Canceled},
		"no such image":    {context.Background(), idPrefix + sum(nil), "new", ErrNotFound},
		"no folder above":  {context.Background(), img.ID, "none/new", fs.ErrNotExist},
		"a file above":     {context.Background(), img.ID, "file/new", unix.ENOTDIR},
		"a dangling link":  {context.Background(), img.ID, "link", fs.ErrExist},
		"a trailing slash": {context.Background(), img.ID, "taken/", fs.ErrExist},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := errors.Join(
				os.Mkdir(filepath.Join(dir, "taken"), 0o755), os.WriteFile(filepath.Join(dir, "file"), nil, 0o644),
				os.Symlink("none", filepath.Join(dir, "link")),
			); err != nil {
				t.Fatal(err)
			}
			before := snapshot(t, dir)
			err := s.Extract(test.ctx, test.id, dir+"/"+test.dir, false)
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if after := snapshot(t, dir); names(tell(t, dir)) != ". file link taken" {
				t.Errorf("before\n%s\nafter\n%s", before, after)
			}
		})
	}
}
