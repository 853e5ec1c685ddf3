package registrytest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// PushLayout copies the image "latest" of an OCI layout folder into the
// registry as it is, without skopeo: that takes half a second for each.
func (r *Registry) PushLayout(tb testing.TB, dir, name string) {
	tb.Helper()
	repo, tag, tagged := strings.Cut(name, ":")
	if !tagged {
		tag = "latest"
	}
	var index document
	read(tb, filepath.Join(dir, "index.json"), &index)
	r.pushDocument(tb, dir, repo, tag, index.Manifests[0])
}

// document is what a manifest or an index points at.
type document struct {
	Manifests []Descriptor `json:"manifests"`
	Config    *Descriptor  `json:"config"`
	Layers    []Descriptor `json:"layers"`
}

// pushDocument pushes what a document points at, and then itself.
func (r *Registry) pushDocument(tb testing.TB, dir, repo, tag string, d Descriptor) {
	tb.Helper()
	var doc document
	text := read(tb, blobFile(dir, d), &doc)
	for _, child := range doc.Manifests {
		r.pushDocument(tb, dir, repo, child.Digest, child)
	}
	if doc.Config != nil {
		for _, blob := range append(doc.Layers, *doc.Config) {
			r.PushBlob(tb, repo, read(tb, blobFile(dir, blob), nil))
		}
	}
	r.PushManifest(tb, repo, tag, d.MediaType, text)
}

func blobFile(dir string, d Descriptor) string {
	return filepath.Join(dir, "blobs", "sha256", strings.TrimPrefix(d.Digest, "sha256:"))
}

func read(tb testing.TB, file string, into any) []byte {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err == nil && into != nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return text
}
