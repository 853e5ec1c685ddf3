package archive

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/fetch/oci"
)

// readLayer reads a layer to its end, and holds it against its diff ID.
func readLayer(t testing.TB, a *Archive, l oci.Layer) error {
	t.Helper()
	blob, size, err := a.Blob(t.Context(), l.Descriptor)
	if err != nil {
		return err
	}
	defer blob.Close()
	raw, err := io.ReadAll(blob)
	if err != nil {
		return err
	}
	if int64(len(raw)) != size || size != l.Size {
		return fmt.Errorf("%d bytes came, %d were told and %d described", len(raw), size, l.Size)
	}
	var plain io.Reader = bytes.NewReader(raw)
	switch l.Compression {
	case "gzip":
		plain, err = gzip.NewReader(plain)
	case "zstd":
		var z *zstd.Decoder
		z, err = zstd.NewReader(plain)
		if err == nil {
			defer z.Close()
		}
		plain = z
	}
	if err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.Copy(h, plain); err != nil {
		return err
	}
	if got := l.DiffID.Of(h); got != l.DiffID {
		return fmt.Errorf("the content is %s, the diff ID %s", got, l.DiffID)
	}
	return nil
}

func TestDockerSaveIsRead(t *testing.T) {
	t.Parallel()
	one, two := layer(t, "a"), layer(t, "b")
	compressed := string(gzipped(t, []byte(two)))
	for name, pieces := range map[string][]piece{
		"plain": savedBy(t, nil, one, two),
		"a layer that is a link to another image's": append(savedBy(t, func(s *saved) { s.Layers[1] = "x/layer.tar" }, one, two),
			piece{name: "x/layer.tar", link: "../y/layer.tar", kind: tar.TypeSymlink},
			piece{name: "y/layer.tar", link: "1/layer.tar", kind: tar.TypeLink}),
		"blobs, as newer versions": {
			{name: "blobs/sha256/" + oci.DigestOf([]byte(configOf(one))).Hex(), content: configOf(one)},
			{name: "blobs/sha256/x", content: one},
			{name: "manifest.json", content: fmt.Sprintf(`[{"Config":"blobs/sha256/%s","RepoTags":["example.com/app:v1"],"Layers":["./blobs//sha256/x"],"LayerSources":{}}]`,
				oci.DigestOf([]byte(configOf(one))).Hex())},
		},
		"a compressed layer": append(savedBy(t, func(s *saved) { s.Layers[1] = "z" }, one, two), piece{name: "z", content: compressed}),
		"what nobody asks for": append(savedBy(t, nil, one, two), piece{name: "../../etc/passwd", content: "x"},
			piece{name: "dev", kind: tar.TypeChar}, piece{name: strings.Repeat("n", 5000)}, piece{name: "twice"}, piece{name: "twice"}),
	} {
		img, names, err := readAll(t, write(t, pack(t, pieces...)), "")
		if err != nil || !slices.Equal(names, []string{"example.com/app:v1"}) || img.Parsed.Run.Cmd[0] != "/x" {
			t.Errorf("%s: %v %v", name, names, err)
		}
	}
}

// A compressed layer of docker save has a digest of its own.
func TestCompressedLayersOfDockerSaveAreToldByTheirDigest(t *testing.T) {
	t.Parallel()
	one := layer(t, "a")
	compressed := gzipped(t, []byte(one))
	pieces := append(savedBy(t, func(s *saved) { s.Layers[0] = "z" }, one), piece{name: "z", content: string(compressed)})
	img, _, err := readAll(t, write(t, pack(t, pieces...)), "")
	if err != nil {
		t.Fatal(err)
	}
	if l := img.Layers[0]; l.Digest != oci.DigestOf(compressed) || l.Compression != "gzip" || l.DiffID != oci.DigestOf([]byte(one)) {
		t.Errorf("%+v", l)
	}
}

func TestLayoutsAreRead(t *testing.T) {
	t.Parallel()
	var b layoutBuilder
	d := b.image(t, "v1", layer(t, "a"))
	for name, path := range map[string]string{
		"folder":            b.folder(t),
		"tar":               write(t, pack(t, b.pieces(t)...)),
		"compressed":        write(t, gzipped(t, pack(t, b.pieces(t)...))),
		"with docker save":  write(t, pack(t, append(b.pieces(t), savedBy(t, nil, layer(t, "other"))...)...)),
		"blobs that are ln": write(t, pack(t, append(b.pieces(t), piece{name: "more", link: indexFile, kind: tar.TypeLink})...)),
	} {
		img, names, err := readAll(t, path, "")
		if err != nil || img.Manifest.Digest != d.Digest || !slices.Equal(names, []string{"v1"}) {
			t.Errorf("%s: %v %v", name, names, err)
		}
	}
}

func TestOneOfSeveralIsChosen(t *testing.T) {
	t.Parallel()
	var b layoutBuilder
	first := b.image(t, "docker.io/library/busybox:latest", layer(t, "a"))
	second := b.image(t, "v2", layer(t, "b"))
	second.Annotations = map[string]string{containerdName: "quay.io/team/app:v2", refName: "tag-only"}
	again := first
	again.Annotations = map[string]string{refName: "alias"}
	signature := b.blob(oci.OCIManifest, `{"schemaVersion":2}`)
	signature.ArtifactType = "application/vnd.example.signature"
	nasty := b.image(t, "x\x1b[2J", layer(t, "c"))
	b.manifests = []oci.Descriptor{first, second, again, signature, nasty}
	path := b.folder(t)
	for reference, want := range map[string]oci.Digest{
		"docker.io/library/busybox:latest": first.Digest, "busybox": first.Digest, "library/busybox": first.Digest, "alias": first.Digest,
		"quay.io/team/app:v2": second.Digest, "tag-only": second.Digest,
	} {
		a, err := open(t, path)
		if err != nil {
			t.Fatal(err)
		}
		top, _, err := a.Top(t.Context(), reference)
		if err != nil || top.Digest != want {
			t.Errorf("%s: %v %v", reference, top.Digest, err)
		}
	}
	for reference, want := range map[string]string{
		"":         "3 images are in it, of which FILE:NAME takes one: docker.io/library/busybox:latest, alias, quay.io/team/app:v2",
		"app":      `no image in it is called "app": docker.io/library/busybox:latest, alias, quay.io/team/app:v2`,
		"x\x1b[2J": `called "x\x1b[2J"`,
	} {
		_, _, err := readAll(t, path, reference)
		var choice *ChoiceError
		if !errors.As(err, &choice) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", reference, err)
		}
	}
}

func TestPlatformsSideBySideAreOneImage(t *testing.T) {
	t.Parallel()
	var b layoutBuilder
	b.image(t, "v1", layer(t, "a"))
	b.image(t, "v1", layer(t, "b"))
	b.manifests[0].Platform = &oci.Platform{OS: "linux", Architecture: "arm64"}
	b.manifests[1].Platform = &oci.Platform{OS: "linux", Architecture: "amd64"}
	img, names, err := readAll(t, b.folder(t), "")
	if err != nil || img.Manifest.Digest != b.manifests[1].Digest || img.Index == nil || len(names) != 1 {
		t.Errorf("%v %v", names, err)
	}
	a, err := open(t, b.folder(t))
	if err != nil {
		t.Fatal(err)
	}
	top, _, err := a.Top(t.Context(), "v1")
	if err != nil {
		t.Fatal(err)
	}
	again, err := a.Document(t.Context(), oci.Descriptor{MediaType: top.MediaType, Digest: top.Digest, Size: int64(len(top.Raw))})
	if err != nil || !bytes.Equal(again.Raw, top.Raw) {
		t.Errorf("the index that was made is not found again: %v", err)
	}
}

func TestCompressedArchivesAreRead(t *testing.T) {
	t.Parallel()
	path := write(t, pack(t, savedBy(t, nil, layer(t, "a"))...))
	for _, program := range []string{"gzip", "bzip2", "xz", "zstd"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Logf("SKIPPED: %s is missing", program)
			continue
		}
		compressed, err := exec.Command(program, "-c", path).Output()
		if err != nil {
			t.Fatal(err)
		}
		temp := t.TempDir()
		a, err := Open(t.Context(), write(t, compressed), Options{Temp: temp})
		if err != nil {
			t.Errorf("%s: %v", program, err)
			continue
		}
		if _, _, err = a.Top(t.Context(), "example.com/app:v1"); err != nil {
			t.Errorf("%s: %v", program, err)
		}
		if left, _ := os.ReadDir(temp); len(left) != 0 {
			t.Errorf("%s: left in the temporary folder: %v", program, left)
		}
		a.Close()
		for _, cut := range []int{len(compressed) - 1, len(compressed) / 2} {
			a, err := Open(t.Context(), write(t, compressed[:cut]), Options{Temp: temp})
			if err == nil {
				a.Close()
				t.Errorf("%s: cut at %d of %d and taken", program, cut, len(compressed))
			} else {
				oneLine(t, program, err)
			}
		}
	}
}

func TestOtherThingsAreNoArchives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	aci := []piece{{name: "manifest", content: "{}"}, {name: "rootfs/", kind: tar.TypeDir}}
	both := append(savedBy(t, nil, layer(t, "a")), aci...)
	for name, path := range map[string]string{
		"an ACI":                   write(t, pack(t, aci...)),
		"an ACI, compressed":       write(t, gzipped(t, pack(t, aci...))),
		"an ACI from its root":     write(t, pack(t, piece{name: "./", kind: tar.TypeDir}, piece{name: "./rootfs/bin/x"})),
		"an ACI and docker's":      write(t, pack(t, both...)),
		"an ACI that goes on":      write(t, append(pack(t, aci[0])[:512*2], bytes.Repeat([]byte("x"), 1<<20)...)),
		"another tar":              write(t, pack(t, piece{name: "index.json", content: "{}"})),
		"an empty tar":             write(t, pack(t)),
		"text":                     write(t, []byte(strings.Repeat("text ", 1000))),
		"little text":              write(t, []byte("text")),
		"nothing":                  write(t, nil),
		"text, compressed":         write(t, gzipped(t, []byte("text"))),
		"gzip in name only":        write(t, []byte("\x1f\x8bnot")),
		"a folder":                 dir,
		"a pipe, which nobody has": pipe,
		"a device":                 "/dev/zero",
	} {
		_, err := open(t, path)
		var not *NotAnArchiveError
		if !errors.As(err, &not) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := open(t, filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing: %v", err)
	}
}

// An ACI is known at its first entry: the rest, here a bomb, is never looked at.
func TestAnACIIsNotDecompressedForIt(t *testing.T) {
	t.Parallel()
	aci := pack(t, piece{name: "manifest", content: "{}"}, piece{name: "rootfs/zero", content: strings.Repeat("\x00", 32<<20)})
	_, err := Open(t.Context(), write(t, gzipped(t, aci)), Options{Temp: t.TempDir(), MaxSize: 1 << 20})
	var not *NotAnArchiveError
	if !errors.As(err, &not) {
		t.Error(err)
	}
}

func TestDecompressionEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := write(t, gzipped(t, pack(t, savedBy(t, nil, layer(t, "a"))...)))
	if _, err := Open(ctx, path, Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	a, err := open(t, path)
	if err != nil {
		t.Fatal(err)
	}
	top, _, err := a.Top(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	var m struct{ Layers []oci.Descriptor }
	json.Unmarshal(top.Raw, &m)
	blob, _, err := a.Blob(ctx, m.Layers[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := blob.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Layers are read side by side, from one file.
func TestLayersAreReadSideBySide(t *testing.T) {
	t.Parallel()
	var layers []string
	for i := range 20 {
		layers = append(layers, layer(t, strings.Repeat("n", i+1)))
	}
	a, err := open(t, write(t, pack(t, savedBy(t, nil, layers...)...)))
	if err != nil {
		t.Fatal(err)
	}
	var group errgroup.Group
	for range 3 {
		group.Go(func() error {
			top, _, err := a.Top(t.Context(), "")
			if err != nil {
				return err
			}
			img, err := oci.Read(t.Context(), a, top, oci.Platform{OS: "linux", Architecture: "amd64"})
			if err != nil {
				return err
			}
			for _, l := range img.Layers {
				group.Go(func() error { return readLayer(t, a, l) })
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}
