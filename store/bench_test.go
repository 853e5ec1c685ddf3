package store

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
)

// BenchmarkImport imports a gzip archive of about 150 MB, made of what this
// machine has installed, and lets GNU tar unpack the same beside it: each round
// does both, and ratio is ours divided by tar's. It works on a tmpfs, since
// disks have moods.
func BenchmarkImport(b *testing.B) {
	dir := shm(b)
	archive := filepath.Join(dir, "image.aci")
	size := benchArchive(b, archive)
	b.SetBytes(size)
	var ours, tars time.Duration
	for b.Loop() {
		tars += timed(func() { untar(b, archive, filepath.Join(dir, "tar")) })
		ours += timed(func() { importOnce(b, archive, filepath.Join(dir, "store")) })
		for _, made := range []string{"tar", "store"} {
			if err := os.RemoveAll(filepath.Join(dir, made)); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(ours.Seconds()/float64(b.N)*1000, "import-ms")
	b.ReportMetric(tars.Seconds()/float64(b.N)*1000, "tar-ms")
	b.ReportMetric(ours.Seconds()/tars.Seconds(), "ratio")
}

// BenchmarkReadLayer reads the same archive as if it were a layer of a registry
// image.
func BenchmarkReadLayer(b *testing.B) {
	dir := shm(b)
	archive := filepath.Join(dir, "layer.tar.gz")
	b.SetBytes(benchArchive(b, archive))
	o := LayerOptions{DiffID: diffIDOf(b, archive)}
	for b.Loop() {
		readLayerOnce(b, archive, filepath.Join(dir, "store"), o)
		b.StopTimer()
		if err := os.RemoveAll(filepath.Join(dir, "store")); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func diffIDOf(b *testing.B, archive string) string {
	f, err := os.Open(archive)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	d, err := decompress(context.Background(), f)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, d); err != nil {
		b.Fatal(err)
	}
	return diffIDPrefix + hex.EncodeToString(sum.Sum(nil))
}

func readLayerOnce(b *testing.B, archive, dir string, o LayerOptions) {
	s, err := Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	f, err := os.Open(archive)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	d, err := s.Draft()
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	if err := d.ReadLayer(context.Background(), f, o); err != nil {
		b.Fatal(err)
	}
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func importOnce(b *testing.B, archive, dir string) {
	s, err := Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	f, err := os.Open(archive)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, _, err := s.Import(context.Background(), f, ImportOptions{}); err != nil {
		b.Fatal(err)
	}
}

func untar(b *testing.B, archive, dir string) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		b.Fatal(err)
	}
	if out, err := exec.Command("tar", "xzf", archive, "-C", dir).CombinedOutput(); err != nil {
		b.Fatalf("tar: %v\n%s", err, out)
	}
}

// shm is a folder on a tmpfs.
func shm(t testing.TB) string {
	dir, err := os.MkdirTemp("/dev/shm", "podtui-store-")
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// benchArchive packs an image until it has 150 MB compressed, and returns the
// bytes it has unpacked.
func benchArchive(b *testing.B, path string) int64 {
	if given := os.Getenv("PODTUI_BENCH_ACI"); given != "" {
		if err := os.Symlink(given, path); err != nil {
			b.Fatal(err)
		}
		return 0
	}
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	packed := &counter{w: f}
	z, _ := gzip.NewWriterLevel(packed, 6)
	plain := &counter{w: z}
	w := tar.NewWriter(plain)
	packTree(b, w, packed, 150<<20)
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		b.Fatal(err)
	}
	return plain.n
}

var errEnough = errors.New("enough")

func packTree(b *testing.B, w *tar.Writer, packed *counter, limit int64) {
	write(b, w, &tar.Header{Name: "manifest", Mode: 0o644}, strings.NewReader(benchManifest))
	for _, root := range []string{"/usr/share", "/usr/lib/python3", "/etc", "/usr/bin", "/usr/lib/x86_64-linux-gnu"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if packed.n > limit {
				return errEnough
			}
			if err != nil || !(d.IsDir() || d.Type().IsRegular()) {
				return nil
			}
			info, err := d.Info()
			if err != nil {
				return nil
			}
			h, _ := tar.FileInfoHeader(info, "")
			h.Name = "rootfs" + path
			if d.IsDir() {
				write(b, w, h, nil)
				return nil
			}
			f, err := os.Open(path)
			if err != nil {
				return nil
			}
			defer f.Close()
			write(b, w, h, io.LimitReader(f, h.Size))
			return nil
		})
		if err != nil && err != errEnough {
			b.Fatal(err)
		}
	}
}

func write(b *testing.B, w *tar.Writer, h *tar.Header, r io.Reader) {
	if s, ok := r.(*strings.Reader); ok {
		h.Size = s.Size()
	}
	if err := w.WriteHeader(h); err != nil {
		b.Fatal(err)
	}
	if r != nil {
		if _, err := io.Copy(w, r); err != nil {
			b.Fatal(err)
		}
	}
}

const benchManifest = `{"acKind":"ImageManifest","acVersion":"0.8.11","name":"example.com/bench"}`

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// BenchmarkStart is what a start of a stored image asks of the store.
func BenchmarkStart(b *testing.B) {
	for _, images := range []int{1, 10_000} {
		b.Run(fmt.Sprint(images, " images"), func(b *testing.B) {
			dir := crowd(b, images)
			for b.Loop() {
				s, err := Open(dir)
				if err != nil {
					b.Fatal(err)
				}
				img, err := s.FindName("example.com/app-0", map[string]string{"os": "linux", "arch": "amd64"})
				if err != nil {
					b.Fatal(err)
				}
				if err := s.Lease("pod", img.ID); err != nil {
					b.Fatal(err)
				}
				if _, err := s.Layers(img); err != nil {
					b.Fatal(err)
				}
				s.Close()
			}
		})
	}
}

// BenchmarkList lists ten thousand images that nobody vouches for, or that have
// been verified by a few keys.
func BenchmarkList(b *testing.B) {
	for name, by := range map[string][]*Verification{
		"unverified": {nil},
		"verified":   {signedBy("Example Builds <builds@example.com>")},
		"by three":   {signedBy("Ann <ann@example.com>"), approved("docker://example.com/a@sha256:" + strings.Repeat("0", 64)), signedBy("Bob <bob@example.com>")},
	} {
		b.Run(name, func(b *testing.B) { benchmarkList(b, by) })
	}
}

func benchmarkList(b *testing.B, by []*Verification) {
	s, err := Open(crowd(b, 10_000, by...))
	if err != nil {
		b.Fatal(err)
	}
	// As such a store is: nothing was imported a moment ago.
	past := time.Now().Add(-time.Hour)
	if err := os.Chtimes(s.path(imagesDir), past, past); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if list, err := s.List(); err != nil || len(list) != 10_000 {
			b.Fatal(len(list), err)
		}
	}
}

// crowd makes a store of many images, verified by some in turn.
func crowd(b *testing.B, images int, by ...*Verification) string {
	s, err := Open(filepath.Join(shm(b), "store"))
	if err != nil {
		b.Fatal(err)
	}
	entries := make([]Entry, images)
	for i := range entries {
		manifest := manifestOf(fmt.Sprint("example.com/app-", i), "version=1.0.0", "os=linux", "arch=amd64")
		id := idPrefix + sum([]byte(manifest))
		r := record{ID: id, Size: 1, Imported: time.Now(), Layers: []string{id}}
		if len(by) > 0 {
			r.Verified = by[i%len(by)]
		}
		file, err := encodeRecord(r, []byte(manifest))
		if err != nil {
			b.Fatal(err)
		}
		if err := errors.Join(
			os.WriteFile(s.path(imagesDir, id), file, 0o600),
			os.MkdirAll(s.path(layersDir, id, rootfsDir), 0o700),
		); err != nil {
			b.Fatal(err)
		}
		m, err := parseManifest([]byte(manifest))
		if err != nil {
			b.Fatal(err)
		}
		entries[i] = r.image(m, r.Imported).Entry()
	}
	if err := s.addToIndex(entries...); err != nil {
		b.Fatal(err)
	}
	return s.dir
}
