package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/podtui/podtui/store/imagefile"
	"github.com/podtui/podtui/store/seal"
)

func TestOpenMakesTheLayoutAndFindsItAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	img := add(t, s, named(t, "example.com/a"))
	again, err := Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got, err := again.Get(img.ID); err != nil || got.Name() != "example.com/a" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNewerFormatIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, versionFile), []byte("3\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, dir)
	_, err := Open(dir)
	var format *FormatError
	if !errors.As(err, &format) || format.Version != 3 {
		t.Fatalf("got %v", err)
	}
	if want := fmt.Sprintf("image store: %s has format 3, this podtui knows formats up to 2", dir); err.Error() != want {
		t.Errorf("got %s", err)
	}
	if snapshot(t, dir) != before {
		t.Error("the folder was changed")
	}
}

func TestFindByPrefix(t *testing.T) {
	t.Parallel()
	s := open(t)
	var ids []string
	for i := range 40 { // with 16 first digits some share theirs
		ids = append(ids, add(t, s, named(t, fmt.Sprint("example.com/", i))).ID)
	}
	slices.Sort(ids)
	for _, id := range ids {
		for _, n := range []int{30, 60, len(id)} {
			if img, err := s.Find(id[:n]); err != nil || img.ID != id {
				t.Errorf("%s: %v", id[:n], err)
			}
		}
		if img, err := s.Find(strings.ToUpper(id)[:0] + id[:7] + strings.ToUpper(id[7:40])); err != nil || img.ID != id {
			t.Errorf("upper case digits: %v", err)
		}
	}
	for _, prefix := range []string{"", "sha512-", "sha512-a", "sha512-zz", "sha512-../../..", "sha256-aa", "sha512-" + strings.Repeat("0", 128), "sha512-" + strings.Repeat("0", 129)} {
		if _, err := s.Find(prefix); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v", prefix, err)
		}
	}
}

func TestAmbiguousPrefixNamesItsCandidates(t *testing.T) {
	t.Parallel()
	s := open(t)
	seen := map[string]string{}
	for i := 0; ; i++ { // two digits collide soon
		id := add(t, s, named(t, fmt.Sprint("example.com/", i))).ID
		prefix := id[:len(idPrefix)+2]
		other, ok := seen[prefix]
		seen[prefix] = id
		if !ok {
			continue
		}
		_, err := s.Find(prefix)
		var ambiguous *AmbiguousError
		want := []string{id, other}
		slices.Sort(want)
		if !errors.As(err, &ambiguous) || !slices.Equal(ambiguous.Candidates, want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if text := fmt.Sprintf("image %s: ambiguous, it may be %s or %s", prefix, want[0][:19], want[1][:19]); err.Error() != text {
			t.Errorf("got %s", err)
		}
		return
	}
}

func TestFindNameMatchesLabels(t *testing.T) {
	t.Parallel()
	s := open(t)
	ids := map[string]string{}
	for _, x := range []struct {
		key, name string
		labels    []string
	}{ // in this order
		{"old", "example.com/app", []string{"version=1.0.0", "os=linux", "arch=amd64"}},
		{"arm", "example.com/app", []string{"version=1.0.0", "os=linux", "arch=aarch64"}},
		{"new", "example.com/app", []string{"version=2.0.0", "os=linux", "arch=amd64", "channel=beta=1\t&"}},
		{"any", "example.com/data", nil},
		{"longer", "example.com/app-longer", []string{"version=1.0.0"}},
		{"other", "example.com/b", []string{"note=\texample.com/app\t"}},
	} {
		ids[x.key] = add(t, s, named(t, x.name, x.labels...)).ID
	}
	for _, test := range []struct {
		what, name string
		labels     map[string]string
		want       string // "" none
	}{
		{"the latest import", "example.com/app", nil, "new"},
		{"the latest of this arch", "example.com/app", map[string]string{"arch": "aarch64"}, "arm"},
		{"a version", "example.com/app", map[string]string{"version": "1.0.0", "arch": "amd64"}, "old"},
		{"a version of several archs", "example.com/app", map[string]string{"version": "1.0.0"}, "arm"},
		{"any label", "example.com/app", map[string]string{"channel": "beta=1\t&"}, "new"},
		{"a label that none has", "example.com/app", map[string]string{"channel": "stable"}, ""},
		{"a version that none has", "example.com/app", map[string]string{"version": "3"}, ""},
		{"no os label fits any", "example.com/data", map[string]string{"os": "linux", "arch": "amd64"}, "any"},
		{"no version label fits none", "example.com/data", map[string]string{"version": "1"}, ""},
		{"a beginning is no name", "example.com/ap", nil, ""},
		{"a longer name is another", "example.com/app-longer", nil, "longer"},
		{"nothing", "", nil, ""},
	} {
		t.Run(test.what, func(t *testing.T) {
			img, err := s.FindName(test.name, test.labels)
			if test.want == "" {
				if !errors.Is(err, ErrNotFound) {
					t.Errorf("got %v, %v", img.ID, err)
				}
				return
			}
			if err != nil || img.ID != ids[test.want] {
				t.Errorf("got %v, %v", img.ID, err)
			}
		})
	}
}

func TestListIsSortedByNameVersionAndTime(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, x := range [][]string{
		{"example.com/b", "version=1"}, {"example.com/a", "version=2", "os=linux"},
		{"example.com/a", "version=1"}, {"example.com/a", "version=2", "arch=x"},
	} {
		add(t, s, named(t, x[0], x[1:]...))
	}
	list, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, img := range list {
		got = append(got, img.Name+" "+img.Version()+" "+img.Label("os")+img.Label("arch"))
	}
	want := []string{"example.com/a 1 ", "example.com/a 2 linux", "example.com/a 2 x", "example.com/b 1 "}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// The index only makes things fast: a store without it, or with a torn one,
// still lists what it has, and GC mends it.
func TestLostIndexIsMended(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(path string, index []byte) error{
		"gone":    func(path string, _ []byte) error { return os.Remove(path) },
		"torn":    func(path string, index []byte) error { return os.WriteFile(path, index[:len(index)-10], 0o600) },
		"flipped": func(path string, index []byte) error { index[50] ^= 1; return os.WriteFile(path, index, 0o600) },
		"flipped in a name": func(path string, index []byte) error {
			index[bytes.Index(index, []byte("example"))+2] ^= 1
			return os.WriteFile(path, index, 0o600)
		},
		"flipped in the sum": func(path string, index []byte) error {
			index[3] ^= 1
			return os.WriteFile(path, index, 0o600)
		},
		"zeros": func(path string, index []byte) error { return os.WriteFile(path, make([]byte, 500), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			a, b := add(t, s, named(t, "example.com/a")), add(t, s, named(t, "example.com/b", "version=1"))
			path := s.path(indexFile)
			index, err := os.ReadFile(path)
			if err == nil {
				err = harm(path, index)
			}
			if err != nil {
				t.Fatal(err)
			}
			if list, err := s.List(); err != nil || len(list) != 2 {
				t.Errorf("%d images, %v", len(list), err)
			}
			add(t, s, named(t, "example.com/c")) // appends after what is torn
			for _, when := range []string{"before", "after"} {
				for _, n := range []string{"a", "b", "c"} {
					if _, err := s.FindName("example.com/"+n, nil); err != nil {
						t.Errorf("%s it is mended: %v", when, err)
					}
				}
				for _, img := range []Image{a, b} {
					if got, err := s.Find(img.ID[:40]); err != nil || got.ID != img.ID {
						t.Errorf("%s it is mended: %v", when, err)
					}
				}
				collect(t, s)
			}
		})
	}
}

func TestDamagedRecordIsNamed(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(file []byte) []byte{
		"a flipped bit in the manifest": func(f []byte) []byte { f[len(f)-20] ^= 1; return f },
		"a flipped bit in the record":   func(f []byte) []byte { f[seal.Length(imagefile.Head)+10] ^= 1; return f },
		"cut":                           func(f []byte) []byte { return f[:len(f)-1] },
		"cut to its head":               func(f []byte) []byte { return f[:20] },
		"empty":                         func([]byte) []byte { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			img := add(t, s, named(t, "example.com/a"))
			path := s.path(imagesDir, img.ID)
			file, err := os.ReadFile(path)
			if err == nil {
				err = os.WriteFile(path, harm(file), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Get(img.ID)
			var damaged *DamagedError
			if !errors.As(err, &damaged) || damaged.ID != img.ID {
				t.Errorf("got %v", err)
			}
			if err := s.Remove(img.ID); err != nil {
				t.Errorf("and it can't be removed: %v", err)
			}
		})
	}
}

func TestRecordUnderAnotherNameIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	a, b := add(t, s, named(t, "example.com/a")), add(t, s, named(t, "example.com/b"))
	if err := os.Rename(s.path(imagesDir, a.ID), s.path(imagesDir, b.ID)); err != nil {
		t.Fatal(err)
	}
	var damaged *DamagedError
	if _, err := s.Get(b.ID); !errors.As(err, &damaged) {
		t.Errorf("got %v", err)
	}
}
