package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/podtui/podtui/store/storetest"
)

// TestHostileArchives takes each attack of testdata/hostile: it must be refused
// in the words that its recipe has, touch nothing beside the store, and leave
// nothing in it.
func TestHostileArchives(t *testing.T) {
	recipes, err := filepath.Glob("../testdata/hostile/*.txt")
	if err != nil || len(recipes) < 50 {
		t.Fatalf("%d recipes, %v", len(recipes), err)
	}
	for _, path := range recipes {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "\nchar ") || strings.Contains(string(text), "uid") {
				needRoot(t)
			}
			attack(t, string(text))
		})
	}
}

func attack(t *testing.T, recipe string) {
	dir := t.TempDir()
	outside := filepath.Join(dir, "outside")
	if err := os.Mkdir(outside, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, outside)
	s, err := Open(filepath.Join(dir, "store"))
	if err != nil {
		t.Fatal(err)
	}
	archive := build(t, recipe, "OUTSIDE", outside)

	_, _, err = s.Import(context.Background(), bytes.NewReader(archive), ImportOptions{})

	var refused *ArchiveError
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want an ArchiveError", err)
	}
	if want := storetest.Expect(recipe, "refused"); err.Error() != want {
		t.Errorf("\n got %s\nwant %s", err, want)
	}
	if after := snapshot(t, outside); after != before {
		t.Errorf("something outside was touched:\n%s\nbefore:\n%s", after, before)
	}
	wantEmpty(t, s)
	if names, _ := readNames(dir); len(names) != 2 {
		t.Errorf("there is something new beside the store: %q", names)
	}
	for _, canary := range []string{"/etc/podtui-was-here", "/tmp/owned"} {
		if _, err := os.Lstat(canary); err == nil {
			t.Errorf("%s was made", canary)
		}
	}
}

// A tree of the user's own must be as unreachable when the archive is cut at
// any place: no state in between is acted upon.
func TestTruncatedAnywhere(t *testing.T) {
	t.Parallel()
	const recipe = "manifest\ndir rootfs\nfile rootfs/a content\nsymlink rootfs/b a\n"
	plain := build(t, recipe)
	for _, test := range []struct {
		name    string
		archive []byte
		until   int // from here on it is whole
	}{
		{"plain", plain, len(plain) - 1024 + 1},
		{"gzip", build(t, recipe+"compress gzip\n"), -1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			until := test.until
			if until < 0 {
				until = len(test.archive)
			}
			step := max(1, until/200)
			for n := 0; n < until; n += step {
				_, _, err := s.Import(context.Background(), bytes.NewReader(test.archive[:n]), ImportOptions{})
				var refused *ArchiveError
				if !errors.As(err, &refused) {
					t.Errorf("cut at %d of %d: %v", n, len(test.archive), err)
				}
			}
			wantEmpty(t, s)
		})
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, recipe string
		options      ImportOptions
		want         string
	}{
		{"a bomb", "manifest\ndir rootfs\nfile rootfs/a\nzeros 50000000\ncompress gzip\n", ImportOptions{MaxSize: 1 << 20}, "archive is larger than 1048576 bytes unpacked"},
		{"a flood of entries", "manifest\ndir rootfs\nrepeat 5000\nfile rootfs/f%d\n", ImportOptions{MaxEntries: 1000}, "archive has more than 1000 entries"},
		{"trailing garbage without end", "manifest\ndir rootfs\nzeros 5000000\n", ImportOptions{MaxSize: 1 << 20}, "archive is larger than 1048576 bytes unpacked"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			_, _, err := s.Import(context.Background(), bytes.NewReader(build(t, test.recipe)), test.options)
			if err == nil || err.Error() != test.want {
				t.Errorf("\n got %v\nwant %s", err, test.want)
			}
			wantEmpty(t, s)
		})
	}
}

// An image is not made without what it depends on.
func TestImportOfWhatHasDependenciesSaysSo(t *testing.T) {
	t.Parallel()
	s := open(t)
	manifest := strings.Replace(manifestOf("example.com/app"), "{", `{"dependencies":[{"imageName":"example.com/base"}],`, 1)
	archive := build(t, "manifest $M\ndir rootfs\n", "M", manifest)
	_, _, err := s.Import(context.Background(), bytes.NewReader(archive), ImportOptions{})
	if err == nil || err.Error() != "image example.com/app depends on 1 images, and 0 are given" {
		t.Errorf("got %v", err)
	}
	wantEmpty(t, s)
}
