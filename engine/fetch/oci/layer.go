package oci

import (
	"errors"
	"fmt"
	"strings"
)

// Media types of layers, without what says how they are compressed.
const (
	DockerLayer = "application/vnd.docker.image.rootfs.diff.tar"
	OCILayer    = "application/vnd.oci.image.layer.v1.tar"

	dockerForeign = "application/vnd.docker.image.rootfs.foreign.diff.tar"
	ociForeign    = "application/vnd.oci.image.layer.nondistributable.v1.tar"
)

// layers puts the manifest's layers and the config's diff IDs together.
func layers(list []Descriptor, diffIDs []Digest) ([]Layer, error) {
	if len(list) != len(diffIDs) {
		return nil, fmt.Errorf("has %d layers, its config has %d diff IDs", len(list), len(diffIDs))
	}
	out := make([]Layer, len(list))
	known := make(map[Digest]Digest)
	for i, d := range list {
		if before, again := known[d.Digest]; again && before != diffIDs[i] {
			return nil, fmt.Errorf("layer %s has two diff IDs, %s and %s", d.Digest, before, diffIDs[i])
		}
		known[d.Digest] = diffIDs[i]
		compression, err := compressionOf(d.MediaType)
		if err != nil {
			return nil, fmt.Errorf("layer %s: %w", d.Digest, err)
		}
		out[i] = Layer{Descriptor: d, DiffID: diffIDs[i], Compression: compression}
	}
	return out, nil
}

// compressionOf is what a layer's media type says of its compression. A foreign
// layer lies where its URLs say and not where the image does: that is refused,
// since a manifest would send podtui anywhere.
func compressionOf(t string) (string, error) {
	t = mediaType(t)
	for _, foreign := range []string{dockerForeign, ociForeign} {
		if strings.HasPrefix(t, foreign) {
			return "", fmt.Errorf("is a foreign layer (%s), which is not in the image and not fetched from elsewhere", show(t))
		}
	}
	for _, base := range []string{DockerLayer, OCILayer} {
		if rest, ok := strings.CutPrefix(t, base); ok {
			switch rest {
			case "":
				return "", nil
			case "+gzip", ".gzip":
				return "gzip", nil
			case "+zstd", ".zstd":
				return "zstd", nil
			}
		}
	}
	if t == "" {
		return "", errors.New("has no media type")
	}
	return "", fmt.Errorf("has the media type %s, which is no layer that podtui knows", show(t))
}
