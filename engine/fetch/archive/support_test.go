package archive

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/fetch/oci"
)

// piece is one entry of a tar that a test writes.
type piece struct {
	name, content, link string
	kind                byte // 0: a regular file
	pax                 map[string]string
}

func pack(t testing.TB, pieces ...piece) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, p := range pieces {
		h := &tar.Header{Name: p.name, Linkname: p.link, Typeflag: p.kind, Size: int64(len(p.content)), Mode: 0o644, PAXRecords: p.pax}
		if p.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(p.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func write(t testing.TB, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "image.tar")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func gzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(content)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// layer is a layer with one file, as a tar.
func layer(t testing.TB, name string) string {
	return string(pack(t, piece{name: name, content: "of " + name}))
}

func configOf(layers ...string) string {
	var diffIDs []string
	for _, l := range layers {
		diffIDs = append(diffIDs, string(oci.DigestOf([]byte(l))))
	}
	list, _ := json.Marshal(diffIDs)
	return fmt.Sprintf(`{"os":"linux","architecture":"amd64","config":{"Cmd":["/x"]},"rootfs":{"type":"layers","diff_ids":%s}}`, list)
}

// savedBy are the pieces of docker save: config, layers, manifest.json.
func savedBy(t testing.TB, change func(*saved), layers ...string) []piece {
	t.Helper()
	config := configOf(layers...)
	s := saved{Config: oci.DigestOf([]byte(config)).Hex() + ".json", RepoTags: []string{"example.com/app:v1"}}
	pieces := []piece{{name: s.Config, content: config}}
	for i, l := range layers {
		name := fmt.Sprintf("%d/layer.tar", i)
		s.Layers = append(s.Layers, name)
		pieces = append(pieces, piece{name: name, content: l})
	}
	if change != nil {
		change(&s)
	}
	list, err := json.Marshal([]saved{s})
	if err != nil {
		t.Fatal(err)
	}
	return append(pieces, piece{name: dockerFile, content: string(list)})
}

// layoutBuilder puts an OCI layout together.
type layoutBuilder struct {
	blobs     map[string]string // path → content
	manifests []oci.Descriptor
}

func (b *layoutBuilder) blob(mediaType, content string) oci.Descriptor {
	d := oci.Descriptor{MediaType: mediaType, Digest: oci.DigestOf([]byte(content)), Size: int64(len(content))}
	if b.blobs == nil {
		b.blobs = map[string]string{layoutFile: `{"imageLayoutVersion":"1.0.0"}`}
	}
	b.blobs[blobPath(d.Digest)] = content
	return d
}

// image adds an image of one layer, called ref.
func (b *layoutBuilder) image(t testing.TB, ref, layer string) oci.Descriptor {
	t.Helper()
	manifest, err := json.Marshal(map[string]any{
		"schemaVersion": 2,
		"config":        b.blob(oci.OCIConfig, configOf(layer)),
		"layers":        []oci.Descriptor{b.blob(oci.OCILayer+"+gzip", string(gzipped(t, []byte(layer))))},
	})
	if err != nil {
		t.Fatal(err)
	}
	d := b.blob(oci.OCIManifest, string(manifest))
	if ref != "" {
		d.Annotations = map[string]string{refName: ref}
	}
	b.manifests = append(b.manifests, d)
	return d
}

func (b *layoutBuilder) index(t testing.TB) string {
	t.Helper()
	index, err := json.Marshal(map[string]any{"schemaVersion": 2, "manifests": b.manifests})
	if err != nil {
		t.Fatal(err)
	}
	return string(index)
}

func (b *layoutBuilder) pieces(t testing.TB) []piece {
	t.Helper()
	list := []piece{{name: "blobs/", kind: tar.TypeDir}, {name: indexFile, content: b.index(t)}}
	for name, content := range b.blobs {
		list = append(list, piece{name: "./" + name, content: content})
	}
	return list
}

func (b *layoutBuilder) folder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range b.blobs {
		path := filepath.Join(dir, name)
		os.MkdirAll(filepath.Dir(path), 0o755)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, indexFile), []byte(b.index(t)), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func open(t testing.TB, path string) (*Archive, error) {
	t.Helper()
	a, err := Open(t.Context(), path, Options{Temp: t.TempDir(), MaxSize: 8 << 20})
	if err == nil {
		t.Cleanup(func() { a.Close() })
	}
	return a, err
}

// readAll opens an archive and reads the image and the layers in it.
func readAll(t testing.TB, path, reference string) (*oci.Image, []string, error) {
	t.Helper()
	a, err := open(t, path)
	if err != nil {
		return nil, nil, err
	}
	top, names, err := a.Top(t.Context(), reference)
	if err != nil {
		return nil, nil, err
	}
	img, err := oci.Read(t.Context(), a, top, oci.Platform{OS: "linux", Architecture: "amd64"})
	if err != nil {
		return nil, nil, err
	}
	for _, l := range img.Layers {
		if err := readLayer(t, a, l); err != nil {
			return nil, nil, err
		}
	}
	return img, names, nil
}

// oneLine fails on an error that isn't one clean line.
func oneLine(t testing.TB, name string, err error) {
	t.Helper()
	if strings.ContainsFunc(err.Error(), func(c rune) bool { return c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0 }) {
		t.Errorf("%s: not one clean line: %q", name, err)
	}
}
