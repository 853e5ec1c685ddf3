package store

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/podtui/podtui/store/storetest"
)

// needRoot skips what only root can do: owners, devices, attributes.
func needRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("NOT TESTED: this needs root, to make devices and to give files away")
	}
}

func open(t testing.TB) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "store"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func build(t testing.TB, recipe string, variables ...string) []byte {
	t.Helper()
	v := make(map[string]string)
	for i := 0; i+1 < len(variables); i += 2 {
		v[variables[i]] = variables[i+1]
	}
	archive, err := storetest.Build(recipe, v)
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

// named is a small image of this name and with these labels, label=value.
func named(t testing.TB, name string, labels ...string) []byte {
	t.Helper()
	return build(t, fmt.Sprintf("file manifest %q\ndir rootfs\n", manifestOf(name, labels...)))
}

func manifestOf(name string, labels ...string) string {
	var list []string
	for _, l := range labels {
		k, v, _ := strings.Cut(l, "=")
		list = append(list, fmt.Sprintf(`{"name":%q,"value":%q}`, k, v))
	}
	return fmt.Sprintf(`{"acKind":"ImageManifest","acVersion":"0.8.11","name":%q,"labels":[%s]}`, name, strings.Join(list, ","))
}

func add(t testing.TB, s *Store, archive []byte) Image {
	t.Helper()
	img, _, err := s.Import(context.Background(), bytes.NewReader(archive), ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// remains lists all there is in a store but its fixed parts, to see what a
// failure left. The index is listed if it has lines.
func remains(t testing.TB, s *Store) (left []string) {
	t.Helper()
	for _, dir := range []string{imagesDir, layersDir, tmpDir, leasesDir, usedDir, partialDir, turnsDir, rememberDir} {
		names, err := s.optional(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			left = append(left, filepath.Join(dir, n))
		}
	}
	if index, err := os.ReadFile(s.path(indexFile)); err == nil && len(index) > 0 {
		left = append(left, indexFile)
	}
	return left
}

func wantEmpty(t testing.TB, s *Store) {
	t.Helper()
	if left := remains(t, s); len(left) > 0 {
		t.Errorf("the store still has %q", left)
	}
}

// snapshot tells everything below a folder, to see if anything was touched.
func snapshot(t testing.TB, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		content := []byte{}
		if d.Type().IsRegular() {
			if content, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		// Any change at all would change the ctime. Not the atime: that is ours.
		st := info.Sys().(*syscall.Stat_t)
		fmt.Fprintf(&b, "%s %v %d:%d links %d, %v, %v, %q\n", path, info.Mode(), st.Uid, st.Gid, st.Nlink, st.Mtim, st.Ctim, content)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
