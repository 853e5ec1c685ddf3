package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/store/storetest"
)

func sum(data []byte) string {
	s := sha512.Sum512(data)
	return hex.EncodeToString(s[:])
}

func export(t *testing.T, s *Store, id string) []byte {
	t.Helper()
	var out bytes.Buffer
	if newID, err := s.Export(context.Background(), id, &out); err != nil || newID != idPrefix+sum(out.Bytes()) {
		t.Fatal(newID, err)
	}
	return out.Bytes()
}

func TestExportIsTheIdenticalArchive(t *testing.T) {
	t.Parallel()
	needRoot(t)
	s := open(t)
	archive := build(t, everything)
	img := add(t, s, archive)
	if got := export(t, s, img.ID); !bytes.Equal(got, archive) {
		t.Errorf("%d bytes, want %d", len(got), len(archive))
	}
}

// What GNU tar writes in all its formats comes back byte for byte, holes are
// holes again on disk, and are no bytes in the archive.
func TestExportOfWhatGNUTarWrites(t *testing.T) {
	t.Parallel()
	tree := t.TempDir()
	gnuTree(t, tree)
	for name, args := range map[string][]string{
		"v7":                {"--format=v7", "--exclude=long*"},
		"ustar":             {"--format=ustar"},
		"gnu":               {"--format=gnu"},
		"gnu, sparse":       {"--format=gnu", "--sparse"},
		"pax":               {"--format=pax"},
		"pax, sparse 0.0":   {"--format=pax", "--sparse", "--sparse-version=0.0"},
		"pax, sparse 0.1":   {"--format=pax", "--sparse", "--sparse-version=0.1"},
		"pax, sparse 1.0":   {"--format=pax", "--sparse", "--sparse-version=1.0"},
		"pax with a dot":    {"--format=pax", "--transform=s,^,./,S"},
		"sorted":            {"--format=gnu", "--sort=name"},
		"large blocks":      {"--format=gnu", "--blocking-factor=200"},
		"attributes, posix": {"--format=pax", "--xattrs"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive := gnuTar(t, tree, args...)
			s := open(t)
			img := add(t, s, archive)
			if got := export(t, s, img.ID); !bytes.Equal(got, archive) {
				t.Errorf("%d bytes, want %d", len(got), len(archive))
			}
			layers, _ := s.Layers(img)
			if out, err := exec.Command("diff", "-r", "--no-dereference", filepath.Join(tree, "rootfs"), layers[0]).CombinedOutput(); err != nil && name != "v7" {
				t.Errorf("the trees differ: %s", out)
			}
			holes(t, filepath.Join(layers[0], "sparse"), bytes.Contains([]byte(name), []byte("sparse")))
		})
	}
}

// gnuTar packs a tree that gnuTree has made.
func gnuTar(t *testing.T, tree string, args ...string) []byte {
	t.Helper()
	archive, err := exec.Command("tar", append(args, "-C", tree, "-c", "rootfs", "manifest")...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

func gnuTree(t *testing.T, tree string) {
	root := filepath.Join(tree, "rootfs")
	long := filepath.Join(root, "long-"+string(bytes.Repeat([]byte("n"), 90)))
	if err := os.MkdirAll(filepath.Join(long, "inner-"+string(bytes.Repeat([]byte("n"), 90))), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string][]byte{
		filepath.Join(tree, "manifest"): []byte(storetest.Manifest),
		filepath.Join(root, "a"):        bytes.Repeat([]byte("a"), 100000),
		filepath.Join(root, "exact"):    bytes.Repeat([]byte("b"), 1024),
		filepath.Join(root, "empty"):    nil,
		filepath.Join(long, "file"):     []byte("deep"),
	} {
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(filepath.Join(root, "a"), filepath.Join(root, "hard")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a", filepath.Join(root, "soft")); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(root, "sparse"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.WriteAt([]byte("begin"), 1<<20)
	f.WriteAt([]byte("end"), 5<<20)
	f.Truncate(8 << 20)
}

func holes(t *testing.T, path string, want bool) {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		t.Fatal(err)
	}
	if st.Size != 8<<20 {
		t.Errorf("the sparse file has %d bytes", st.Size)
	}
	if sparse := st.Blocks*512 < 1<<20; want && !sparse {
		t.Errorf("the sparse file takes %d blocks", st.Blocks)
	}
}

func TestExportFindsChangedFiles(t *testing.T) {
	t.Parallel()
	const recipe = "manifest\ndir rootfs mode=0755\nfile rootfs/a content\n"
	for name, harm := range map[string]func(s *Store, rootfs, layer string) error{
		"a flipped bit": func(_ *Store, rootfs, _ string) error {
			return os.WriteFile(filepath.Join(rootfs, "a"), []byte("Content"), 0o644)
		},
		"a shorter file": func(_ *Store, rootfs, _ string) error {
			return os.WriteFile(filepath.Join(rootfs, "a"), []byte("c"), 0o644)
		},
		"a file gone":     func(_ *Store, rootfs, _ string) error { return os.Remove(filepath.Join(rootfs, "a")) },
		"the record gone": func(_ *Store, _, layer string) error { return os.Remove(filepath.Join(layer, archiveFile)) },
		"the record cut":  func(_ *Store, _, layer string) error { return os.Truncate(filepath.Join(layer, archiveFile), 50) },
		"the tree gone":   func(_ *Store, rootfs, _ string) error { return os.RemoveAll(rootfs) },
		"a symlink instead": func(_ *Store, rootfs, _ string) error {
			os.Remove(filepath.Join(rootfs, "a"))
			return os.Symlink("/etc/passwd", filepath.Join(rootfs, "a"))
		},
		"a fifo instead": func(_ *Store, rootfs, _ string) error {
			os.Remove(filepath.Join(rootfs, "a"))
			return unix.Mkfifo(filepath.Join(rootfs, "a"), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			img := add(t, s, build(t, recipe))
			layers, _ := s.Layers(img)
			if err := harm(s, layers[0], filepath.Dir(layers[0])); err != nil {
				t.Fatal(err)
			}
			_, err := s.Export(context.Background(), img.ID, new(bytes.Buffer))
			var damaged *DamagedError
			if !errors.As(err, &damaged) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestFullDiskIsNotDamage(t *testing.T) {
	t.Parallel()
	s := open(t)
	img := add(t, s, named(t, "example.com/a"))
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	var damaged *DamagedError
	if _, err := s.Export(context.Background(), img.ID, full); !errors.Is(err, unix.ENOSPC) || errors.As(err, &damaged) {
		t.Errorf("got %v", err)
	}
}

// What the host can't give is no damage, which has people remove images.
func TestTooManyOpenFilesAreNotDamage(t *testing.T) {
	t.Parallel()
	s := open(t)
	for kind, img := range map[string]Image{
		KindACI:      add(t, s, named(t, "example.com/a")),
		KindRegistry: addLayers(t, s, "dir a\n", "dir b\n"),
	} {
		out, err := spawn(s, "starved", img.ID, "").CombinedOutput()
		if got := string(out); err == nil || !strings.Contains(got, "too many open files") || strings.Contains(got, "damaged") {
			t.Errorf("an image of kind %s: %q, %v", kind, got, err)
		}
	}
}

// starved reads an image's layers when one file can be open and no second.
func starved(s *Store, id string) error {
	img, err := s.Get(id)
	if err != nil {
		return err
	}
	next, err := unix.Dup(0)
	if err == nil {
		err = unix.Close(next)
	}
	if err == nil {
		err = unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(next) + 1, Max: uint64(next) + 1})
	}
	if err != nil {
		return err
	}
	if img.Kind == KindRegistry {
		return s.Extract(context.Background(), id, s.path("extracted"), true)
	}
	_, err = s.Export(context.Background(), id, io.Discard)
	return err
}

// addLayers imports an image of a registry: a recipe for each layer, lowest
// first.
func addLayers(t testing.TB, s *Store, recipes ...string) Image {
	t.Helper()
	d, err := s.Draft()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	o := CommitOptions{Manifest: []byte(manifestOf("example.com/registry", "version=1"))}
	for _, recipe := range recipes {
		layer := build(t, recipe)
		diffID := fmt.Sprintf("sha256:%x", sha256.Sum256(layer))
		if err := d.ReadLayer(context.Background(), bytes.NewReader(layer), LayerOptions{DiffID: diffID}); err != nil {
			t.Fatal(err)
		}
		o.DiffIDs = append(o.DiffIDs, diffID)
	}
	o.ID = idPrefix + sum([]byte(fmt.Sprint(o.DiffIDs)))
	img, _, err := d.Commit(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// layersOfRegistry has everything that makes a merged root another than a layer.
var layersOfRegistry = []string{
	`dir ./ mode=0755 mtime=3
dir etc mode=0750 mtime=5
pax mtime 12.5
file etc/a lower mode=04755 uid=9 gid=8 mtime=12
file etc/gone x
dir opaque
file opaque/below x
dir tmp mode=01777 mtime=9
file many one
hardlink etc/one-more many
symlink link /etc/a mtime=77
fifo fifo
char null 1 3 mode=0666
block disk 7 1
`, `file etc/.wh.gone
pax SCHILY.xattr.user.note hello
file etc/b upper
dir opaque
file opaque/.wh..wh..opq
file opaque/above y
file tmp/x x
file "etc/\xff\n odd" x
hardlink etc/b2 etc/b
`,
}

// An image of a registry comes back from its export as an ACI with the ID that
// was told and the same root, and a second export is the same bytes.
func TestExportOfARegistryImage(t *testing.T) {
	t.Parallel()
	needRoot(t)
	s := open(t)
	img := addLayers(t, s, layersOfRegistry...)
	exports := make([]bytes.Buffer, 2)
	var newID string
	for i := range exports {
		var err error
		if newID, err = s.Export(context.Background(), img.ID, &exports[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(exports[0].Bytes(), exports[1].Bytes()) {
		t.Error("two exports differ")
	}
	if out, err := runTar(exports[0].Bytes(), "-t"); err != nil {
		t.Errorf("GNU tar: %v, %s", err, out)
	}
	other := open(t)
	again := add(t, other, exports[0].Bytes())
	if again.ID != newID || again.Kind != KindACI || again.Name() != img.Name() || len(again.layers) != 1 {
		t.Errorf("it came back as %+v, want the ID %s", again, newID)
	}
	want := look(t, s, img)
	if names(want) != ". disk etc etc/a etc/b etc/b2 etc/one-more etc/\xff\n odd fifo link many null opaque opaque/above tmp tmp/x" {
		t.Errorf("the root has %q", names(want))
	}
	wantSame(t, look(t, other, again), want)
}

func runTar(archive []byte, args ...string) ([]byte, error) {
	cmd := exec.Command("tar", args...)
	cmd.Stdin = bytes.NewReader(archive)
	return cmd.CombinedOutput()
}

// An image with dependencies is its own archive, whatever lies below.
func TestExportOfAnImageWithDependencies(t *testing.T) {
	t.Parallel()
	s := open(t)
	base := addOn(t, s, manifestWith("example.com/base", 0), "dir rootfs\nfile rootfs/a base")
	top := addOn(t, s, manifestWith("example.com/top", 1, "/a"), "dir rootfs\nfile rootfs/b own", base.ID)
	archive := build(t, fmt.Sprintf("file manifest %q\ndir rootfs\nfile rootfs/b own\n", manifestWith("example.com/top", 1, "/a")))
	if got := export(t, s, top.ID); !bytes.Equal(got, archive) {
		t.Errorf("%d bytes, want %d", len(got), len(archive))
	}
}
