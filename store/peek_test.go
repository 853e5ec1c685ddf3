package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/podtui/podtui/store/storetest"
)

// Wherever the manifest is and however the archive is compressed, it is the one
// that an import has.
func TestManifestIsReadAlone(t *testing.T) {
	t.Parallel()
	files := "dir rootfs mode=0755\nrepeat 50\nfile rootfs/f%d \"content of %d\"\n"
	for name, recipe := range map[string]string{
		"first":             "manifest\n" + files,
		"last":              files + "manifest\n",
		"with ./":           "dir .\ndir ./rootfs mode=0755\nfile ./manifest $M\n",
		"behind a comment":  "global comment x\n" + files + "manifest\n",
		"behind empty ones": "dir rootfs\nfile rootfs/empty\nhardlink rootfs/h rootfs/empty\nsymlink rootfs/s empty\nmanifest\n",
	} {
		plain := build(t, recipe, "M", storetest.Manifest)
		for _, tool := range []string{"", "gzip", "bzip2", "xz", "zstd"} {
			t.Run(strings.TrimSpace(name+" "+tool), func(t *testing.T) {
				t.Parallel()
				archive := plain
				if tool != "" {
					archive = filter(t, plain, tool)
				}
				got, err := ReadManifest(context.Background(), bytes.NewReader(archive))
				if err != nil || !reflect.DeepEqual(got, add(t, open(t), archive).Manifest) {
					t.Errorf("got %+v, %v", got, err)
				}
			})
		}
	}
}

// Sparse files on the way are passed as what they take in the stream, in each of
// the ways that GNU tar writes them.
func TestManifestBehindSparseFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root := filepath.Join(dir, "rootfs")
	err := errors.Join(
		os.Mkdir(root, 0o755),
		os.WriteFile(filepath.Join(dir, "manifest"), []byte(storetest.Manifest), 0o600),
		os.WriteFile(filepath.Join(root, "a"), []byte("begin"), 0o600),
		os.Truncate(filepath.Join(root, "a"), 1<<30),
		os.WriteFile(filepath.Join(root, "b"), []byte("plain"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"gnu", "pax"} {
		archive := gnuTar(t, dir, "--format="+format, "--sparse")
		if len(archive) > 1<<20 {
			t.Fatalf("%s: %d bytes, which is not sparse", format, len(archive))
		}
		if m, err := ReadManifest(context.Background(), bytes.NewReader(archive)); err != nil || m.Name != "example.com/test" {
			t.Errorf("%s: got %+v, %v", format, m, err)
		}
	}
}

// What is refused on the way to the manifest is refused in the words of an
// import; what is not seen there is not refused.
func TestHostileArchivesOnTheWayToTheManifest(t *testing.T) {
	t.Parallel()
	recipes, err := filepath.Glob("../testdata/hostile/*.txt")
	if err != nil || len(recipes) < 50 {
		t.Fatalf("%d recipes, %v", len(recipes), err)
	}
	s, refused := open(t), 0
	for _, path := range recipes {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if os.Geteuid() != 0 && (bytes.Contains(text, []byte("\nchar ")) || bytes.Contains(text, []byte("uid"))) {
			continue // only root is told what is wrong with it
		}
		for _, recipe := range []string{string(text), manifestLast(string(text))} {
			archive := build(t, recipe, "OUTSIDE", t.TempDir())
			_, err := ReadManifest(context.Background(), bytes.NewReader(archive))
			if err == nil {
				continue
			}
			refused++
			_, _, imported := s.Import(context.Background(), bytes.NewReader(archive), ImportOptions{})
			if imported == nil || err.Error() != imported.Error() {
				t.Errorf("%s\n got %v\nwant %v", recipe, err, imported)
			}
		}
	}
	if refused < 50 {
		t.Errorf("only %d were refused", refused)
	}
}

// manifestLast is a recipe with its manifest behind all else.
func manifestLast(recipe string) string {
	before, after, ok := strings.Cut(recipe, "\nmanifest\n")
	if !ok {
		return recipe
	}
	return before + "\n" + after + "\nmanifest\n"
}

func TestManifestOfATruncatedArchive(t *testing.T) {
	t.Parallel()
	const files = "dir rootfs\nfile rootfs/a content\nsymlink rootfs/b a\n"
	for name, archive := range map[string][]byte{
		"first":      build(t, "manifest\n"+files),
		"last":       build(t, files+"manifest\n"),
		"none":       build(t, files),
		"gzip, last": build(t, files+"manifest\ncompress gzip\n"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			for n := 0; n < len(archive); n += max(1, len(archive)/100) {
				cut := archive[:n]
				_, _, imported := s.Import(context.Background(), bytes.NewReader(cut), ImportOptions{})
				if _, err := ReadManifest(context.Background(), bytes.NewReader(cut)); err != nil && err.Error() != imported.Error() {
					t.Errorf("cut at %d of %d\n got %v\nwant %v", n, len(archive), err, imported)
				}
			}
			if _, err := ReadManifest(context.Background(), bytes.NewReader(archive)); (err == nil) != (name != "none") {
				t.Errorf("whole: %v", err)
			}
		})
	}
}

// An archive of any size costs what lies before its manifest.
func TestNoMoreIsReadThanTheManifest(t *testing.T) {
	t.Parallel()
	recipe := build(t, "manifest\ndir rootfs\nfile rootfs/a size=1000000000\nnoend\n")
	for _, tool := range []string{"", "gzip", "bzip2", "xz", "zstd"} {
		begin := recipe
		if tool != "" {
			noise := make([]byte, 4<<20)
			_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
			begin = filter(t, append(recipe, noise...), tool)
		}
		source := &counting{r: io.MultiReader(bytes.NewReader(begin), endless{}), report: func(int) {}}
		read := 0
		source.report = func(n int) { read += n }
		if m, err := ReadManifest(context.Background(), source); err != nil || m.Name != "example.com/test" {
			t.Errorf("%q: got %+v, %v", tool, m, err)
		}
		// bzip2 decompresses blocks of 900 kB as a whole.
		if read > 1<<20 || tool != "bzip2" && read > 256<<10 {
			t.Errorf("%q: %d bytes were read", tool, read)
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestBoundsOnTheWayToTheManifest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, recipe string
		limits       limits
		want         string
	}{
		{"a bomb", "dir rootfs\nrepeat 5000\nfile rootfs/f%d\nmanifest\ncompress gzip\n", limits{1 << 20, 10_000}, "archive is larger than 1048576 bytes unpacked"},
		{"a large file", "dir rootfs\nfile rootfs/a size=10000000\nmanifest\n", limits{1 << 20, 100}, `entry "rootfs/a" brings the files to more than 1048576 bytes`},
		{"a flood of entries", "dir rootfs\nrepeat 5000\nfile rootfs/f%d\nmanifest\n", limits{64 << 20, 1000}, "archive has more than 1000 entries"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			archive := build(t, test.recipe)
			_, err := readManifest(context.Background(), bytes.NewReader(archive), test.limits)
			if err == nil || err.Error() != test.want {
				t.Errorf("\n got %v\nwant %s", err, test.want)
			}
			_, _, err = open(t).Import(context.Background(), bytes.NewReader(archive), ImportOptions{MaxSize: test.limits.size, MaxEntries: test.limits.entries})
			if err == nil || err.Error() != test.want {
				t.Errorf("imported\n got %v\nwant %s", err, test.want)
			}
		})
	}
}

// What ends the source is what is returned, and a context ends it inside of one
// that says much with few bytes.
func TestSourceThatEndsBeforeTheManifest(t *testing.T) {
	t.Parallel()
	archive := build(t, "dir rootfs\nfile rootfs/a content\nmanifest\n")
	gone := errors.New("the network is gone")
	broken := io.MultiReader(bytes.NewReader(archive[:1024]), readerFunc(func([]byte) (int, error) { return 0, gone }))
	if _, err := ReadManifest(context.Background(), broken); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancelling := io.MultiReader(bytes.NewReader(archive[:1024]), readerFunc(func(p []byte) (int, error) {
		cancel()
		return len(p), nil
	}))
	if _, err := ReadManifest(ctx, cancelling); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// FuzzReadManifest: whatever an import takes has the manifest that was read
// alone, and whatever is refused then is refused by an import.
func FuzzReadManifest(f *testing.F) {
	for _, recipe := range []string{everything, "manifest\ndir rootfs\n", "dir rootfs\nfile rootfs/a x\nmanifest\n", "dir rootfs\nmanifest\ncompress gzip\n"} {
		f.Add(build(f, recipe))
	}
	dir := shm(f)
	f.Fuzz(func(t *testing.T, archive []byte) {
		sandbox, err := os.MkdirTemp(dir, "")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(sandbox)
		s, err := Open(filepath.Join(sandbox, "store"))
		if err != nil {
			t.Fatal(err)
		}
		l := limits{1 << 20, 1000}
		m, err := readManifest(context.Background(), bytes.NewReader(archive), l)
		if err != nil && strings.ContainsAny(err.Error(), "\n\x1b\x00") {
			t.Fatalf("the error is not one clean line: %q", err)
		}
		img, _, imported := s.Import(context.Background(), bytes.NewReader(archive), ImportOptions{MaxSize: l.size, MaxEntries: l.entries})
		switch {
		case err != nil && imported == nil:
			t.Fatalf("alone: %v, and yet it is an image", err)
		case imported == nil && !reflect.DeepEqual(m, img.Manifest):
			t.Fatalf("alone %+v, imported %+v", m, img.Manifest)
		}
	})
}

// BenchmarkReadManifest reads the manifest of a gzip archive of about 150 MB, in
// which it is first.
func BenchmarkReadManifest(b *testing.B) {
	path := filepath.Join(shm(b), "image.aci")
	benchArchive(b, path)
	for b.Loop() {
		archive, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := ReadManifest(context.Background(), archive); err != nil {
			b.Fatal(err)
		}
		archive.Close()
	}
}
