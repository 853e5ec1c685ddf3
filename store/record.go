package store

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/appc/spec/schema"

	"github.com/podtui/podtui/store/imagefile"
)

// record is what the store keeps of an image beside its manifest.
// Both are in one file (store/imagefile). When the image was used last is the file's time of modification: setting it
// costs one system call, and losing it costs nothing.
type record struct {
	ID       string    `json:"id"`
	Size     int64     `json:"size"`
	Imported time.Time `json:"imported"`
	Layers   []string  `json:"layers"` // uppermost first
	standing

	// Since format 2.
	Kind         string   `json:"kind,omitempty"`
	Dependencies []string `json:"dependencies,omitempty"` // image IDs, in the manifest's order
	DiffIDs      []string `json:"diffIDs,omitempty"`      // of a registry image's layers, lowest first
	Origin       string   `json:"origin,omitempty"`
}

// all are the layers that must stay: the stack, and of an ACI its own, which may
// not be in it, since that is what can be exported.
func (r record) all() []string {
	if r.Kind == KindRegistry || slices.Contains(r.Layers, r.ID) {
		return slices.Clone(r.Layers)
	}
	return append([]string{r.ID}, r.Layers...)
}

// encodeRecord makes the content of an image's file.
func encodeRecord(r record, manifest []byte) ([]byte, error) {
	line, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return imagefile.Encode(line, manifest), nil
}

// decodeRecord takes the content of an image's file apart. The error says what
// is wrong with it.
func decodeRecord(file []byte) (r record, manifest []byte, err error) {
	line, manifest, err := imagefile.Decode(file)
	if err == nil && json.Unmarshal(line, &r) != nil {
		err = errors.New("its record can't be read")
	}
	return r, manifest, err
}

// load reads an image's file. A whole image ID is expected.
func (s *Store) load(id string) (r record, manifest []byte, used time.Time, err error) {
	f, err := os.Open(s.path(imagesDir, id))
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil, used, &NotFoundError{Image: id}
	}
	if err != nil {
		return r, nil, used, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return r, nil, used, err
	}
	file := make([]byte, info.Size())
	if _, err := io.ReadFull(f, file); err != nil {
		return r, nil, used, &DamagedError{ID: id, What: "its record is cut off"}
	}
	r, manifest, err = decodeRecord(file)
	if err == nil && r.ID != id {
		err = errors.New("its record belongs to another image")
	}
	if err != nil {
		return r, nil, used, &DamagedError{ID: id, What: err.Error()}
	}
	return r, manifest, info.ModTime(), nil
}

// image makes what callers see.
func (r record) image(m *schema.ImageManifest, used time.Time) Image {
	return Image{
		ID: r.ID, Manifest: m, Size: r.Size, Imported: r.Imported, Used: used,
		Verified: r.Verified, Evidence: r.Evidence, Insecure: r.Insecure,
		Kind: cmp.Or(r.Kind, KindACI), Origin: r.Origin,
		Dependencies: r.Dependencies, DiffIDs: r.DiffIDs, layers: r.Layers,
	}
}
