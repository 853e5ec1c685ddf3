package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestUmociMakesTheSameOfLayers has umoci unpack an image of layers with all that
// is odd and allowed, and compares its root with what the kernel shows of ours.
func TestUmociMakesTheSameOfLayers(t *testing.T) {
	t.Parallel()
	needRoot(t)
	if _, err := exec.LookPath("umoci"); err != nil {
		t.Skip("NOT TESTED: there is no umoci")
	}
	layers := [][]byte{
		build(t, `
dir ./ mode=0755
dir etc mode=0755
file etc/passwd root:x:0:0
file etc/gone x
dir usr mode=0755
dir usr/bin mode=0755
file usr/bin/sh shell mode=0755
hardlink usr/bin/bash usr/bin/sh
symlink bin usr/bin
dir var mode=0755
dir var/cache mode=0700 uid=3
file var/cache/old x
dir opaque mode=0711
file opaque/old x
dir opaque/deep mode=0755
file opaque/deep/old x
dir tmp mode=01777
dir becomes-file mode=0755
file becomes-file/in x
file becomes-folder x
`),
		build(t, `
dir etc mode=0755
file etc/.wh.gone
file etc/added y
file usr/bin/sh "another shell" mode=04755
dir opaque mode=0755
file opaque/.wh..wh..opq
file opaque/new y
file becomes-file y
dir becomes-folder mode=0700
file becomes-folder/in y
file twice first
file twice second mode=0600
dir run mode=0755
file tmp/x y
symlink dangling /nowhere
`),
		build(t, `
file var/.wh.cache
file .wh.usr
dir usr mode=0755
file usr/only z
file opaque/newer z
file etc/.wh.never-was
`),
	}
	s := open(t)
	img, _ := fetched(t, s, layers...)
	dirs, err := s.Layers(img)
	if err != nil {
		t.Fatal(err)
	}
	merged := t.TempDir()
	if err := unix.Mount("overlay", merged, "overlay", unix.MS_RDONLY, "lowerdir="+strings.Join(dirs, ":")); err != nil {
		t.Skipf("NOT TESTED: no overlay can be mounted: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(merged, unix.MNT_DETACH) })
	want := filepath.Join(t.TempDir(), "bundle")
	layout := ociLayout(t, layers)
	if out, err := exec.CommandContext(context.Background(), "umoci", "raw", "unpack", "--image", layout+":latest", want).CombinedOutput(); err != nil {
		t.Fatalf("umoci: %v\n%s", err, out)
	}
	if got, want := tree(t, merged), tree(t, want); got != want {
		t.Errorf("\n got %s\n\numoci has %s", got, want)
	}
}

// ociLayout is an image of plain layers.
func ociLayout(t *testing.T, layers [][]byte) string {
	t.Helper()
	dir := t.TempDir()
	type descriptor struct {
		MediaType   string            `json:"mediaType"`
		Digest      string            `json:"digest"`
		Size        int               `json:"size"`
		Annotations map[string]string `json:"annotations,omitempty"`
	}
	blob := func(mediaType string, data []byte) descriptor {
		sum := sha256.Sum256(data)
		name := filepath.Join(dir, "blobs/sha256", hex.EncodeToString(sum[:]))
		os.MkdirAll(filepath.Dir(name), 0o755)
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return descriptor{MediaType: mediaType, Digest: diffID(data), Size: len(data)}
	}
	encode := func(v any) []byte {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	var blobs []descriptor
	var diffIDs []string
	for _, layer := range layers {
		blobs = append(blobs, blob("application/vnd.oci.image.layer.v1.tar", bytes.Clone(layer)))
		diffIDs = append(diffIDs, diffID(layer))
	}
	config := blob("application/vnd.oci.image.config.v1+json", encode(map[string]any{
		"architecture": "amd64", "os": "linux", "rootfs": map[string]any{"type": "layers", "diff_ids": diffIDs},
	}))
	manifest := blob("application/vnd.oci.image.manifest.v1+json", encode(map[string]any{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": blobs,
	}))
	manifest.Annotations = map[string]string{"org.opencontainers.image.ref.name": "latest"}
	for name, content := range map[string][]byte{
		"oci-layout": []byte(`{"imageLayoutVersion":"1.0.0"}`),
		"index.json": encode(map[string]any{"schemaVersion": 2, "manifests": []descriptor{manifest}}),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
