package registrytest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// WriteLayout writes an OCI layout folder whose tag "latest" is top. The folder
// must not exist.
func WriteLayout(dir string, blobs Blobs, top Descriptor) error {
	folder := filepath.Join(dir, "blobs", "sha256")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for digest, blob := range blobs {
		if err := os.WriteFile(filepath.Join(folder, strings.TrimPrefix(digest, "sha256:")), blob, 0o644); err != nil {
			return err
		}
	}
	top.Annotations = map[string]string{"org.opencontainers.image.ref.name": "latest"}
	index, err := json.Marshal(map[string]any{"schemaVersion": 2, "manifests": []Descriptor{top}})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "index.json"), index, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644)
}

// layout returns the folder of a layout that make fills, of which at least
// "latest" is in it. It is kept below .cache, where later test runs and other
// test processes find it; key is all that its content depends on.
func layout(tb testing.TB, name, key string, make func(dir string) error) string {
	tb.Helper()
	cache, err := cacheDir()
	if err != nil {
		tb.Fatal(err)
	}
	dir := filepath.Join(cache, fmt.Sprintf("%s-%.12s.layout", name, strings.TrimPrefix(Digest([]byte(key)), "sha256:")))
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	// Other test processes may be at the same layout. Each fills a folder of its
	// own; whose rename comes second finds the same content there.
	part, err := os.MkdirTemp(cache, name+".part-")
	if err != nil {
		tb.Fatal(err)
	}
	defer os.RemoveAll(part)
	if err := make(filepath.Join(part, "layout")); err != nil {
		tb.Fatalf("image %s: %v", name, err)
	}
	if err := os.Rename(filepath.Join(part, "layout"), dir); err != nil && !os.IsExist(err) {
		tb.Fatal(err)
	}
	return dir
}

// cacheDir is where built images are kept: in the tree, so that "make clean"
// takes them along, or wherever temporary files go if the tree can't be written.
func cacheDir() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			cache := filepath.Join(dir, ".cache", "images")
			if os.MkdirAll(cache, 0o755) == nil {
				return cache, nil
			}
		}
	}
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("podtui-images-%d", os.Getuid()))
	return dir, os.MkdirAll(dir, 0o700)
}
