package registrytest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/klauspost/compress/zstd"
)

// Media types of OCI.
const (
	TypeManifest = "application/vnd.oci.image.manifest.v1+json"
	TypeIndex    = "application/vnd.oci.image.index.v1+json"
	TypeConfig   = "application/vnd.oci.image.config.v1+json"
	TypeLayer    = "application/vnd.oci.image.layer.v1.tar"
)

// Media types of Docker.
const (
	TypeDockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	TypeDockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
)

// epoch is the time of all that is made here, so that bytes don't change.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Entry is one of a layer's tar. A name that ends in "/" is a folder.
type Entry struct {
	Name     string
	Body     string
	Mode     int64 // 0: 0755 for folders and 0644 for files
	UID, GID int
	Symlink  string
	Hardlink string
}

// Image is what an OCI image is made of.
type Image struct {
	Arch, Variant string // "" is the host's
	Layers        [][]Entry
	Compression   string         // of the layers: "gzip" (which "" means), "zstd" or "none"
	Config        map[string]any // of the config: Entrypoint, Cmd, Env …
}

// Descriptor points at a blob.
type Descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	Platform    map[string]string `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Blobs are blobs by their digest.
type Blobs map[string][]byte

// Add adds a blob and describes it.
func (b Blobs) Add(mediaType string, blob []byte) Descriptor {
	d := Descriptor{MediaType: mediaType, Digest: Digest(blob), Size: int64(len(blob))}
	b[d.Digest] = blob
	return d
}

// AddJSON adds a document.
func (b Blobs) AddJSON(mediaType string, document any) (Descriptor, error) {
	text, err := json.Marshal(document)
	return b.Add(mediaType, text), err
}

// AddImage adds all of an image, and describes its manifest.
func (b Blobs) AddImage(img Image) (Descriptor, error) {
	arch := img.Arch
	if arch == "" {
		arch = runtime.GOARCH
	}
	var layers []Descriptor
	var diffIDs []string
	for _, entries := range img.Layers {
		layer, diffID, err := b.addLayer(entries, img.Compression)
		if err != nil {
			return Descriptor{}, err
		}
		layers, diffIDs = append(layers, layer), append(diffIDs, diffID)
	}
	config := map[string]any{
		"created": epoch, "architecture": arch, "os": "linux", "config": img.Config,
		"rootfs": map[string]any{"type": "layers", "diff_ids": diffIDs},
	}
	platform := map[string]string{"os": "linux", "architecture": arch}
	if img.Variant != "" {
		config["variant"], platform["variant"] = img.Variant, img.Variant
	}
	about, err := b.AddJSON(TypeConfig, config)
	if err != nil {
		return Descriptor{}, err
	}
	manifest, err := b.AddJSON(TypeManifest, map[string]any{
		"schemaVersion": 2, "mediaType": TypeManifest, "config": about, "layers": layers,
	})
	manifest.Platform = platform
	return manifest, err
}

func (b Blobs) addLayer(entries []Entry, compression string) (d Descriptor, diffID string, err error) {
	var packed bytes.Buffer
	sum := sha256.New()
	mediaType, w, err := compress(&packed, compression)
	if err == nil {
		err = writeTar(io.MultiWriter(w, sum), entries)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Add(mediaType, packed.Bytes()), "sha256:" + hex.EncodeToString(sum.Sum(nil)), err
}

func compress(w io.Writer, compression string) (mediaType string, c io.WriteCloser, err error) {
	switch compression {
	case "", "gzip":
		return TypeLayer + "+gzip", gzip.NewWriter(w), nil
	case "zstd":
		c, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
		return TypeLayer + "+zstd", c, err
	case "none":
		return TypeLayer, plain{w}, nil
	}
	return "", nil, fmt.Errorf("no compression %q", compression)
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }

func writeTar(w io.Writer, entries []Entry) error {
	t := tar.NewWriter(w)
	for _, e := range entries {
		h := tar.Header{
			Name: e.Name, Mode: e.Mode, Uid: e.UID, Gid: e.GID, ModTime: epoch,
			Typeflag: tar.TypeReg, Size: int64(len(e.Body)), Linkname: e.Symlink + e.Hardlink,
		}
		switch {
		case e.Name[len(e.Name)-1] == '/':
			h.Typeflag = tar.TypeDir
		case e.Symlink != "":
			h.Typeflag = tar.TypeSymlink
		case e.Hardlink != "":
			h.Typeflag = tar.TypeLink
		}
		if e.Mode == 0 {
			h.Mode = map[byte]int64{tar.TypeReg: 0o644, tar.TypeDir: 0o755, tar.TypeSymlink: 0o777, tar.TypeLink: 0o644}[h.Typeflag]
		}
		if err := t.WriteHeader(&h); err != nil {
			return err
		}
		if _, err := io.WriteString(t, e.Body); err != nil {
			return err
		}
	}
	return t.Close()
}
