package archive

import (
	"encoding/json"
	"strings"

	"github.com/podtui/podtui/engine/fetch/oci"
)

// Files of an OCI layout.
const (
	layoutFile = "oci-layout"
	indexFile  = "index.json"
	blobsDir   = "blobs"
)

// Annotations of an index that name its images.
const (
	refName        = "org.opencontainers.image.ref.name"
	containerdName = "io.containerd.image.name" // whole, where ref.name is only the tag
)

// checkLayout reads the version of the layout.
func (a *Archive) checkLayout() error {
	raw, err := readDocument(a.tree, layoutFile)
	if err != nil {
		return err
	}
	var l struct {
		Version string `json:"imageLayoutVersion"`
	}
	if json.Unmarshal(raw, &l) != nil || !strings.HasPrefix(l.Version, "1.") {
		return refuse("%s is not of version 1: %s", layoutFile, show(string(raw)))
	}
	return nil
}

// layoutImages are the images that index.json names. The same one under two
// names is one.
func (a *Archive) layoutImages() ([]image, error) {
	raw, err := readDocument(a.tree, indexFile)
	if err != nil {
		return nil, err
	}
	list, err := oci.Manifests(oci.Document{MediaType: oci.OCIIndex, Digest: oci.DigestOf(raw), Raw: raw})
	if err != nil {
		return nil, refuse("%s: %v", indexFile, err)
	}
	var images []image
	at := make(map[oci.Digest]int)
	for _, d := range list {
		if !d.IsImage() {
			continue
		}
		i, again := at[d.Digest]
		if !again {
			i = len(images)
			at[d.Digest] = i
			images = append(images, image{descriptor: d})
		}
		images[i].name(d.Annotations[containerdName], d.Annotations[refName])
	}
	return images, nil
}

// blobPath is where a layout has what a valid digest names.
func blobPath(d oci.Digest) string {
	return blobsDir + "/" + d.Algorithm() + "/" + d.Hex()
}
